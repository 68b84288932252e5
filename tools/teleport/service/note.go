package service

import (
	"strconv"
	"sync"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// noteCounts counts the PUSHes of each session and wakes those who wait for more.
type noteCounts struct {
	mu     sync.Mutex // guards what follows
	counts map[string]int
	more   chan struct{} // closed and made anew at each note
}

func (n *noteCounts) add(session string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.counts[session]++
	close(n.more)
	n.more = make(chan struct{})
}

func (n *noteCounts) of(session string) (count int, more <-chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counts[session], n.more
}

func (n *noteCounts) forget(session string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.counts, session)
}

// note counts a PUSH.
//
// req: TP-CONF-012
func (s *state) note(ctx tp.PushCtx, _ *[]byte) {
	s.notes.add(ctx.Session().Id())
}

// typed counts a PUSH whose body decodes.
//
// req: TP-CONF-023
func (s *state) typed(ctx tp.PushCtx, _ *[2]int) {
	s.notes.add(ctx.Session().Id())
}

// panic fails unexpectedly.
//
// req: TP-CONF-024
func (s *state) panic(tp.PushCtx, *[]byte) {
	panic("conformance service: asked to fail")
}

// Count answers how many notes the session has pushed, once there are as many as the query's min.
//
// req: TP-CONF-013
func (c *Conformance) Count(*[]byte) (int, *tp.Rerror) {
	want, err := strconv.Atoi(c.Query().Get("min"))
	if err != nil && c.Query().Get("min") != "" {
		return 0, tp.NewRerror(tp.CodeBadPacket, "Bad Packet", "min: expected an integer: "+err.Error())
	}
	c.SetBodyCodec('j')
	timer := time.NewTimer(countFor)
	defer timer.Stop()
	for {
		have, more := c.notes.of(c.Session().Id())
		if have >= want {
			return have, nil
		}
		select {
		case <-more:
		case <-timer.C:
			return have, nil
		}
	}
}

// sessionEnd forgets the notes of a session that has ended.
type sessionEnd struct{ notes *noteCounts }

// Name gives the plugin's name.
func (e *sessionEnd) Name() string { return "ConformanceService" }

// PostDisconnect runs when a session has ended.
func (e *sessionEnd) PostDisconnect(sess tp.PostSession) *tp.Rerror {
	e.notes.forget(sess.Id())
	return nil
}
