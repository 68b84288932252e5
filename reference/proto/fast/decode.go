package fast

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/internal/frame"
)

// parsePayload reads header fields, metadata and raw body.
//
// req: TP-FAST-003, TP-FAST-005, TP-FAST-006, TP-FAST-007, TP-FAST-008, TP-FAST-009, TP-FAST-012, TP-FAST-014, TP-LIM-011
func parsePayload(b []byte, p *packet.Packet) error {
	switch {
	case len(b) < 8:
		return header(0, "the payload ends inside seq")
	case len(b) < 9:
		return header(8, "the payload ends before the packet type")
	}
	p.SetSeq(binary.BigEndian.Uint64(b))
	p.SetPtype(b[8])

	const uriAt = 9
	uri, metaAt, err := field(b, uriAt, "uri")
	if err != nil {
		return err
	}
	if err := frame.TakeUri(p, uri, uriAt); err != nil {
		return err
	}
	meta, at, err := field(b, metaAt, "metadata")
	if err != nil {
		return err
	}
	if err := frame.TakeMeta(p, meta, metaAt); err != nil {
		return err
	}
	if at == len(b) {
		return header(at, "the payload ends before the codec")
	}
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
