package json

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/internal/frame"
)

// member is one of the fields of a packet that an object can have; uri and
// body have two names each.
type member int

const (
	other member = iota // not ours
	seqMember
	ptypeMember
	uriMember
	metaMember
	codecMember
	bodyMember
	members
)

// memberOf gives the member of a name, and whether its value is in base64.
//
// req: TP-JSON-021
func memberOf(t text) (m member, inBase64 bool) {
	name := t.raw
	if t.escaped {
		var longest [6 * len("body_base64")]byte
		if len(name) > len(longest) {
			return other, false
		}
		name = appendUnescaped(longest[:0], name)
	}
	switch string(name) { // case-sensitive
	case "seq":
		return seqMember, false
	case "ptype":
		return ptypeMember, false
	case "uri":
		return uriMember, false
	case "uri_base64":
		return uriMember, true
	case "meta":
		return metaMember, false
	case "body_codec":
		return codecMember, false
	case "body":
		return bodyMember, false
	case "body_base64":
		return bodyMember, true
	}
	return other, false
}

// reader reads the members of one payload into a packet.
type reader struct {
	scanner
	p       *packet.Packet
	seen    [members]bool
	codecAt int // where the value of body_codec is
	body    []byte
	bodyAt  int
	owned   bool // body is in memory of its own
}

// parsePayload reads the object into p. A member that is absent is zero or
// empty.
//
// req: TP-JSON-008, TP-JSON-009, TP-JSON-020
func parsePayload(b []byte, p *packet.Packet) error {
	r := reader{scanner: scanner{b: b}, p: p}
	if err := r.object(); err != nil {
		return err
	}
	p.SetRawBodyAt(r.body, r.bodyAt, r.codecAt)
	if r.owned {
		p.OwnRawBody()
	}
	return nil
}

// object takes the whole payload.
func (r *reader) object() error {
	if err := r.take('{'); err != nil {
		return err
	}
	r.space()
	more := r.peek() != '}'
	if !more {
		r.at++
	}
	for more {
		err := r.member()
		if err != nil {
			return err
		}
		if more, err = r.more('}'); err != nil {
			return err
		}
	}
	if r.space(); r.at < len(r.b) {
		return r.unexpected("the end of the payload")
	}
	return nil
}

// member takes a name and its value.
//
// req: TP-JSON-012
func (r *reader) member() error {
	r.space()
	nameAt := r.at
	name, err := r.str()
	if err != nil {
		return err
	}
	m, inBase64 := memberOf(name)
	if m != other && r.seen[m] {
		return header(nameAt, "a second member %s", name.raw)
	}
	r.seen[m] = true
	if err := r.take(':'); err != nil {
		return err
	}
	r.space()
	at := r.at
	switch m {
	case other:
		return r.skip(1)
	case ptypeMember:
		n, err := r.byteValue()
		r.p.SetPtype(n)
		return err
	case codecMember:
		n, err := r.byteValue()
		r.p.SetBodyCodec(n)
		r.codecAt = at
		return err
	}
	if m == metaMember && r.at < len(r.b) && r.peek() != '"' {
		// req: TP-JSON-014
		return packet.PayloadError(packet.ClassMeta, at, errors.New("meta is not a string"))
	}
	t, err := r.str() // what is no string fails at its first byte
	if err != nil {
		return err
	}
	switch {
	case m == seqMember:
		return r.takeSeq(t, at)
	case m == bodyMember:
		return r.takeBody(t, at, inBase64)
	}
	return r.takeShort(m, t, at, inBase64)
}

// byteValue takes an integer from 0 to 255.
//
// req: TP-JSON-013
func (r *reader) byteValue() (byte, error) {
	at := r.at
	digits, err := r.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(digits), 10, 8) // takes digits only
	if err != nil {
		return 0, header(at, "%s is not an integer from 0 to 255", digits)
	}
	return byte(n), nil
}

// takeSeq reads a decimal number of 64 bits.
//
// req: TP-JSON-013
func (r *reader) takeSeq(t text, at int) error {
	digits := t.raw
	if t.escaped {
		digits = appendUnescaped(nil, digits)
	}
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil || len(digits) > 1 && digits[0] == '0' {
		return header(at, "seq is %.40q, not a decimal number of 64 bits", digits)
	}
	r.p.SetSeq(n)
	return nil
}

// takeShort reads uri or metadata, which are copied out of the payload.
//
// req: TP-JSON-018, TP-JSON-019
func (r *reader) takeShort(m member, t text, at int, inBase64 bool) error {
	value := t.raw
	if t.escaped || inBase64 {
		buf := bufpool.Get(len(t.raw))
		defer bufpool.Put(buf)
		var err error
		if buf.B, err = t.decode(buf.B, at, inBase64); err != nil {
			return err
		}
		value = buf.B
	}
	if m == uriMember {
		return frame.TakeUri(r.p, value, at)
	}
	return frame.TakeMeta(r.p, value, at)
}

// takeBody keeps the body: as a part of the payload where it stands there as
// it is, else in memory of its own.
func (r *reader) takeBody(t text, at int, inBase64 bool) (err error) {
	r.body, r.bodyAt = t.raw, t.at
	if t.escaped || inBase64 {
		r.owned = true
		r.body, err = t.decode(make([]byte, 0, len(t.raw)), at, inBase64)
	}
	return err
}

// strict takes the one encoding that a byte string has, but also skips line
// breaks, which decode looks for.
var strict = base64.StdEncoding.Strict()

// decode appends what the string stands for to dst, which has room for it.
//
// req: TP-JSON-015
func (t *text) decode(dst []byte, at int, inBase64 bool) ([]byte, error) {
	if !inBase64 {
		return appendUnescaped(dst, t.raw), nil
	}
	code := t.raw
	if t.escaped {
		buf := bufpool.Get(len(code))
		defer bufpool.Put(buf)
		buf.B = appendUnescaped(buf.B, code)
		code = buf.B
	}
	out, err := strict.AppendDecode(dst, code)
	if err != nil || bytes.ContainsAny(code, "\r\n") {
		return dst, header(at, "the string is not base64 with padding")
	}
	return out, nil
}
