package mutants

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// payloadFault puts a fault on a good Proto in the frame of chapter 5, in the payload of frames without a
// pipe. With no function set it is that Proto.
type payloadFault struct {
	make packet.ProtoFunc
	// written gives the payload that is sent instead.
	written func(p *packet.Packet, payload []byte) []byte
	// refused tells whether a good payload is refused all the same.
	refused func(payload []byte) bool
	// taken gives, for a payload that is refused, another one that is read in its place; nil: it stays refused.
	taken func(payload []byte) []byte
	// read changes the packet that was read from the payload.
	read func(p *packet.Packet, payload []byte)
}

type framed interface {
	packet.Proto
	packet.Framer
}

// payloadProto is a Proto with a payloadFault.
type payloadProto struct {
	framed
	rw    io.ReadWriter
	fault payloadFault
}

func (f payloadFault) proto(rw io.ReadWriter) packet.Proto {
	return &payloadProto{f.make(rw).(framed), rw, f}
}

func (x *payloadProto) Pack(p *packet.Packet) error {
	frame, err := x.AppendFrame(nil, p)
	if err != nil {
		return err
	}
	n, err := x.rw.Write(frame)
	if err == nil && n < len(frame) {
		return io.ErrShortWrite
	}
	return err
}

func (x *payloadProto) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	out, err := x.framed.AppendFrame(dst, p)
	if err != nil || x.fault.written == nil || p.XferPipe().Len() > 0 {
		return out, err
	}
	frame := bytes.Clone(out[len(dst):])
	frame = append(frame[:prefix:prefix], x.fault.written(p, frame[prefix:])...)
	binary.BigEndian.PutUint32(frame, uint32(len(frame)))
	p.SetSize(uint32(len(frame)))
	return append(dst, frame...), nil
}

func (x *payloadProto) ParseFrame(frame []byte, p *packet.Packet) error {
	if err := x.framed.ParseFrame(frame, p); err != nil {
		return x.retry(frame, p, err)
	}
	if p.XferPipe().Len() > 0 {
		return nil
	}
	payload := frame[prefix:]
	if x.fault.refused != nil && x.fault.refused(payload) {
		p.ResetForUnpack()
		return packet.PayloadError(packet.ClassHeader, 0, fmt.Errorf("not as this side writes it"))
	}
	if x.fault.read != nil {
		x.fault.read(p, payload)
	}
	return nil
}

// retry reads what is taken for a frame that was refused with err.
func (x *payloadProto) retry(frame []byte, p *packet.Packet, err error) error {
	if x.fault.taken == nil || packet.ClassOf(err) != packet.ClassHeader || frame[prefix-1] > 0 {
		return err
	}
	payload := x.fault.taken(frame[prefix:])
	if payload == nil {
		return err
	}
	other := append(bytes.Clone(frame[:prefix]), payload...)
	binary.BigEndian.PutUint32(other, uint32(len(other)))
	if err := x.framed.ParseFrame(other, p); err != nil {
		return err
	}
	p.SetSize(uint32(len(frame)))
	return nil
}

// Unpack is that of the good Proto, which reads through a recorder what the fault looks at.
func (x *payloadProto) Unpack(p *packet.Packet) error {
	if x.fault.refused == nil && x.fault.read == nil && x.fault.taken == nil {
		return x.framed.Unpack(p)
	}
	var record bytes.Buffer
	tee := struct {
		io.Reader
		io.Writer
	}{io.TeeReader(x.rw, &record), x.rw}
	if err := x.fault.make(tee).Unpack(p); err != nil && (x.fault.taken == nil || packet.ClassOf(err) != packet.ClassHeader) {
		return err
	}
	if err := x.ParseFrame(record.Bytes(), p); err != nil {
		return err
	}
	p.Detach()
	return nil
}
