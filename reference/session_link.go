package tp

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/henrylee2cn/teleport/reference/socket"
)

// redialWait is how long a call waits for a link while the session redials.
const redialWait = 30 * time.Second

var (
	errKicked       = errors.New("another session took its id")
	errRedialFailed = errors.New("the connection broke and redialing failed")
)

// acquire returns the link for a new call. While the session redials it waits,
// as long as ctx lasts.
//
// req: TP-SESS-026, TP-DEAD-004
func (s *session) acquire(ctx context.Context) (*link, *Rerror) {
	if l := s.cur.Load(); l != nil {
		return l, nil
	}
	return s.acquireLater(ctx)
}

// acquireLater is acquire where there is no link at the moment.
func (s *session) acquireLater(ctx context.Context) (*link, *Rerror) {
	var timeout <-chan time.Time
	for {
		s.mu.Lock()
		if s.changed == nil {
			s.changed = make(chan struct{})
		}
		l, status, changed, cause := s.cur.Load(), s.status, s.changed, s.cause
		s.mu.Unlock()
		if l != nil {
			return l, nil
		}
		if status != statusOK {
			return nil, newCodeRerror(CodeConnClosed, causeText(cause))
		}
		if timeout == nil {
			t := time.NewTimer(redialWait)
			defer t.Stop()
			timeout = t.C
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, rerrorOfContext(ctx)
		case <-timeout:
			return nil, newCodeRerror(CodeConnClosed, "the session is being redialed, for longer than "+redialWait.String())
		}
	}
}

func causeText(err error) string {
	if err == nil {
		return socket.ErrConnClosed.Error()
	}
	return err.Error()
}

// wakeLocked wakes who waits in acquire.
func (s *session) wakeLocked() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
}

// up makes l the link for new calls; false when the session, or l itself, has
// ended meanwhile: a dead link would never be taken away again.
func (s *session) up(l *link) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status != statusOK || l.ending.Load() {
		return false
	}
	s.cur.Store(l)
	s.wakeLocked()
	return true
}

// addLink notes a link, current or not yet, and forgets those that are done.
// Only the goroutine that makes the session's links calls it.
func (s *session) addLink(l *link) {
	s.mu.Lock()
	old := s.links
	s.mu.Unlock()
	live := make([]*link, 0, 1)
	var lost lostPushes
	for _, o := range old {
		if o.isDone() {
			lost.add(o)
		} else {
			live = append(live, o)
		}
	}
	live = append(live, l)
	s.mu.Lock()
	s.links = live
	if lost.frames > 0 {
		s.keepLocked().unsent.join(lost)
	}
	s.mu.Unlock()
}

// down takes l away from new calls. again says that the session will redial.
func (s *session) down(l *link, cause error) (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.cur.CompareAndSwap(l, nil) {
		// The reader and a failed write may find the same end, and share the calls: each says the same of them.
		return l.again && s.status == statusOK
	}
	if s.status == statusOK {
		l.lost = &cause
	}
	if s.status == statusOK && s.redial == nil {
		s.status = statusClosing
		s.cause = cause
		s.wakeLocked()
	}
	l.again = s.status == statusOK
	return l.again
}

// keep notes a call that was not sent, for the next link; false when there
// will be none.
func (s *session) keep(cmd *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status != statusOK {
		return false
	}
	cmd.lent.Store(true) // sendKept may look at it when it has ended
	k := s.keepLocked()
	k.calls = append(k.calls, cmd)
	return true
}

// unkeep takes a kept call back; false when it is not there (any more).
func (s *session) unkeep(cmd *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.keptLocked().calls, cmd)
	if i < 0 {
		return false
	}
	s.kept.calls = slices.Delete(s.kept.calls, i, i+1)
	return true
}

func (s *session) takeKept() []*call {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		return nil
	}
	kept := s.kept.calls
	s.kept.calls = nil
	return kept
}
