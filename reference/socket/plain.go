package socket

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// plainBuffer is the size of a plain Proto's read buffer, bytes.
const plainBuffer = 4 << 10

// plainIO is the io.ReadWriter that a Proto is given. Its Write copies what it
// is given into the queue and returns: the Proto's buffer is only lent, and may
// be used again at once.
type plainIO struct {
	c   *Conn
	br  *bufio.Reader // made at the first Read: a Framer never reads
	got int           // bytes given to the Proto since Unpack began
	err error         // what the connection last failed with
}

func newPlainIO(c *Conn) *plainIO { return &plainIO{c: c} }

// Read gives buffered bytes, or waits for some.
func (x *plainIO) Read(b []byte) (int, error) {
	if x.br == nil {
		x.br = bufio.NewReaderSize(rawReader{x}, plainBuffer)
	}
	n, err := x.br.Read(b)
	x.got += n
	return n, err
}

// rawReader is what the bufio.Reader reads from.
type rawReader struct{ x *plainIO }

func (r rawReader) Read(b []byte) (n int, err error) {
	c := r.x.c
	begun := r.x.got > 0
	c.clock.start(begun)
	for again := true; again; {
		c.clock.arm(begun)
		n, err = c.nc.Read(b)
		again = n == 0 && c.clock.early(begun, err)
	}
	if err != nil {
		r.x.err = err
	}
	return n, err
}

// readPlain has the Proto read a packet.
//
// req: TP-FRAME-011, TP-FRAME-012, TP-FRAME-015
func (c *Conn) readPlain(p *packet.Packet) error {
	if c.rd.err != nil {
		return c.rd.err
	}
	x := c.plain
	x.got, x.err = 0, nil
	err := c.proto.Unpack(p)
	if err == nil || bodyOnly(err) {
		c.clock.done()
		return err
	}
	var typed *packet.Error
	switch {
	case x.err != nil && x.err != io.EOF && errors.Is(err, x.err):
		err = c.readError(x.err, x.got)
	case errors.As(err, &typed):
	case err == io.EOF && x.got == 0:
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		err = shortFrame(x.got)
	}
	c.rd.err = err
	return err
}

// write has the Proto pack p. What a plain Proto writes cannot be held back for
// want of room, so room is reserved before.
func (x *plainIO) write(ctx context.Context, p *packet.Packet, try bool) (Ticket, error) {
	w := &x.c.w
	w.mu.Lock()
	need := min(packReserve, w.max)
	switch {
	case w.err != nil:
		err := w.err
		w.mu.Unlock()
		return Ticket{}, err
	case try && !w.fitsLocked(need, true):
		w.mu.Unlock()
		return Ticket{}, ErrQueueFull
	case !try && (len(w.waiters) > 0 || !w.fitsLocked(need, false)):
		if _, err := w.waitRoom(ctx, &roomWaiter{need: need}); err != nil {
			return Ticket{}, err
		}
		w.mu.Lock()
	default:
		w.reserved += need
		w.packing++
	}
	start := w.accepted
	w.mu.Unlock()

	packed := false
	defer func() {
		if !packed { // the Proto panics: its reservation must not stay
			w.unreserve(need)
		}
	}()
	err := x.c.proto.Pack(p)
	packed = true
	return x.packed(ctx, start, need, try, err)
}

// packed accounts for what Pack has written and has it flushed.
func (x *plainIO) packed(ctx context.Context, start uint64, need int, try bool, err error) (Ticket, error) {
	w := &x.c.w
	w.mu.Lock()
	w.releaseLocked(need)
	t := Ticket{start, w.accepted}
	if t.start == t.end || packet.ClassOf(err) != "" {
		t = Ticket{} // Pack wrote nothing, whatever others wrote meanwhile
	}
	if failed := w.err; failed != nil {
		w.mu.Unlock()
		if err != nil && !errors.Is(err, failed) {
			return t, err
		}
		return t, failed
	}
	if try && len(w.queue) > 0 {
		w.tryQueued += int(t.end - t.start)
	}
	idle := !w.active && len(w.queue) > 0
	if idle {
		w.active = true
	}
	w.mu.Unlock()
	if idle {
		if ferr := w.start(t.end, w.mayInline(ctx, try)); err == nil {
			err = ferr
		}
	}
	return t, err
}

// unreserve is for a Pack that did not return; what it has written goes out.
func (w *writer) unreserve(need int) {
	w.mu.Lock()
	w.releaseLocked(need)
	idle := !w.active && len(w.queue) > 0
	w.active = w.active || idle
	w.mu.Unlock()
	if idle {
		w.spawn()
	}
}

func (w *writer) releaseLocked(need int) {
	w.reserved -= need
	w.packing--
	w.admitLocked()
}

// Write accepts b as one frame and copies it. It never waits; the room was
// reserved by the WritePacket that the Proto packs for.
func (x *plainIO) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	w := &x.c.w
	var own *bufpool.Buffer
	if len(b) > copyMax { // copied before the lock is taken
		own = copied(b)
	}
	w.mu.Lock()
	if w.err != nil {
		err := w.err
		w.mu.Unlock()
		bufpool.Put(own)
		return 0, err
	}
	w.countLocked(len(b), false)
	if own != nil {
		w.queue = append(w.queue, own)
	} else if !w.copyLocked(b) {
		w.queue = append(w.queue, copied(b))
	}
	// A write outside Pack has nobody else to flush it.
	outside := w.packing == 0 && !w.active
	if outside {
		w.active = true
	}
	w.mu.Unlock()
	if outside {
		w.spawn()
	}
	return len(b), nil
}

// copied makes a buffer of b's bytes.
func copied(b []byte) *bufpool.Buffer {
	f := bufpool.Get(len(b))
	f.B = append(f.B, b...)
	return f
}
