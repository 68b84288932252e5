package socket

import (
	"bufio"
	"context"
	"errors"
	"fmt"
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
	c     *Conn
	proto packet.Proto
	br    *bufio.Reader // made at the first Read: a Framer never reads
	msg   reader        // the message that is being read, where there are messages
	got   int           // bytes given to the Proto since Unpack began
	err   error         // what the connection last failed with
}

// protoIO is the Conn as the io.ReadWriter of its Proto. A Framer keeps it and
// never uses it, so that there is a plainIO only where one is used.
type protoIO Conn

func (x *protoIO) Read(b []byte) (int, error)  { return (*Conn)(x).plainIO().Read(b) }
func (x *protoIO) Write(b []byte) (int, error) { return (*Conn)(x).plainIO().Write(b) }

// plainIO gives what a plain Proto reads and writes through, made at first.
func (c *Conn) plainIO() *plainIO {
	if c.plain == nil {
		c.plain = &plainIO{c: c}
	}
	return c.plain
}

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
	for tries, again := 0, true; again; tries++ {
		c.clock.arm(c.w.nc, begun)
		if c.w.message > 0 {
			n, err = r.x.readMessage(b)
		} else {
			n, err = c.w.nc.Read(b)
		}
		again = n == 0 && c.clock.early(c.w.nc, begun, err, tries)
	}
	c.clock.arrived()
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
	err := x.proto.Unpack(p)
	if n := x.messageRest(); n > 0 && err == nil {
		err = trailingBytes(n)
	}
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
	case w.err != nil || w.sealed:
		err := w.refusalLocked()
		w.mu.Unlock()
		return Ticket{}, err
	case try && !w.fitsLocked(need, true):
		w.mu.Unlock()
		return Ticket{}, ErrQueueFull
	case !try && (len(w.has().waiters) > 0 || !w.fitsLocked(need, false)):
		if _, err := w.waitRoom(ctx, &roomWaiter{need: need}); err != nil {
			return Ticket{}, err
		}
		w.mu.Lock()
	default:
		w.more().reserved += need
		w.more().packing++
	}
	r := w.more()
	r.packs++
	a := attempt{start: w.accepted, number: r.packs, alone: r.packing == 1}
	w.mu.Unlock()

	packed := false
	defer func() {
		if !packed { // the Proto panics: its reservation must not stay
			w.unreserve(a, need)
		}
	}()
	err := x.proto.Pack(p)
	packed = true
	return x.packed(ctx, a, need, try, err)
}

// attempt is one call of a plain Proto's Pack.
type attempt struct {
	start  uint64 // where the stream was accepted up to
	number uint64 // how many there were, this one included
	alone  bool   // no other was under way when it began
}

// packed accounts for what Pack has written and has it flushed.
//
// req: TP-FRAME-019
func (x *plainIO) packed(ctx context.Context, a attempt, need int, try bool, err error) (Ticket, error) {
	w := &x.c.w
	w.mu.Lock()
	w.releaseLocked(need)
	t := Ticket{a.start, w.accepted}
	wrote := t.start != t.end // this Pack, or another meanwhile
	typed := packet.ClassOf(err) != ""
	if err != nil && wrote && w.err == nil && (!typed || a.alone && a.number == w.more().packs) {
		// Not wrapped: to whoever asks for a class, this is no packet that may be tried again.
		return t, w.tornLocked(fmt.Errorf("Pack may have written a part of a frame: %v", err))
	}
	if !wrote || typed {
		t = Ticket{} // Pack wrote nothing, whatever others wrote meanwhile
	}
	if err != nil && !wrote && !typed && w.err == nil {
		err = packet.PackError(packet.ClassBody, err) // nothing has left: the caller may send something else
	}
	if failed := w.err; failed != nil {
		w.mu.Unlock()
		if err != nil && !errors.Is(err, failed) {
			return t, err
		}
		return t, failed
	}
	if try && len(w.queue) > 0 {
		w.more().tryQueued += int(t.end - t.start)
	}
	if w.active || len(w.queue) == 0 {
		w.mu.Unlock()
		return t, err
	}
	if ferr := w.startLocked(t.end, w.mayInline(ctx, patienceOf(try))); err == nil {
		err = ferr
	}
	return t, err
}

// tornLocked ends writing after a Pack that failed when a part of its frame, or
// what cannot be told from one, was accepted already: no frame may follow it.
// It releases the lock and gives the error that later writes have.
func (w *writer) tornLocked(err error) error {
	we := &WriteError{Addr: addrOf(w.nc), Flushed: w.flushed, Lost: w.accepted - w.flushed, Err: err}
	tell := w.failLocked(we)
	w.mu.Unlock()
	if tell != nil {
		tell(we)
	}
	return we
}

// unreserve is for a Pack that did not return. Where something was accepted
// meanwhile, a part of its frame may be in it: writing ends.
func (w *writer) unreserve(a attempt, need int) {
	w.mu.Lock()
	w.releaseLocked(need)
	if w.accepted != a.start && w.err == nil {
		w.tornLocked(errPackPanicked)
		return
	}
	idle := !w.active && len(w.queue) > 0
	w.active = w.active || idle
	w.mu.Unlock()
	if idle {
		w.spawn()
	}
}

// errPackPanicked is why writing ended when a Proto's Pack did not return.
var errPackPanicked = errors.New("Pack did not return, and may have written a part of a frame")

func (w *writer) releaseLocked(need int) {
	r := w.more()
	r.reserved -= need
	r.packing--
	if r.packing == 0 && r.packed != nil {
		close(r.packed)
		r.packed = nil
	}
	w.admitLocked()
}

// Write accepts b as one frame and copies it. It never waits; the room was
// reserved by the WritePacket that the Proto packs for.
func (x *plainIO) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	w := &x.c.w
	if err := w.messageFits(len(b)); err != nil {
		return 0, err
	}
	var own *bufpool.Buffer
	if len(b) > copyMax { // copied before the lock is taken
		own = copied(b)
	}
	w.mu.Lock()
	if w.err != nil || w.sealed && w.has().packing == 0 {
		err := w.refusalLocked()
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
	outside := w.has().packing == 0 && !w.active
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
