package oracle

import (
	"bytes"
	"encoding/binary"
)

// The functions of this file put bytes together, right or wrong: they check nothing, so that vectors and tests can be
// built from them, bad ones included. Each gives fresh memory.

// U8 is one byte.
func U8(v byte) []byte { return []byte{v} }

// U32 is four bytes, big-endian.
func U32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// U64 is eight bytes, big-endian.
func U64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

// Cat joins byte strings.
func Cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// Payload lays out the payload of fast/1 around an encoded meta field.
// req: TP-FAST-002, TP-FAST-010
func Payload(seq uint64, ptype byte, uri, meta []byte, codec byte, body []byte) []byte {
	return Cat(
		U64(seq),
		U8(ptype),
		U32(uint32(len(uri))), uri,
		U32(uint32(len(meta))), meta,
		U8(codec),
		body,
	)
}

// Frame puts size, protocol id and filter ids before a payload to which the filters have been applied already.
// req: TP-FRAME-002, TP-FAST-016
func Frame(ids []byte, payload []byte) []byte {
	return RawFrame(uint32(6+len(ids)+len(payload)), ProtoID, byte(len(ids)), ids, payload)
}

// RawFrame is a frame whose every field is as it is told, true or not.
func RawFrame(size uint32, proto, count byte, ids, payload []byte) []byte {
	return Cat(U32(size), U8(proto), U8(count), ids, payload)
}
