package suite

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// DefaultConnectTimeout is how long a connection to a peer may take to come about.
const DefaultConnectTimeout = 10 * time.Second

// mostRefusals is how many cases in a row may fail for want of a connection; the rest is not tried then, so
// that a peer that is gone does not cost a time-out a case.
const mostRefusals = 3

// reach remembers whether the peer can still be reached.
type reach struct {
	mu       sync.Mutex // guards what follows; cases that were given up may still be running
	reached  bool       // once at least
	refusals int        // in a row
	last     error
}

// GoneError says that a peer could not be reached several times in a row and was not tried again.
type GoneError struct {
	// Times is how often it was tried; Last is the error of the last attempt.
	Times int
	Last  error
}

// Error implements error.
func (e *GoneError) Error() string {
	return fmt.Sprintf("not tried: the last %d connections did not come about, so the peer is taken to be gone (%v)", e.Times, e.Last)
}

// Unwrap gives the error of the last attempt.
func (e *GoneError) Unwrap() error { return e.Last }

// connect gives a connection to the peer, within its time.
func (tg *Target) connect(ctx context.Context) (net.Conn, error) {
	r := &tg.reach
	r.mu.Lock()
	refusals, last, first := r.refusals, r.last, !r.reached
	r.mu.Unlock()
	if refusals >= mostRefusals {
		return nil, &GoneError{Times: refusals, Last: last}
	}
	limit := tg.ConnectTimeout
	if limit <= 0 {
		limit = DefaultConnectTimeout
	}
	if first && tg.FirstTimeout > 0 {
		limit = tg.FirstTimeout
	}
	attempt, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := tg.Dial(attempt)
	if err != nil {
		err = fmt.Errorf("no connection to the peer: %w", err)
		if attempt.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w (the time limit for connecting is %v)", err, limit)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last = err; err == nil {
		r.refusals, r.reached = 0, true
	} else {
		r.refusals++
	}
	return conn, err
}

// silence gives how long a case waits for the next byte.
func (tg *Target) silence(ctx context.Context) time.Duration {
	if tg.SilenceTimeout > 0 {
		return tg.SilenceTimeout
	}
	until, ok := ctx.Deadline()
	if !ok {
		return time.Hour // nobody has set a limit
	}
	wait := time.Until(until) / 2
	if wait > time.Second/2 { // reports and lists of known failures quote it: the same in every run
		wait = wait.Round(100 * time.Millisecond)
	}
	return wait
}
