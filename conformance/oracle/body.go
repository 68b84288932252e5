package oracle

import (
	"encoding/binary"
	"encoding/json"
)

// CheckBody tells whether the body decodes under its codec: any JSON text, any protobuf message, any string. The packet
// itself is good whatever this says.
// req: TP-FAST-014
func CheckBody(p Packet) *Error {
	if len(p.Body) == 0 { // req: TP-CODEC-005
		return nil
	}
	bad := func(why string) *Error { // req: TP-CODEC-009
		at := p.CodecOffset + 1
		if p.BodyOffset != 0 { // req: TP-JSON-020, TP-PB-015
			at = p.BodyOffset
		}
		return fail(BodyClass, StageBody, at, "%s", why)
	}
	switch p.Codec {
	case CodecJSON: // req: TP-CODEC-001, TP-CODEC-011
		if !json.Valid(p.Body) {
			return bad("the body is not one JSON text")
		}
	case CodecProtobuf: // req: TP-CODEC-002
		if !protobufValid(p.Body) {
			return bad("the body is not a protobuf message")
		}
	case CodecString: // req: TP-CODEC-003
	default: // req: TP-CODEC-004, TP-CODEC-010
		return fail(CodecUnknown, StageBody, p.CodecOffset, "no codec has the id %d", p.Codec)
	}
	return nil
}

// protobufValid walks over the fields of a message, whatever their meaning.
func protobufValid(b []byte) bool {
	for len(b) > 0 {
		rest, ok := protobufField(b, 0, 0)
		if !ok {
			return false
		}
		b = rest
	}
	return true
}

// protobufField skips one field. Inside a group (group != 0) it also takes the end tag of that group, and then gives a
// nil rest when nothing follows.
func protobufField(b []byte, group uint64, depth int) ([]byte, bool) {
	tag, n := binary.Uvarint(b)
	number, wire := tag>>3, tag&7
	if n <= 0 || number == 0 || number > 1<<29-1 || depth > 100 {
		return nil, false
	}
	b = b[n:]
	size := uint64(0)
	switch wire {
	case 0:
		_, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, false
		}
		size = uint64(n)
	case 1:
		size = 8
	case 2:
		length, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, false
		}
		b, size = b[n:], length
	case 3:
		for {
			if end, n := binary.Uvarint(b); n > 0 && end&7 == 4 {
				return b[n:], end>>3 == number
			}
			rest, ok := protobufField(b, number, depth+1)
			if !ok {
				return nil, false
			}
			b = rest
		}
	case 5:
		size = 4
	default:
		return nil, false
	}
	if size > uint64(len(b)) {
		return nil, false
	}
	return b[size:], true
}
