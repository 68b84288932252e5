package pb

import (
	"io"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/internal/frame"
)

const (
	// Id is the protocol id of pb/1, 'p'.
	Id byte = 'p' // req: TP-PB-001
	// Name is the name of pb/1.
	Name = "pb"
)

// format is the frame of chapter 5 around the payload of this package.
var format = frame.Format{
	Id: Id, Name: Name, HeadLen: headerLen,
	AppendPayload: appendPayload, ParsePayload: parsePayload,
}

// Proto speaks pb/1 over one stream. It is a packet.Proto and a
// packet.Framer; it has no state of its own.
type Proto struct{ rw io.ReadWriter }

// New makes a Proto for rw; it is a packet.ProtoFunc. rw may be nil where the
// Framer's methods alone are used.
func New(rw io.ReadWriter) packet.Proto { return &Proto{rw: rw} }

// Version gives 'p' and "pb".
//
// req: TP-PB-001, TP-PROTO-001, TP-PROTO-002
func (*Proto) Version() (byte, string) { return Id, Name }

// FrameLen implements packet.Framer.
//
// req: TP-PROTO-023
func (*Proto) FrameLen(env *packet.Env, head []byte) (int, error) { return format.FrameLen(env, head) }

// ParseFrame implements packet.Framer. Bytes of frame after the size that it
// begins with are not looked at.
func (*Proto) ParseFrame(frame []byte, p *packet.Packet) error { return format.ParseFrame(frame, p) }

// AppendFrame implements packet.Framer and sets p's size.
//
// req: TP-PROTO-024
func (*Proto) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	return format.AppendFrame(dst, p)
}

// Pack writes p with one Write. An encoding error is a *packet.Error and
// leaves nothing written; any other is the writer's, and the stream is then
// broken. It is safe for concurrent use if the writer is.
func (x *Proto) Pack(p *packet.Packet) error { return format.Pack(x.rw, p) }

// Unpack reads one packet from exactly its bytes of the stream. Errors are
// io.EOF at a clean end, *packet.Error, or the reader's own, wrapped.
func (x *Proto) Unpack(p *packet.Packet) error { return format.Unpack(x.rw, p) }
