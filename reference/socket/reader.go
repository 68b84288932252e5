package socket

import (
	"errors"
	"io"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
)

const (
	// readBuffer is the largest buffer that is taken because there is something to
	// read, bytes. It is the constant by which memory may run ahead of the data.
	readBuffer = 64 << 10
	// firstBuffer is the size with which a connection begins. A small buffer stays
	// in the processor's cache, and fewer of them are zeroed.
	firstBuffer = 1 << 10
	// waitBuffer is the size of buffer with which a connection waits that cannot
	// tell when it is readable.
	waitBuffer = 4 << 10
)

// reader holds what has come and was not handed out: buf.B[r:w]. It belongs to
// the goroutine in ReadPacket. Between frames, while it waits, buf is nil.
type reader struct {
	src  source
	buf  *bufpool.Buffer
	r, w int
	size int32 // of the next buffer: follows what comes at once
	lull int32 // reads in a row that would have fitted into a far smaller one
	need int   // length of the frame that is being waited for, 0: not known yet
	err  error // final
}

// readFramed hands out the next frame of what has come, or waits for more.
//
// req: TP-FRAME-009, TP-FRAME-010, TP-FRAME-015, TP-FRAME-017, TP-PROTO-025
func (c *Conn) readFramed(p *packet.Packet) error {
	rd := &c.rd
	for rd.err == nil {
		whole, err := c.frameLen()
		if err != nil {
			return rd.end(err)
		}
		if whole {
			if extra := rd.w - rd.r - rd.need; c.w.message > 0 && extra > 0 {
				return rd.end(trailingBytes(extra))
			}
			// The capacity ends with the frame: who appends cannot reach the next.
			frame := rd.buf.B[rd.r : rd.r+rd.need : rd.r+rd.need]
			rd.r += rd.need
			rd.need = 0
			c.clock.done()
			if err = c.framer.ParseFrame(frame, p); err != nil && !bodyOnly(err) {
				return rd.end(err)
			}
			rd.handOver(p, frame)
			return err
		}
		if err := c.more(); err != nil && err != ErrInterrupted { // that was for another wait
			return err
		}
	}
	return rd.err
}

// waitFrame waits until readFramed has an answer, a packet or an error.
func (c *Conn) waitFrame() error {
	rd := &c.rd
	for rd.err == nil {
		if whole, err := c.frameLen(); whole || err != nil {
			rd.forget(err)
			return nil
		}
		if err := c.more(); err == ErrInterrupted {
			return err
		}
	}
	return nil
}

// more waits for at least one more byte of the frame that is not whole. Its
// error is final, but for ErrInterrupted.
func (c *Conn) more() error {
	rd := &c.rd
	have := rd.w - rd.r
	if c.w.message > 0 && have > 0 {
		return rd.end(shortFrame(have)) // the message is over, the packet is not
	}
	err := c.fill(have > 0)
	switch {
	case err == nil, err == ErrInterrupted:
		return err
	case err == io.EOF && have == 0, packet.ClassOf(err) != "":
	case err == io.EOF:
		err = shortFrame(have)
	default:
		err = c.readError(err, have)
	}
	return rd.end(err)
}

// frameLen finds out whether a whole frame has come; rd.need is its length.
func (c *Conn) frameLen() (whole bool, err error) {
	rd := &c.rd
	have := rd.w - rd.r
	if rd.need == 0 && have > 0 {
		rd.need, err = c.framer.FrameLen(c.env, rd.buf.B[rd.r:rd.w])
	}
	return rd.need > 0 && rd.need <= have, err
}

// wholeFrame is frameLen for Conn.Buffered: a fault is left for ReadPacket to find.
func (c *Conn) wholeFrame() bool {
	if c.rd.err != nil {
		return false
	}
	whole, err := c.frameLen()
	c.rd.forget(err)
	return whole
}

// forget leaves a fault of the next frame for ReadPacket to find.
func (rd *reader) forget(err error) {
	if err != nil {
		rd.need = 0
	}
}

// ownedBody is the size from which a body keeps the buffer that it was read into,
// bytes: a copy of it would cost more than another buffer.
const ownedBody = 256 << 10

// handOver gives p the buffer as its own, where it holds little but p's body.
func (rd *reader) handOver(p *packet.Packet, frame []byte) {
	body := p.RawBody()
	if len(body) < ownedBody || rd.r < rd.w || len(body) < cap(rd.buf.B)/2 || &body[len(body)-1] != &frame[len(frame)-1] {
		return
	}
	p.OwnRawBody()
	rd.buf, rd.r, rd.w = nil, 0, 0
}

// fill gets at least one more byte, unless Interrupt is called.
func (c *Conn) fill(begun bool) error {
	c.clock.start(begun)
	for tries := 0; ; tries++ {
		c.clock.arm(c.w.nc, begun)
		if c.clock.takeStop(c.w.nc) {
			return ErrInterrupted
		}
		err := c.rd.src.fill(&c.rd)
		if c.clock.early(c.w.nc, begun, err, tries) {
			continue
		}
		if err != nil && isTimeout(err) && c.clock.takeStop(c.w.nc) {
			return ErrInterrupted
		}
		c.clock.arrived()
		return err
	}
}

// end makes err final and gives the buffer back.
func (rd *reader) end(err error) error {
	rd.err = err
	rd.release()
	return err
}

func (rd *reader) release() {
	bufpool.Put(rd.buf)
	rd.buf, rd.r, rd.w = nil, 0, 0
}

// space gives room to read into, in a buffer of at least size bytes. Frames that
// were handed out before must not be in use any more.
//
// The buffer grows only when it is full of one unfinished frame, and then to
// three times its size, so memory stays within a small multiple of
// what has come whatever length a frame claims to have.
//
// req: TP-FRAME-013, TP-LIM-010
func (rd *reader) space(size int) []byte {
	unread := rd.w - rd.r
	switch {
	case rd.buf == nil:
		rd.buf = bufpool.Get(size)
	case unread == 0 && cap(rd.buf.B) > size:
		rd.release() // a big frame has gone: go on in an ordinary buffer
		rd.buf = bufpool.Get(size)
	case cap(rd.buf.B) < size:
		rd.move(size)
	case unread == cap(rd.buf.B):
		rd.move(rd.grown())
	case unread == 0, rd.r > 0 && rd.crowded():
		copy(rd.buf.B[:cap(rd.buf.B)], rd.buf.B[rd.r:rd.w])
		rd.r, rd.w = 0, unread
	}
	rd.buf.B = rd.buf.B[:cap(rd.buf.B)]
	return rd.buf.B[rd.w:]
}

// want is the size of buffer for the next read.
func (rd *reader) want() int { return max(int(rd.size), firstBuffer) }

// got has the size follow a read of n bytes into room.
func (rd *reader) got(n, room int) {
	size := rd.want()
	switch {
	case n == room:
		rd.size, rd.lull = int32(min(4*size, readBuffer)), 0
	case n >= size/16:
		rd.lull = 0
	default:
		if rd.lull++; rd.lull >= 16 {
			rd.size, rd.lull = int32(size/2), 0
		}
	}
	rd.w += n
}

// grown is the size of the next buffer for the frame that fills this one.
func (rd *reader) grown() int {
	n := cap(rd.buf.B)
	if rd.need > n {
		return min(3*n, rd.need) // each move copies what has come: the fewer the better
	}
	return 2 * n
}

// crowded tells whether what is being waited for does not fit behind w.
func (rd *reader) crowded() bool {
	room := cap(rd.buf.B)
	return rd.w == room || rd.need > room-rd.r || rd.need == 0 && room-rd.w < 512
}

// move takes the unread bytes to another buffer of at least size bytes.
func (rd *reader) move(size int) {
	to := bufpool.Get(size)
	to.B = append(to.B, rd.buf.B[rd.r:rd.w]...)
	n := len(to.B)
	bufpool.Put(rd.buf)
	rd.buf, rd.r, rd.w = to, 0, n
}

// park is called before a wait by a source that can tell when there is something
// to read: it keeps the unread bytes only, and no buffer where there are none.
func (rd *reader) park() {
	if rd.buf == nil {
		return
	}
	if unread := rd.w - rd.r; unread == 0 {
		rd.release()
	} else if unread <= cap(rd.buf.B)/8 {
		rd.move(unread)
	}
}

// bodyOnly tells whether err concerns one packet's body, so that the stream
// stands at the next packet.
func bodyOnly(err error) bool {
	var typed *packet.Error
	return errors.As(err, &typed) && typed.Stage == packet.StageBody
}

// shortFrame is the end of the stream after have bytes of a frame.
func shortFrame(have int) error {
	return packet.FrameError(packet.ClassShort, have, io.ErrUnexpectedEOF)
}

// readError says why reading failed.
func (c *Conn) readError(err error, have int) error {
	e := &ReadError{Addr: addrOf(c.w.nc), Have: have, Err: err}
	switch {
	case c.w.isClosed():
		e.Err = ErrConnClosed
	case isTimeout(err):
		e.Timeout = c.clock.duration(have > 0)
		e.InFrame = have > 0 && c.clock.frame.Load() > 0
	}
	return e
}
