package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// FrameLen checks what head shows of a frame and gives its length in bytes,
// or 0 while head is too short to tell. The checks run in the order of spec
// section 5.2.
//
// req: TP-FRAME-003, TP-FRAME-004, TP-FRAME-005, TP-FRAME-006, TP-FRAME-007, TP-FRAME-008
func (f *Format) FrameLen(env *packet.Env, head []byte) (int, error) {
	if len(head) < 4 {
		return 0, nil
	}
	size := binary.BigEndian.Uint32(head)
	if size < prefixLen {
		return 0, packet.FrameError(packet.ClassLength, 0,
			fmt.Errorf("the size field says %d, the least is %d", size, prefixLen))
	}
	if max := env.MaxPacket(); size > max || uint64(size) > math.MaxInt {
		return 0, packet.FrameError(packet.ClassLimit, 0, fmt.Errorf("%w: it has %d bytes, %d are allowed",
			packet.ErrExceedPacketSizeLimit, size, max))
	}
	if len(head) < 5 {
		return 0, nil
	}
	if head[4] != f.Id {
		return 0, packet.FrameError(packet.ClassVersion, 4,
			fmt.Errorf("protocol id %#02x is not that of %s/1, %#02x", head[4], f.Name, f.Id))
	}
	if len(head) < prefixLen {
		return 0, nil
	}
	n := int(head[5])
	if uint64(n) > uint64(size)-prefixLen {
		return 0, packet.FrameError(packet.ClassLength, 5,
			fmt.Errorf("%d filter ids do not fit into a frame of %d bytes", n, size))
	}
	if max := env.MaxPayload(); n == 0 && size-prefixLen > max {
		// req: TP-XFER-008
		return 0, packet.FrameError(packet.ClassLimit, 0,
			fmt.Errorf("the payload has %d bytes, %d are allowed", size-prefixLen, max))
	}
	filters := env.FilterRegistry()
	for i := range n {
		if prefixLen+i >= len(head) {
			return 0, nil
		}
		if _, err := filters.Get(head[prefixLen+i]); err != nil {
			return 0, packet.FrameError(packet.ClassFilterUnknown, prefixLen+i, err)
		}
	}
	return int(size), nil
}

// ParseFrame reads the frame that begins at frame[0] into p; bytes behind it
// are not looked at. The raw body may be a part of frame.
//
// req: TP-FAST-017, TP-FRAME-017, TP-PROTO-019
func (f *Format) ParseFrame(frame []byte, p *packet.Packet) error {
	p.ResetForUnpack()
	env := p.Env()
	size, err := f.FrameLen(env, frame)
	if err != nil {
		return err
	}
	if size == 0 || len(frame) < size {
		return shortFrame(len(frame))
	}
	frame = frame[:size]
	n := int(frame[5])
	pipe := p.XferPipe()
	if err := pipe.AppendFromRegistry(env.FilterRegistry(), frame[prefixLen:prefixLen+n]...); err != nil {
		// Unreachable after FrameLen unless two registrations race.
		return packet.FrameError(packet.ClassFilterUnknown, prefixLen, err)
	}
	payload, err := p.UnpackPayload(frame[prefixLen+n:], asInt(env.MaxPayload()))
	if err != nil {
		p.ResetForUnpack()
		return filterError(err)
	}
	if err := f.ParsePayload(payload, p); err != nil {
		p.ResetForUnpack()
		return err
	}
	p.SetSize(uint32(size))
	if p.NewBodyFunc() != nil {
		return p.UnmarshalNewBody(p.RawBody())
	}
	return nil
}

// shortFrame is the error for a stream that ends after have bytes of a frame.
//
// req: TP-FRAME-012
func shortFrame(have int) error {
	return packet.FrameError(packet.ClassShort, have,
		fmt.Errorf("the stream ended inside the frame: %w", io.ErrUnexpectedEOF))
}

// filterError places the failure of a filter at its id in the frame.
//
// req: TP-XFER-006, TP-XFER-007
func filterError(err error) error {
	class, at := packet.ClassFilterData, prefixLen
	var fe *xfer.FilterError
	if errors.As(err, &fe) {
		at += fe.Index
	}
	if errors.Is(err, xfer.ErrExceedLimit) {
		class = packet.ClassLimit
	}
	return packet.FrameError(class, at, err)
}
