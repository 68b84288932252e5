package mutants

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// body gives the bytes of the packet's body.
func (x *plain) body(p *packet.Packet) ([]byte, error) {
	raw, isRaw := p.Body().(packet.RawBody)
	switch {
	case x.is("nil-body-as-null") && p.Body() == nil && p.BodyCodec() == 'j':
		return []byte("null"), nil
	case x.is("raw-body-encoded") && isRaw && p.BodyCodec() == 'j':
		return json.Marshal([]byte(raw))
	case x.is("raw-body-needs-codec") && isRaw:
		if _, err := p.Env().CodecRegistry().Get(p.BodyCodec()); err != nil {
			return nil, packet.PackError(packet.ClassCodecUnknown, err)
		}
	}
	out, err := p.AppendBody(nil)
	switch {
	case err != nil && x.is("unencodable-body-sent-empty"):
		return nil, nil
	case err != nil && x.is("codec-error-untyped"):
		return nil, errors.New("the body does not encode")
	}
	return out, err
}

// bind decodes the body where the packet wants it, and keeps it raw elsewhere.
func (x *plain) bind(p *packet.Packet) error {
	raw := p.RawBody()
	if x.is("body-left-over") {
		if len(raw) == 0 {
			p.SetRawBody(x.buf, 0)
		}
		x.buf = bytes.Clone(raw)
	}
	if x.is("unknown-codec-refused") && len(raw) > 0 {
		if _, err := p.Env().CodecRegistry().Get(p.BodyCodec()); err != nil {
			return packet.PayloadError(packet.ClassCodecUnknown, 0, err)
		}
	}
	fn := p.NewBodyFunc()
	if fn == nil {
		if x.is("raw-body-dropped") {
			p.SetRawBody(nil, 0)
		}
		return nil
	}
	switch {
	case x.is("newbody-ignored"):
		return nil
	case x.is("newbody-twice"):
		fn(p.Seq(), p.Ptype(), p.Uri())
	case x.is("newbody-before-header"):
		target := fn(0, 0, "")
		p.SetBody(target)
		return p.Bind(target)
	case x.is("buffer-lent-to-values"):
		if target, ok := fn(p.Seq(), p.Ptype(), p.Uri()).(*[]byte); ok {
			*target = raw
			return nil
		}
	case x.is("empty-body-decoded") && len(raw) == 0, x.is("raw-target-decoded"):
		return x.decodeInto(p, raw)
	case x.is("body-error-swallowed"):
		_ = p.UnmarshalNewBody(raw)
		return nil
	}
	return p.UnmarshalNewBody(raw)
}

// decodeInto has the codec fill the target, whatever body and target are.
func (x *plain) decodeInto(p *packet.Packet, raw []byte) error {
	target := p.NewBodyFunc()(p.Seq(), p.Ptype(), p.Uri())
	p.SetBody(target)
	if target == nil {
		return nil
	}
	c, err := p.Env().CodecRegistry().Get(p.BodyCodec())
	if err != nil {
		return &packet.Error{Class: packet.ClassCodecUnknown, Stage: packet.StageBody, Op: packet.OpBind, Err: err}
	}
	if err := c.Unmarshal(raw, target); err != nil {
		return &packet.Error{Class: packet.ClassBody, Stage: packet.StageBody, Op: packet.OpBind, Err: err}
	}
	return nil
}
