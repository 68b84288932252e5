package fast

import (
	"encoding/binary"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/internal/frame"
)

// headerLen is seq, ptype, two length fields and codec of the payload.
const headerLen = 18

// appendPayload appends what the pipe works on: header fields, metadata, body.
//
// req: TP-FAST-002, TP-FAST-010
func appendPayload(dst []byte, p *packet.Packet) ([]byte, error) {
	uri := p.Uri()
	out := binary.BigEndian.AppendUint64(dst, p.Seq())
	out = append(out, p.Ptype())
	out = binary.BigEndian.AppendUint32(out, uint32(len(uri)))
	out = append(out, uri...)

	lenAt := len(out)
	out = append(out, 0, 0, 0, 0)
	out = p.Meta().AppendBytes(out)
	metaLen := len(out) - lenAt - 4
	if err := frame.CheckMeta(metaLen, p.Env()); err != nil {
		return dst, err
	}
	binary.BigEndian.PutUint32(out[lenAt:], uint32(metaLen))

	out = append(out, p.BodyCodec())
	out, err := p.AppendBody(out)
	if err != nil {
		return dst, err
	}
	return out, nil
}
