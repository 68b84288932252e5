package frame

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// AppendFrame appends the frame of p to dst and sets p's size. On an error it
// returns dst as it was.
//
// req: TP-FRAME-001, TP-FRAME-002, TP-FRAME-014, TP-FAST-015, TP-FAST-016
func (f *Format) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	pipe := p.XferPipe()
	if err := pipe.Err(); err != nil {
		return dst, pipeError(err)
	}
	if err := check(p); err != nil {
		return dst, err
	}
	start := len(dst)
	out := append(dst, 0, 0, 0, 0, f.Id, byte(pipe.Len()))
	out = pipe.AppendIds(out)

	out, err := f.appendFiltered(out, p)
	if err != nil {
		return dst, err
	}
	size := uint64(len(out) - start)
	if max := p.Env().MaxPacket(); size > uint64(max) {
		return dst, packet.PackError(packet.ClassLimit, fmt.Errorf("%w: it has %d bytes, %d are allowed",
			packet.ErrExceedPacketSizeLimit, size, max))
	}
	binary.BigEndian.PutUint32(out[start:], uint32(size))
	p.SetSize(uint32(size))
	return out, nil
}

// appendFiltered appends the payload with the pipe applied.
//
// req: TP-PROTO-018
func (f *Format) appendFiltered(dst []byte, p *packet.Packet) ([]byte, error) {
	if p.XferPipe().Len() == 0 {
		return f.AppendPayload(dst, p)
	}
	plain := bufpool.Get(f.HeadLen + len(p.Uri()))
	defer bufpool.Put(plain)
	var err error
	if plain.B, err = f.AppendPayload(plain.B, p); err != nil {
		return dst, err
	}
	out, err := p.XferPipe().AppendPack(dst, plain.B)
	if err != nil {
		return dst, packet.PackError(packet.ClassFilterData, err)
	}
	return out, nil
}

// pipeError classes what XferPipe.Err remembers.
//
// req: TP-FAST-018, TP-FAST-019
func pipeError(err error) error {
	var unknown *xfer.UnknownError
	switch {
	case errors.As(err, &unknown):
		return packet.PackError(packet.ClassFilterUnknown, err)
	case errors.Is(err, xfer.ErrPipeTooLong):
		return packet.PackError(packet.ClassLimit, err)
	}
	return packet.PackError(packet.ClassFilterData, err)
}
