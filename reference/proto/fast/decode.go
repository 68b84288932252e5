package fast

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// frameLen checks what head shows of a frame and gives its length in bytes,
// or 0 while head is too short to tell. The checks run in the order of spec
// section 5.3.
//
// req: TP-FRAME-003, TP-FRAME-004, TP-FRAME-005, TP-FRAME-006, TP-FRAME-007, TP-FRAME-008
func frameLen(env *packet.Env, head []byte) (int, error) {
	if len(head) < 4 {
		return 0, nil
	}
	size := binary.BigEndian.Uint32(head)
	if size < prefixLen {
		return 0, packet.FrameError(packet.ClassLength, 0,
			fmt.Errorf("the size field says %d, the least is %d", size, prefixLen))
	}
	limits := env.Limit()
	if size > limits.MaxPacket || uint64(size) > math.MaxInt {
		return 0, packet.FrameError(packet.ClassLimit, 0, fmt.Errorf("%w: it has %d bytes, %d are allowed",
			packet.ErrExceedPacketSizeLimit, size, limits.MaxPacket))
	}
	if len(head) < 5 {
		return 0, nil
	}
	if head[4] != Id {
		return 0, packet.FrameError(packet.ClassVersion, 4,
			fmt.Errorf("protocol id %#02x is not that of fast/1, %#02x", head[4], Id))
	}
	if len(head) < prefixLen {
		return 0, nil
	}
	n := int(head[5])
	if uint64(n) > uint64(size)-prefixLen {
		return 0, packet.FrameError(packet.ClassLength, 5,
			fmt.Errorf("%d filter ids do not fit into a frame of %d bytes", n, size))
	}
	if n == 0 && size-prefixLen > limits.MaxPayload {
		// req: TP-XFER-008
		return 0, packet.FrameError(packet.ClassLimit, 0,
			fmt.Errorf("the payload has %d bytes, %d are allowed", size-prefixLen, limits.MaxPayload))
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

// parseFrame reads the frame that begins at frame[0] into p. The raw body may
// be a part of frame.
//
// req: TP-FAST-017, TP-FRAME-017, TP-PROTO-019
func parseFrame(frame []byte, p *packet.Packet) error {
	p.ResetForUnpack()
	env := p.Env()
	size, err := frameLen(env, frame)
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
		// Unreachable after frameLen unless two registrations race.
		return packet.FrameError(packet.ClassFilterUnknown, prefixLen, err)
	}
	limits := env.Limit()
	payload, err := p.UnpackPayload(frame[prefixLen+n:], asInt(limits.MaxPayload))
	if err != nil {
		p.ResetForUnpack()
		return filterError(err)
	}
	if err := parsePayload(payload, p, &limits); err != nil {
		p.ResetForUnpack()
		return err
	}
	p.SetSize(uint32(size))
	if p.NewBodyFunc() != nil {
		return p.UnmarshalNewBody(p.RawBody())
	}
	return nil
}

// parsePayload reads header fields, metadata and raw body.
//
// req: TP-FAST-003, TP-FAST-005, TP-FAST-006, TP-FAST-007, TP-FAST-008, TP-FAST-009, TP-FAST-012, TP-FAST-014, TP-LIM-011
func parsePayload(b []byte, p *packet.Packet, limits *packet.Limits) error {
	switch {
	case len(b) < 8:
		return header(0, "the payload ends inside seq")
	case len(b) < 9:
		return header(8, "the payload ends before the packet type")
	}
	p.SetSeq(binary.BigEndian.Uint64(b))
	p.SetPtype(b[8])

	uri, at, err := field(b, 9, "uri")
	if err != nil {
		return err
	}
	// req: TP-LIM-003
	if uint64(len(uri)) > uint64(limits.MaxUri) {
		return packet.PayloadError(packet.ClassLimit, 9,
			fmt.Errorf("the uri has %d bytes, %d are allowed", len(uri), limits.MaxUri))
	}
	metaAt := at
	meta, at, err := field(b, metaAt, "metadata")
	if err != nil {
		return err
	}
	// req: TP-META-016, TP-META-017
	if uint64(len(meta)) > uint64(limits.MaxMeta) {
		return packet.PayloadError(packet.ClassLimit, metaAt,
			fmt.Errorf("the metadata has %d bytes, %d are allowed", len(meta), limits.MaxMeta))
	}
	if err := p.Meta().ParseLimit(meta, limits.MaxMetaPairs); err != nil {
		return packet.PayloadError(packet.ClassLimit, metaAt, err)
	}
	if at == len(b) {
		return header(at, "the payload ends before the codec")
	}
	p.SetUriBytes(uri)
	p.SetBodyCodec(b[at])
	p.SetRawBody(b[at+1:], at+1)
	return nil
}

// field gives the bytes behind the length field at b[at], and where they end.
func field(b []byte, at int, name string) ([]byte, int, error) {
	if len(b)-at < 4 {
		return nil, 0, packet.PayloadError(packet.ClassHeader, at,
			fmt.Errorf("the payload ends inside the length of the %s", name))
	}
	n := uint64(binary.BigEndian.Uint32(b[at:]))
	from := at + 4
	if n > uint64(len(b)-from) {
		return nil, 0, packet.PayloadError(packet.ClassHeader, at,
			fmt.Errorf("the %s should have %d bytes, %d are there", name, n, len(b)-from))
	}
	to := from + int(n)
	return b[from:to], to, nil
}

func header(offset int, text string) error {
	return packet.PayloadError(packet.ClassHeader, offset, errors.New(text))
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

func asInt(n uint32) int {
	if uint64(n) > math.MaxInt {
		return math.MaxInt
	}
	return int(n)
}
