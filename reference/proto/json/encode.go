package json

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/reference/internal/bufpool"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/internal/frame"
)

// headerLen is about what the members take without uri, metadata and body.
const headerLen = 112

// appendPayload appends the object of p: all its members, in order.
//
// req: TP-JSON-002, TP-JSON-003, TP-JSON-004, TP-JSON-007
func appendPayload(dst []byte, p *packet.Packet) ([]byte, error) {
	body := bufpool.Get(0)
	defer bufpool.Put(body)
	var err error
	if body.B, err = p.AppendBody(body.B); err != nil {
		return dst, err
	}
	out := append(dst, `{"seq":"`...)
	out = strconv.AppendUint(out, p.Seq(), 10)
	out = append(out, `","ptype":`...)
	out = strconv.AppendUint(out, uint64(p.Ptype()), 10)
	out = appendMember(out, "uri", p.Uri())

	out = append(out, `,"meta":"`...)
	metaAt := len(out)
	out = p.Meta().AppendBytes(out) // nothing in it needs an escape
	if err := frame.CheckMeta(len(out)-metaAt, p.Env()); err != nil {
		return dst, err
	}
	out = append(out, `","body_codec":`...)
	out = strconv.AppendUint(out, uint64(p.BodyCodec()), 10)
	out = appendMember(out, "body", body.B)
	return append(out, '}'), nil
}

// appendMember appends a byte string as the member name, or in base64 as
// name_base64 where it is no text.
//
// req: TP-JSON-005
func appendMember[T string | []byte](dst []byte, name string, value T) []byte {
	dst = append(dst, `,"`...)
	dst = append(dst, name...)
	if isText(value) {
		dst = append(dst, `":"`...)
		dst = appendEscaped(dst, value)
	} else {
		dst = append(dst, `_base64":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, []byte(value))
	}
	return append(dst, '"')
}

// isText tells whether s is UTF-8 with no control characters but tab, line
// feed and carriage return. Others would take six bytes each: what is written
// is never more than twice as long as what was given, and a little.
func isText[T string | []byte](s T) bool {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c < ' ' && c != '\t' && c != '\n' && c != '\r':
			return false
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(string(s[i:min(len(s), i+utf8.UTFMax)]))
			if r == utf8.RuneError && n == 1 {
				return false
			}
			i += n
		}
	}
	return true
}

// appendEscaped appends text with the five escapes that a sender writes.
//
// req: TP-JSON-006
func appendEscaped[T string | []byte](dst []byte, s T) []byte {
	from := 0
	for i := range len(s) {
		var c byte
		switch s[i] {
		case '"', '\\':
			c = s[i]
		case '\n':
			c = 'n'
		case '\r':
			c = 'r'
		case '\t':
			c = 't'
		default:
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = append(dst, '\\', c)
		from = i + 1
	}
	return append(dst, s[from:]...)
}
