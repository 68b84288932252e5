package pb

import (
	"encoding/binary"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/internal/frame"
)

// The wire types of Protocol Buffers that a payload may have; 3 and 4 (groups)
// and 6 and 7 (unassigned) it may not.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

// fieldMax is the largest field number of Protocol Buffers.
const fieldMax = 1<<29 - 1

// field is one field of a message.
type field struct {
	tag     uint64
	tagAt   int    // where the tag is in the payload
	valueAt int    // where the value is, or the length before it
	number  uint64 // the value, of wire type varint
	bytes   []byte // the value, of wire type bytes
	bytesAt int    // where bytes is
}

// parsePayload reads the message into p. A field that is absent is zero or
// empty.
//
// req: TP-PB-004, TP-PB-005, TP-PB-013, TP-PB-014, TP-PB-015
func parsePayload(b []byte, p *packet.Packet) error {
	var seen [7]bool // by field number
	var body field
	codecAt := 0
	for at := 0; at < len(b); {
		f, next, err := nextField(b, at, &seen)
		if err != nil {
			return err
		}
		at = next
		switch f.tag {
		case tagSeq:
			p.SetSeq(f.number)
		case tagPtype:
			p.SetPtype(byte(f.number))
		case tagUri:
			err = frame.TakeUri(p, f.bytes, f.valueAt)
		case tagMeta:
			err = frame.TakeMeta(p, f.bytes, f.valueAt)
		case tagBodyCodec:
			p.SetBodyCodec(byte(f.number))
			codecAt = f.valueAt
		case tagBody:
			body = f
		}
		if err != nil {
			return err
		}
	}
	p.SetRawBodyAt(body.bytes, body.bytesAt, codecAt)
	return nil
}

// nextField reads the field at b[at], whatever its number, and gives where the
// next one begins. seen marks the numbers of ours that have been there.
func nextField(b []byte, at int, seen *[7]bool) (f field, next int, err error) {
	tag, n := binary.Uvarint(b[at:])
	if n <= 0 {
		return f, 0, header(at, "a tag is cut or longer than 64 bits")
	}
	f = field{tag: tag, tagAt: at, valueAt: at + n}
	if err := f.checkTag(seen); err != nil {
		return f, 0, err
	}
	next, err = f.readValue(b)
	return f, next, err
}

// checkTag judges number and wire type of a field, and whether it has been
// there before.
//
// req: TP-PB-006, TP-PB-007, TP-PB-008, TP-PB-009
func (f *field) checkTag(seen *[7]bool) error {
	number, wire := f.tag>>3, f.tag&7
	switch {
	case number == 0 || number > fieldMax:
		return header(f.tagAt, "field number %d does not exist", number)
	case wire != wireVarint && wire != wire64 && wire != wireBytes && wire != wire32:
		return header(f.tagAt, "field %d has wire type %d, which a packet cannot have", number, wire)
	case number >= uint64(len(seen)):
		return nil
	}
	switch f.tag {
	case tagSeq, tagPtype, tagUri, tagMeta, tagBodyCodec, tagBody:
	default:
		class := packet.ClassHeader
		if number == tagMeta>>3 {
			class = packet.ClassMeta
		}
		return packet.PayloadError(class, f.tagAt, fmt.Errorf("field %d has the wrong wire type, %d", number, wire))
	}
	if seen[number] {
		return header(f.tagAt, "field %d is there a second time", number)
	}
	seen[number] = true
	return nil
}

// readValue reads the value and gives where it ends.
//
// req: TP-PB-010, TP-PB-011, TP-PB-012
func (f *field) readValue(b []byte) (end int, err error) {
	at := f.valueAt
	size := 0
	switch f.tag & 7 {
	case wire64:
		size = 8
	case wire32:
		size = 4
	default:
		number, n := binary.Uvarint(b[at:])
		if n <= 0 {
			return 0, header(at, "the value of field %d is cut or longer than 64 bits", f.tag>>3)
		}
		f.number = number
		if f.tag&7 == wireVarint {
			if (f.tag == tagPtype || f.tag == tagBodyCodec) && number > 255 {
				return 0, header(at, "field %d is %d, the most is 255", f.tag>>3, number)
			}
			return at + n, nil
		}
		at += n
		if number > uint64(len(b)-at) {
			return 0, header(f.valueAt, "field %d should have %d bytes, %d are there", f.tag>>3, number, len(b)-at)
		}
		f.bytes, f.bytesAt = b[at:at+int(number)], at
		return at + int(number), nil
	}
	if len(b)-at < size {
		return 0, header(at, "field %d should have %d bytes, %d are there", f.tag>>3, size, len(b)-at)
	}
	return at + size, nil
}

func header(at int, format string, args ...any) error {
	return packet.PayloadError(packet.ClassHeader, at, fmt.Errorf(format, args...))
}
