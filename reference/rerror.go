package tp

import (
	"context"
	"fmt"
	"strconv"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// MetaRerrorKey is the metadata key of a REPLY that carries an error
// (spec, chapter "Errors"). Keys are case-sensitive.
const MetaRerrorKey = "X-Reply-Error"

// Rerror is an error that travels in the metadata of a REPLY. It is an error
// of Go too; but a nil *Rerror in an error interface is not nil, so hand it on
// with ToError where an error is asked for.
//
// A *Rerror is read-only once it is shared: Copy gives one to change.
type Rerror struct {
	// Code is the error code; applications use codes above 1000.
	Code int32
	// Message is for the user; Detail says more, for the developer.
	Message, Detail string
}

// NewRerror returns an error with the code, the message and the detail.
// Code 0 is an error like any other.
func NewRerror(code int32, message, detail string) *Rerror {
	return &Rerror{Code: code, Message: message, Detail: detail}
}

// NewRerrorFromMeta reads the error of a REPLY from its metadata: nil when
// X-Reply-Error is absent or empty. It never fails: a value that is not the
// standard's JSON becomes code 0 with the raw text as message.
// The result shares no memory with meta.
//
// req: TP-ERR-002, TP-ERR-005, TP-ERR-015
func NewRerrorFromMeta(meta *packet.Meta) *Rerror {
	if meta == nil {
		return nil
	}
	b := meta.Peek(MetaRerrorKey)
	if len(b) == 0 {
		return nil
	}
	return parseRerror(b)
}

// SetToMeta writes the error under X-Reply-Error, as the standard's JSON. The
// first pair with that key is replaced. A nil error changes nothing.
//
// req: TP-ERR-001
func (r *Rerror) SetToMeta(meta *packet.Meta) {
	if r == nil {
		return
	}
	meta.Set(MetaRerrorKey, string(r.appendJSON(nil)))
}

// Error returns the same text as String.
func (r *Rerror) Error() string { return r.String() }

// String returns the standard's JSON form, for example
// {"code":404,"message":"Not Found"}, and "" for nil.
func (r *Rerror) String() string {
	if r == nil {
		return ""
	}
	return string(r.appendJSON(nil))
}

// ToError returns the error as a Go error: a nil *Rerror gives a nil error.
func (r *Rerror) ToError() error {
	if r == nil {
		return nil
	}
	return r
}

// Is makes errors.Is work on the code: two Rerrors are the same error when
// their codes are equal. CodeTimeout is context.DeadlineExceeded as well, and
// CodeCancelled context.Canceled.
func (r *Rerror) Is(target error) bool {
	switch {
	case r == nil:
		return false
	case target == context.DeadlineExceeded:
		return r.Code == CodeTimeout
	case target == context.Canceled:
		return r.Code == CodeCancelled
	}
	t, ok := target.(*Rerror)
	return ok && t != nil && t.Code == r.Code
}

// Copy returns a copy to change; a nil error gives nil.
func (r *Rerror) Copy() *Rerror {
	if r == nil {
		return nil
	}
	c := *r
	return &c
}

// MarshalJSON returns the form that goes on the wire; nil gives null.
// (encoding/json escapes < > & on top of it; the wire has them raw.)
func (r *Rerror) MarshalJSON() ([]byte, error) {
	if r == nil {
		return []byte("null"), nil
	}
	return r.appendJSON(nil), nil
}

// UnmarshalJSON reads the standard's JSON form strictly; unknown members are
// ignored, members come in any order, and null changes nothing. The error says
// at which byte the value leaves the form.
func (r *Rerror) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	v, err := parseRerrorJSON(b, false)
	if err != nil {
		return err
	}
	*r = *v
	return nil
}

// appendJSON writes code, message, detail in this order, without white space,
// and leaves out an empty message or detail.
//
// req: TP-ERR-003, TP-ERR-012
func (r *Rerror) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"code":`...)
	dst = strconv.AppendInt(dst, int64(r.Code), 10)
	if r.Message != "" {
		dst = append(dst, `,"message":`...)
		dst = appendJSONString(dst, r.Message)
	}
	if r.Detail != "" {
		dst = append(dst, `,"detail":`...)
		dst = appendJSONString(dst, r.Detail)
	}
	return append(dst, '}')
}

// appendJSONString escapes the quote, the backslash and control characters,
// and nothing else: bytes that are not UTF-8 stay as they are.
//
// req: TP-ERR-004
func appendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// parseRerror reads a non-empty X-Reply-Error: strictly, then with raw control
// characters taken as if escaped, then as code 0 with the raw text.
//
// req: TP-ERR-006, TP-ERR-017
func parseRerror(b []byte) *Rerror {
	if r, err := parseRerrorJSON(b, false); err == nil {
		return r
	}
	if r, err := parseRerrorJSON(b, true); err == nil {
		return r
	}
	return &Rerror{Message: string(b)}
}

// rerrorJSONError says where a value leaves the form of a reply error.
type rerrorJSONError struct {
	Offset int
	Want   string
}

func (e *rerrorJSONError) Error() string {
	return fmt.Sprintf("teleport: reply error JSON: byte %d: want %s", e.Offset, e.Want)
}
