package socket

import (
	"context"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// patience is what a write does where there is no room, and about the flush.
type patience uint8

const (
	waitForRoom patience = iota // waits, and flushes where that does not block
	neverWait                   // the reader's: another bound, and a goroutine flushes
	holdBack                    // no waiting and no flush
)

// patienceOf is that of a plain Proto's packet, which cannot be held back.
func patienceOf(try bool) patience {
	if try {
		return neverWait
	}
	return waitForRoom
}

// write encodes p and has it accepted.
//
// req: TP-FRAME-014, TP-FRAME-016
func (c *Conn) write(ctx context.Context, p *packet.Packet, how patience) (Ticket, error) {
	if c.env != nil {
		p.SetEnv(c.env)
	}
	if c.framer == nil {
		return c.plain.write(ctx, p, how != waitForRoom)
	}
	f := bufpool.Get(max(int(c.hint.Load()), bytesOf(p.Body())))
	b, err := c.framer.AppendFrame(f.B, p)
	if err != nil {
		bufpool.Put(f)
		return Ticket{}, err
	}
	f.B = b
	if err := c.w.messageFits(len(b)); err != nil {
		bufpool.Put(f)
		return Ticket{}, err
	}
	c.noteSize(len(b))
	return c.w.enqueue(ctx, f, how)
}

// bytesOf is about what a frame takes whose body is bytes as they are, 0 for any
// other body.
func bytesOf(body any) int {
	n := 0
	switch b := body.(type) {
	case []byte:
		n = len(b)
	case packet.RawBody:
		n = len(b)
	case *packet.RawBody:
		if b != nil {
			n = len(*b)
		}
	}
	if n <= tailMax {
		return 0 // the hint is good enough
	}
	return n + bodyRoom
}

// bodyRoom is what is left for the frame around a large body, bytes.
const bodyRoom = 1 << 10

// noteSize keeps the size of buffer that the next frame is likely to fill.
func (c *Conn) noteSize(n int) {
	n = min(n, tailMax)
	switch hint := int(c.hint.Load()); {
	case n > hint:
		c.hint.Store(int32(n))
	case n < hint/2:
		c.hint.Store(int32(hint - hint/8))
	}
}

// enqueue accepts the frame f, which becomes the writer's, or gives it back to
// the pool.
//
// req: TP-LIM-008
func (w *writer) enqueue(ctx context.Context, f *bufpool.Buffer, how patience) (Ticket, error) {
	n, try := len(f.B), how == neverWait
	w.mu.Lock()
	switch {
	case w.err != nil || w.sealed:
		err := w.refusalLocked()
		w.mu.Unlock()
		bufpool.Put(f)
		return Ticket{}, err
	case n == 0: // a Proto for which this packet is no bytes at all
		w.mu.Unlock()
		bufpool.Put(f)
		return Ticket{}, nil
	case try && !w.fitsLocked(n, true):
		w.mu.Unlock()
		bufpool.Put(f)
		return Ticket{}, ErrQueueFull
	case !try && (len(w.has().waiters) > 0 || !w.fitsLocked(n, false)):
		if how == holdBack {
			w.mu.Unlock()
			bufpool.Put(f)
			return Ticket{}, ErrQueueFull
		}
		return w.waitRoom(ctx, &roomWaiter{frame: f, need: n})
	}
	t := w.putLocked(f, try)
	if how == holdBack && w.accepted-w.flushed < tailMax {
		w.mu.Unlock()
		return t, nil
	}
	if w.active {
		w.mu.Unlock()
		return t, nil
	}
	return t, w.startLocked(t.end, w.mayInline(ctx, how))
}

// release flushes what is in the queue, unless somebody is at it. What would
// block is left to a goroutine.
func (w *writer) release() {
	w.mu.Lock()
	if w.active || w.err != nil || len(w.queue) == 0 {
		w.mu.Unlock()
		return
	}
	w.active = true
	if w.try == nil {
		w.mu.Unlock()
		w.spawn()
		return
	}
	w.flushLocked(0, true, false)
}

// mayInline tells whether the caller may flush itself. Where a write may block,
// that is only a caller that has no other end to its patience.
func (w *writer) mayInline(ctx context.Context, how patience) bool {
	return how != neverWait && w.try != nil || how == waitForRoom && ctx.Done() == nil
}

// startLocked has the queue flushed, which nobody is at. It releases the lock,
// and returns the error that ended writing if it hit the caller's frame, which
// ends at end.
func (w *writer) startLocked(end uint64, inline bool) error {
	w.active = true
	switch {
	case !inline:
		w.mu.Unlock()
		w.spawn()
		return nil
	case w.fl.hot > 0:
		w.mu.Unlock()
		return w.flush(end, true, true)
	}
	return w.flushLocked(end, true, true)
}
