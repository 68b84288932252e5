package tp

import (
	"context"
	"errors"
	"io"
	"runtime"
	"time"

	"github.com/henrylee2cn/teleport/reference/socket"
)

var errClosedHere = errors.New("the session was closed on this side")

// Close begins the graceful end and waits for it, but not inside the engine's
// own goroutines: a handler cannot wait for itself.
func (s *session) Close() error {
	s.beginClose(errClosedHere)
	if !onEngineGoroutine() {
		<-s.done.wait()
	}
	return nil
}

// beginClose refuses new calls and starts the draining. It does not wait.
func (s *session) beginClose(cause error) {
	s.mu.Lock()
	s.stop.fire()
	if s.status != statusOK {
		s.mu.Unlock()
		return
	}
	s.status, s.cause = statusClosing, cause
	l := s.cur.Swap(nil)
	s.wakeLocked()
	abort := s.abort
	s.mu.Unlock()
	if abort != nil {
		abort()
	}
	if l != nil {
		s.startDrain(l, cause)
	}
}

// startDrain begins the orderly end of a link that takes no new calls.
func (s *session) startDrain(l *link, cause error) {
	l.draining.Store(true)
	l.ensureReader() // the other side's end is to be seen at once
	go s.drain(l, cause)
}

// drain waits for handlers and for own calls, then for what they wrote, and
// ends the link. Owner: the session; end: all of that, or the link's own end.
//
// req: TP-SESS-025
func (s *session) drain(l *link, cause error) {
	if l.leaving.Load() {
		l.leaveOrderly()
		return
	}
	ctx, cancel := s.flushContext()
	defer cancel()
	if s.announces() {
		l.announce(ctx)
	}
	timeout := ctx.Done()
	l.tasks.seal()
	handlers, calls := l.tasks.drained(), l.pending.drained()
	for handlers != nil || calls != nil {
		select {
		case <-handlers:
			handlers = nil
		case <-calls:
			calls = nil
		case <-timeout:
			timeout = nil
			for _, cmd := range l.pending.takeAll(false) {
				if !cmd.state.CompareAndSwap(launchWriting, launchOrphaned) {
					cmd.end(newCodeRerror(CodeConnClosed, "the session was closed and no reply came in time (CloseTimeout)"))
				}
			}
		case <-l.down.wait():
			return
		}
	}
	if ctx.Err() != nil {
		l.finish(cause) // the other side had its time
		return
	}
	l.closeOrderly(cause)
}

// after is time.After with a stop; a negative duration never comes.
func after(d time.Duration) (<-chan time.Time, func() bool) {
	if d < 0 {
		return nil, func() bool { return false }
	}
	t := time.NewTimer(d)
	return t.C, t.Stop
}

// start gives the session a goroutine that reads l, whose token the caller has.
func (s *session) start(l *link) { s.startFor(l, 0) }

// startFor is start for a link whose token is not held but offered; 0: it is held.
func (s *session) startFor(l *link, offer tokenState) { go s.run(l, offer) }

// run reads the session's links, one after the other, until the session ends, or
// the token is with another goroutine: that one goes on. Owner: the session; end:
// that, or Close, or a broken link that is not redialed. A link that the session
// has left for another one is read on a goroutine of its own. Whose token was
// offered only is read if that is still to be had.
func (s *session) run(l *link, offer tokenState) {
	if offer != 0 && !l.accept(offer) {
		return
	}
	s.peer.parking.expect(s.peer)
	r := reading{l: l, rest: l.rest}
	returned := false // not after runtime.Goexit
	defer func() {
		if !returned && !r.gone {
			s.exited(&r)
		}
	}()
	for r.l != nil {
		err := r.begin()
		for err == nil {
			var c *handlerCtx
			if c, err = r.read(); c != nil {
				err = r.runInline(c)
			}
		}
		r.ended(err)
		if r.gone || r.rest {
			returned = true
			return
		}
		s.tellLost(r.l)
		if r.l.left {
			r.l.rest = true
			s.start(r.l)
		}
		r.l = s.next(r.l)
	}
	returned = true
	s.over()
}

var errExited = errors.New("a hook or the decoding of a body ended the goroutine that reads")

// exited ends what the goroutine of run was reading, when user code has ended
// that goroutine: the session, or what is left of a link that it has left.
func (s *session) exited(r *reading) {
	if r.rest {
		r.l.end(errExited)
		return
	}
	s.mu.Lock()
	links := s.links
	if s.cause == nil {
		s.cause = errExited
	}
	s.mu.Unlock()
	for _, l := range links { // one that is just being dialed is among them
		l.end(errExited)
	}
	s.over()
}

// over ends the session, once: it is in nobody's way any more, its handlers
// are waited for, and PostDisconnect tells.
func (s *session) over() {
	s.mu.Lock()
	s.status = statusClosed
	s.cur.Store(nil)
	if s.cause == nil {
		s.cause = socket.ErrConnClosed
	}
	cause, links, id := s.cause, s.links, s.Id()
	s.wakeLocked()
	s.mu.Unlock()
	defer func() { // also when PostDisconnect ends this goroutine
		s.peer.forget(s)
		s.done.fire()
	}()
	for _, cmd := range s.takeKept() {
		cmd.end(newCodeRerror(CodeWriteFailed, "never sent: "+cause.Error()))
	}
	s.peer.hub.remove(s)
	for _, l := range links {
		<-l.down.wait()
		<-l.tasks.drained()
	}
	s.ended(id, cause)
}

// ended tells of the session's end: PostDisconnect and the log.
func (s *session) ended(id string, cause error) {
	guard("PostDisconnect", func() *Rerror { return s.peer.plugins.postDisconnect(s) })
	level := LevelDebug
	if !errors.Is(cause, io.EOF) && !errors.Is(cause, errClosedHere) && !errors.Is(cause, errOtherCloses) {
		level = LevelNotice
	}
	lost := s.unsentNow()
	logf(level, 0, "disconnect(%s) when reading: %s%s", logText(id), logText(cause.Error()), &lost)
	s.tell(SessionEvent{State: SessionClosed, Cause: cause})
}

// engineFuncs are the functions that run user code and that the end of a
// session waits for. Tests call Close from inside each.
var engineFuncs = map[string]bool{
	enginePackage + "(*session).run":        true,
	enginePackage + "(*session).drain":      true,
	enginePackage + "(*handlerCtx).serve":   true,
	enginePackage + "(*call).deliver":       true,
	enginePackage + "(*call).lead":          true,
	enginePackage + "(*call).conclude":      true,
	enginePackage + "(*Peer).serveAccepted": true,
	enginePackage + "(*Peer).begin":         true,
}

const enginePackage = "github.com/henrylee2cn/teleport/reference."

// onEngineGoroutine says whether user code that the engine called is calling
// back: it must not wait for what waits for it. Only Close asks, so the walk
// up the stack costs where it does not matter.
func onEngineGoroutine() bool {
	pcs := make([]uintptr, 64)
	for skip := 1; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs)
		frames := runtime.CallersFrames(pcs[:n])
		for {
			f, more := frames.Next()
			if engineFuncs[f.Function] {
				return true
			}
			if !more {
				break
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

// flushContext bounds a flush by the close timeout.
func (s *session) flushContext() (context.Context, context.CancelFunc) {
	if d := s.peer.cfg.CloseTimeout; d >= 0 {
		return context.WithTimeout(context.Background(), d)
	}
	return context.WithCancel(context.Background())
}
