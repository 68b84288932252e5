package frame

import (
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Pack writes p to w with one Write. An encoding error is a *packet.Error and
// leaves nothing written; any other is the writer's, and the stream is then
// broken.
//
// req: TP-PROTO-003, TP-PROTO-004, TP-PROTO-005, TP-PROTO-007, TP-PROTO-008, TP-PROTO-017, TP-FRAME-016
func (f *Format) Pack(w io.Writer, p *packet.Packet) error {
	buf := bufpool.Get(prefixLen + f.HeadLen + len(p.Uri()))
	defer bufpool.Put(buf)
	frame, err := f.AppendFrame(buf.B, p)
	if err != nil {
		return err
	}
	buf.B = frame // the longer slice goes back to the pool
	n, err := w.Write(frame)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("%s: write: %d of %d bytes: %w", f.Name, n, len(frame), err)
	}
	return nil
}

// Unpack reads one packet from exactly its bytes of r. Errors are io.EOF at a
// clean end, *packet.Error, or the reader's own, wrapped.
//
// req: TP-FRAME-009, TP-FRAME-010, TP-FRAME-015, TP-PROTO-010, TP-PROTO-012, TP-PROTO-014
func (f *Format) Unpack(r io.Reader, p *packet.Packet) error {
	p.ResetForUnpack()
	in := frameReader{f: f, r: r, buf: bufpool.Get(prefixLen)}
	defer in.release()
	size, err := in.readPrefix(p.Env())
	if err != nil {
		return err
	}
	if err := in.readTo(size); err != nil {
		return err
	}
	if err := f.ParseFrame(in.buf.B, p); err != nil {
		return err
	}
	p.Detach()
	return nil
}
