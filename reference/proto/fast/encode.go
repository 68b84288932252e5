package fast

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

const (
	// Id is the protocol id of fast/1, 'f'.
	Id byte = 'f' // req: TP-FAST-001
	// Name is the name of fast/1.
	Name = "fast"

	prefixLen = 6  // size, protocol id, filter count
	headerLen = 18 // seq, ptype, two length fields and codec of the payload
)

// appendFrame appends the frame of p to dst and sets p's size. On an error it
// returns dst as it was.
//
// req: TP-FRAME-001, TP-FRAME-002, TP-FAST-015, TP-FAST-016
func appendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	pipe := p.XferPipe()
	if err := pipe.Err(); err != nil {
		return dst, pipeError(err)
	}
	limits := p.Env().Limit()
	if err := checkFields(p, &limits); err != nil {
		return dst, err
	}
	start := len(dst)
	out := append(dst, 0, 0, 0, 0, Id, byte(pipe.Len()))
	out = pipe.AppendIds(out)

	out, err := appendFiltered(out, p, &limits)
	if err != nil {
		return dst, err
	}
	size := uint64(len(out) - start)
	if size > uint64(limits.MaxPacket) {
		return dst, packet.PackError(packet.ClassLimit, fmt.Errorf("%w: it has %d bytes, %d are allowed",
			packet.ErrExceedPacketSizeLimit, size, limits.MaxPacket))
	}
	binary.BigEndian.PutUint32(out[start:], uint32(size))
	p.SetSize(uint32(size))
	return out, nil
}

// appendFiltered appends the payload with the pipe applied.
//
// req: TP-PROTO-018
func appendFiltered(dst []byte, p *packet.Packet, limits *packet.Limits) ([]byte, error) {
	if p.XferPipe().Len() == 0 {
		return appendPayload(dst, p, limits)
	}
	plain := bufpool.Get(headerLen + len(p.Uri()))
	defer bufpool.Put(plain)
	var err error
	if plain.B, err = appendPayload(plain.B, p, limits); err != nil {
		return dst, err
	}
	out, err := p.XferPipe().AppendPack(dst, plain.B)
	if err != nil {
		return dst, packet.PackError(packet.ClassFilterData, err)
	}
	return out, nil
}

// appendPayload appends what the pipe works on: header fields, metadata, body.
//
// req: TP-FAST-002, TP-FAST-010
func appendPayload(dst []byte, p *packet.Packet, limits *packet.Limits) ([]byte, error) {
	uri := p.Uri()
	out := binary.BigEndian.AppendUint64(dst, p.Seq())
	out = append(out, p.Ptype())
	out = binary.BigEndian.AppendUint32(out, uint32(len(uri)))
	out = append(out, uri...)

	lenAt := len(out)
	out = append(out, 0, 0, 0, 0)
	out = p.Meta().AppendBytes(out)
	metaLen := len(out) - lenAt - 4
	if uint64(metaLen) > uint64(limits.MaxMeta) {
		return dst, overLimit("the metadata has %d bytes, %d are allowed", uint64(metaLen), uint64(limits.MaxMeta))
	}
	binary.BigEndian.PutUint32(out[lenAt:], uint32(metaLen))

	out = append(out, p.BodyCodec())
	out, err := p.AppendBody(out)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// checkFields refuses what no receiver with the same limits would take.
//
// req: TP-META-019, TP-FRAME-014
func checkFields(p *packet.Packet, limits *packet.Limits) error {
	if n := uint64(len(p.Uri())); n > uint64(limits.MaxUri) {
		return overLimit("the uri has %d bytes, %d are allowed", n, uint64(limits.MaxUri))
	}
	if n := p.Meta().Len(); n > limits.MaxMetaPairs {
		if n = p.Meta().EncodedPairs(); n > limits.MaxMetaPairs {
			return overLimit("the metadata has %d pairs, %d are allowed", uint64(n), uint64(limits.MaxMetaPairs))
		}
	}
	return nil
}

func overLimit(format string, have, max uint64) error {
	return packet.PackError(packet.ClassLimit, fmt.Errorf(format, have, max))
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
