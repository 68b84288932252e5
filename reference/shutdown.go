package tp

import (
	"context"
	"errors"
	"fmt"
)

var errForced = errors.New("the time for a graceful end was over")

// ShutdownError says that a peer could not be closed gracefully in time, and
// was closed all the same.
type ShutdownError struct {
	Sessions int   // that were not over when the time was
	Err      error // why the time was over: the context's cause
}

func (e *ShutdownError) Error() string {
	return fmt.Sprintf("teleport: shutdown: %d sessions were ended by force: %s", e.Sessions, e.Err)
}

// Unwrap returns why the time was over.
func (e *ShutdownError) Unwrap() error { return e.Err }

// Shutdown is Close with a bound: it closes the listeners and, gracefully and
// at the same time, all sessions; where they are not over when ctx is, it
// closes their connections. Then the contexts of running handlers end, calls
// end with 102, and Shutdown returns a *ShutdownError without waiting for
// handlers that go on regardless. It may be called while Close waits, and more
// than once; inside a handler or a hook it only begins.
func (p *Peer) Shutdown(ctx context.Context) error {
	err := p.beginClose()
	if onEngineGoroutine() {
		if ctx.Done() != nil {
			context.AfterFunc(ctx, func() { p.force(ctx) })
		}
		return err
	}
	for _, s := range p.allSessions() {
		select {
		case <-s.done.wait():
		case <-ctx.Done():
			return p.force(ctx)
		}
	}
	p.rest()
	return err
}

// force ends what is left, and waits for nothing.
func (p *Peer) force(ctx context.Context) error {
	left := p.allSessions()
	if len(left) == 0 {
		return nil
	}
	for _, s := range left {
		s.mu.Lock()
		abort, links := s.abort, s.links
		s.mu.Unlock()
		if abort != nil {
			abort()
		}
		for _, l := range links {
			l.end(errForced)
		}
	}
	return &ShutdownError{Sessions: len(left), Err: context.Cause(ctx)}
}
