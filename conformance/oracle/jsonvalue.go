package oracle

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
)

// value reads the value of a member into the packet; field is "" for a member that is to be skipped.
func (t *jsonText) value(p *Packet, field string, coded bool, l Limits) *Error {
	v := t.at
	wrong := func(format string, args ...any) *Error { // req: TP-JSON-013
		return fail(Header, StagePayload, v, format, args...)
	}
	switch field {
	case "":
		return t.skip()
	case "ptype", "body_codec":
		if t.at >= t.stop {
			return t.malformed()
		}
		text, e := t.number()
		if e != nil {
			return e
		}
		n, err := strconv.Atoi(text)
		if err != nil || text != strconv.Itoa(n) || n < 0 || n > 255 || text[0] == '-' {
			return wrong("%s is %s, no byte", field, text)
		}
		if field == "ptype" {
			p.Ptype = byte(n)
		} else {
			p.Codec, p.CodecOffset = byte(n), v
		}
		return nil
	}
	if t.b[v] != '"' {
		if field == "meta" { // req: TP-JSON-014
			return fail(MetaClass, StagePayload, v, "the metadata is no string")
		}
		return wrong("%s is no string", field)
	}
	s, e := t.str()
	if e != nil {
		return e
	}
	b := []byte(s)
	if coded { // req: TP-JSON-015
		var err error
		b, err = base64.StdEncoding.DecodeString(s)
		if err != nil || base64.StdEncoding.EncodeToString(b) != s {
			return wrong("%s is no base64", field)
		}
	}
	switch field {
	case "seq":
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != s {
			return wrong("seq is %q", s)
		}
		p.Seq = n
	case "uri":
		if len(b) > int(l.MaxUri) { // req: TP-JSON-018
			return fail(Limit, StagePayload, v, "the uri has %d bytes", len(b))
		}
		p.Uri = b
	case "meta":
		p.Meta = DecodeMeta(b)
		if len(b) > int(l.MaxMeta) || len(p.Meta) > l.MaxMetaPairs { // req: TP-JSON-019
			return fail(Limit, StagePayload, v, "the metadata has %d bytes and %d pairs", len(b), len(p.Meta))
		}
	case "body":
		p.Body, p.BodyOffset = b, v+1
	}
	return nil
}

// number reads a number: as much of the text as is one. One that the text stops in is malformed.
func (t *jsonText) number() (string, *Error) {
	from := t.at
	for t.at < t.stop && strings.IndexByte("+-.0123456789eE", t.b[t.at]) >= 0 {
		t.at++
	}
	text := string(t.b[from:t.at])
	if text == "" { // some other value
		return "", fail(Header, StagePayload, from, "no number")
	}
	if !json.Valid([]byte(text)) {
		return "", t.malformed()
	}
	return text, nil
}

// skip passes over a value of any kind.
// req: TP-JSON-010
func (t *jsonText) skip() *Error {
	open := 0
	for {
		if e := t.space(); e != nil {
			return e
		}
		switch t.b[t.at] {
		case '"':
			if _, e := t.str(); e != nil {
				return e
			}
		case '{', '[':
			if open++; open+1 > 32 { // req: TP-JSON-017
				return fail(Header, StagePayload, t.at, "too deep")
			}
			t.at++
		case '}', ']':
			open--
			t.at++
		default: // the rest of a number or word, a comma, a colon
			t.at++
			if open == 0 && t.at < t.stop && strings.IndexByte(" \t\n\r,}", t.b[t.at]) < 0 {
				continue
			}
		}
		if open == 0 {
			return nil
		}
	}
}
