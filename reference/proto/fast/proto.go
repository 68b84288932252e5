package fast

import (
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Proto speaks fast/1 over one stream. It is a packet.Proto and a
// packet.Framer; it has no state of its own.
type Proto struct{ rw io.ReadWriter }

// New makes a Proto for rw; it is a packet.ProtoFunc. rw may be nil where the
// Framer's methods alone are used.
func New(rw io.ReadWriter) packet.Proto { return &Proto{rw: rw} }

// Version gives 'f' and "fast".
//
// req: TP-FAST-001, TP-PROTO-001, TP-PROTO-002
func (*Proto) Version() (byte, string) { return Id, Name }

// FrameLen implements packet.Framer.
//
// req: TP-PROTO-023
func (*Proto) FrameLen(env *packet.Env, head []byte) (int, error) { return frameLen(env, head) }

// ParseFrame implements packet.Framer. Bytes of frame after the size that it
// begins with are not looked at.
func (*Proto) ParseFrame(frame []byte, p *packet.Packet) error { return parseFrame(frame, p) }

// AppendFrame implements packet.Framer and sets p's size.
//
// req: TP-PROTO-024
func (*Proto) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) { return appendFrame(dst, p) }

// Pack writes p with one Write. An encoding error is a *packet.Error and
// leaves nothing written; any other is the writer's, and the stream is then
// broken. It is safe for concurrent use if the writer is.
//
// req: TP-PROTO-003, TP-PROTO-004, TP-PROTO-005, TP-PROTO-007, TP-PROTO-008, TP-PROTO-017, TP-FRAME-016
func (f *Proto) Pack(p *packet.Packet) error {
	buf := bufpool.Get(prefixLen + headerLen + len(p.Uri()))
	defer bufpool.Put(buf)
	frame, err := appendFrame(buf.B, p)
	if err != nil {
		return err
	}
	buf.B = frame // the longer slice goes back to the pool
	n, err := f.rw.Write(frame)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("fast: write: %d of %d bytes: %w", n, len(frame), err)
	}
	return nil
}

// Unpack reads one packet from exactly its bytes of the stream. Errors are
// io.EOF at a clean end, *packet.Error, or the reader's own, wrapped.
//
// req: TP-FRAME-009, TP-FRAME-010, TP-FRAME-015, TP-PROTO-010, TP-PROTO-012, TP-PROTO-014
func (f *Proto) Unpack(p *packet.Packet) error {
	p.ResetForUnpack()
	in := frameReader{r: f.rw, buf: bufpool.Get(prefixLen)}
	defer in.release()
	size, err := in.readPrefix(p.Env())
	if err != nil {
		return err
	}
	if err := in.readTo(size); err != nil {
		return err
	}
	if err := parseFrame(in.buf.B, p); err != nil {
		return err
	}
	p.Detach()
	return nil
}
