package socket

import (
	"context"
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
)

// roomWaiter is a writer that found the queue full. Whoever makes room accepts
// its frame in its place, so that frames keep the order in which they came and
// a large one is not overtaken for ever.
type roomWaiter struct {
	frame  *bufpool.Buffer // nil: room for a plain Proto to pack into
	need   int
	ticket Ticket
	in     bool          // accepted; guarded by writer.mu until ready is closed
	ready  chan struct{} // closed on acceptance and on failure
}

type flushWaiter struct {
	pos  uint64
	done chan struct{}
}

// admitLocked accepts what waits, as far as there is room.
func (w *writer) admitLocked() {
	r := w.rare
	for r != nil && len(r.waiters) > 0 && w.err == nil && w.fitsLocked(r.waiters[0].need, false) {
		x := r.waiters[0]
		r.waiters = slices.Delete(r.waiters, 0, 1)
		if x.frame != nil {
			x.ticket = w.putLocked(x.frame, false)
		} else {
			r.reserved += x.need
			r.packing++
		}
		x.in = true
		close(x.ready)
	}
}

// sendAwayLocked wakes those who wait for room, as there will be none.
func (w *writer) sendAwayLocked() {
	if w.rare == nil {
		return
	}
	for _, x := range w.rare.waiters {
		close(x.ready)
	}
	w.rare.waiters = nil
}

// waitRoom waits until x is accepted. It is called with mu held, by a writer
// that found no room, and returns without it.
func (w *writer) waitRoom(ctx context.Context, x *roomWaiter) (Ticket, error) {
	x.ready = make(chan struct{})
	r := w.more()
	r.waiters = append(r.waiters, x)
	held := w.accepted - w.flushed
	w.mu.Unlock()
	w.release() // what is held back makes no room by itself
	select {
	case <-x.ready:
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if x.in {
		return x.ticket, nil // acceptance won, though ctx may have ended too
	}
	if x.frame != nil {
		defer bufpool.Put(x.frame)
	}
	if err := w.refusalLocked(); err != nil {
		return Ticket{}, err
	}
	if i := slices.Index(r.waiters, x); i >= 0 {
		r.waiters = slices.Delete(r.waiters, i, i+1)
	}
	w.admitLocked() // a smaller one may have stood behind x
	return Ticket{}, fmt.Errorf("socket: no room to write %d bytes, %d bytes wait for the other side to read: %w",
		x.need, held, ctx.Err())
}

// wakeFlushersLocked wakes those whose position is flushed, or all after the end.
func (w *writer) wakeFlushersLocked() {
	if w.rare == nil {
		return
	}
	w.rare.flushers = slices.DeleteFunc(w.rare.flushers, func(x flushWaiter) bool {
		if x.pos > w.flushed && w.err == nil {
			return false
		}
		close(x.done)
		return true
	})
}

// waitFlushed waits until all that is accepted now is flushed.
func (w *writer) waitFlushed(ctx context.Context) error {
	w.release()
	w.mu.Lock()
	pos := w.accepted
	w.mu.Unlock()
	return w.waitPosition(ctx, pos)
}

// waitPosition waits until the stream up to pos is flushed.
func (w *writer) waitPosition(ctx context.Context, pos uint64) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.flushed < pos && w.err == nil {
		x := flushWaiter{pos, make(chan struct{})}
		r := w.more()
		r.flushers = append(r.flushers, x)
		w.mu.Unlock()
		select {
		case <-x.done:
		case <-ctx.Done():
		}
		w.mu.Lock()
		r.flushers = slices.DeleteFunc(r.flushers, func(y flushWaiter) bool { return y.done == x.done })
	}
	switch {
	case w.flushed >= pos:
		return nil
	case w.err != nil:
		return w.err
	}
	return fmt.Errorf("socket: not flushed, %d bytes wait for the other side to read: %w", pos-w.flushed, ctx.Err())
}
