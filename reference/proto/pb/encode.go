package pb

import (
	"encoding/binary"
	"slices"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/internal/frame"
)

// The tags of the message: field number times eight, and the wire type.
const (
	tagSeq       = 1<<3 | wireVarint
	tagPtype     = 2<<3 | wireVarint
	tagUri       = 3<<3 | wireBytes
	tagMeta      = 4<<3 | wireBytes
	tagBodyCodec = 5<<3 | wireVarint
	tagBody      = 6<<3 | wireBytes
)

// headerLen is the most that the fields take, but for the content of uri,
// metadata and body.
const headerLen = 1 + 10 + 1 + 2 + 1 + 5 + 1 + 5 + 1 + 2 + 1 + 5

// appendPayload appends the message of p: its fields in the order of their
// numbers, those that are zero or empty left out.
//
// req: TP-PB-002, TP-PB-003
func appendPayload(dst []byte, p *packet.Packet) ([]byte, error) {
	out := appendNumber(dst, tagSeq, p.Seq())
	out = appendNumber(out, tagPtype, uint64(p.Ptype()))
	if uri := p.Uri(); uri != "" {
		out = append(out, tagUri)
		out = binary.AppendUvarint(out, uint64(len(uri)))
		out = append(out, uri...)
	}
	metaAt := len(out)
	out = p.Meta().AppendBytes(out)
	if err := frame.CheckMeta(len(out)-metaAt, p.Env()); err != nil {
		return dst, err
	}
	out = prefix(out, metaAt, tagMeta)

	out = appendNumber(out, tagBodyCodec, uint64(p.BodyCodec()))
	bodyAt := len(out)
	out, err := p.AppendBody(out)
	if err != nil {
		return dst, err
	}
	return prefix(out, bodyAt, tagBody), nil
}

// appendNumber appends a number's field unless it is zero.
func appendNumber(dst []byte, tag byte, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return binary.AppendUvarint(append(dst, tag), n)
}

// prefix puts tag and length before what stands in b from at on, if anything
// does. Their length is known only now; moving the content costs less than
// encoding it twice or elsewhere.
func prefix(b []byte, at int, tag byte) []byte {
	n := len(b) - at
	if n == 0 {
		return b
	}
	var head [1 + binary.MaxVarintLen64]byte
	head[0] = tag
	return slices.Insert(b, at, head[:1+binary.PutUvarint(head[1:], uint64(n))]...)
}
