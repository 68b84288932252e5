package oracle

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrorKey is the metadata key under which a REPLY carries its error.
const ErrorKey = "X-Reply-Error"

// ReplyError is the error of a REPLY. Message and Detail are bytes: they are mostly, but need not be, UTF-8.
type ReplyError struct {
	Code    int32 // req: TP-ERR-012
	Message []byte
	Detail  []byte
}

// EncodeReplyError writes the value of X-Reply-Error.
// req: TP-ERR-003
func EncodeReplyError(e ReplyError) []byte {
	out := []byte(`{"code":` + strconv.Itoa(int(e.Code)))
	if len(e.Message) > 0 {
		out = Cat(out, []byte(`,"message":"`), escapeJSON(e.Message), []byte(`"`))
	}
	if len(e.Detail) > 0 {
		out = Cat(out, []byte(`,"detail":"`), escapeJSON(e.Detail), []byte(`"`))
	}
	return append(out, '}')
}

// escapeJSON escapes what must be escaped, and nothing else.
// req: TP-ERR-004
func escapeJSON(b []byte) []byte {
	const digits = "0123456789abcdef"
	var out []byte
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			out = append(out, c)
		}
	}
	return out
}

// ReplyErrorOf gives the error that metadata carries, and whether it carries one.
func ReplyErrorOf(meta []Pair) (ReplyError, bool) {
	value, ok := PeekMeta(meta, []byte(ErrorKey)) // req: TP-ERR-015
	if !ok || len(value) == 0 {                   // req: TP-ERR-002
		return ReplyError{}, false
	}
	return DecodeReplyError(value), true // req: TP-ERR-005
}

// DecodeReplyError reads a value of X-Reply-Error. It accepts every byte string.
// req: TP-ERR-006
func DecodeReplyError(value []byte) ReplyError {
	if e, ok := strictReplyError(value); ok {
		return e
	}
	if e, ok := strictReplyError(escapeControls(value)); ok {
		return e
	}
	return ReplyError{Message: value}
}

// strictReplyError reads a JSON object whose code is an integer and whose message and detail are strings.
func strictReplyError(value []byte) (e ReplyError, ok bool) {
	if !json.Valid(value) {
		return e, false
	}
	dec := json.NewDecoder(bytes.NewReader(value))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return e, false
	}
	seen := map[string]bool{}
	for dec.More() { // req: TP-ERR-007
		name, err := dec.Token()
		if err != nil {
			return e, false
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return e, false
		}
		key := name.(string)
		if seen[key] { // req: TP-ERR-018
			continue
		}
		seen[key] = true
		switch key { // req: TP-ERR-017
		case "code":
			n, err := strconv.ParseInt(string(raw), 10, 32)
			if err != nil {
				return e, false
			}
			e.Code = int32(n)
		case "message":
			if e.Message, ok = jsonString(raw); !ok {
				return e, false
			}
		case "detail":
			if e.Detail, ok = jsonString(raw); !ok {
				return e, false
			}
		}
	}
	return e, true
}

// jsonString undoes a JSON string that is known to be well-formed. It keeps bytes that are no UTF-8 as they are.
func jsonString(raw []byte) ([]byte, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return nil, false
	}
	short := map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9}
	out := []byte{}
	for s := raw[1 : len(raw)-1]; len(s) > 0; {
		switch {
		case s[0] != '\\':
			out, s = append(out, s[0]), s[1:]
		case s[1] != 'u':
			out, s = append(out, short[s[1]]), s[2:]
		default:
			r := hex4(s[2:6])
			s = s[6:]
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
					low = hex4(s[2:6])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					s = s[6:]
				}
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return out, true
}

func hex4(b []byte) rune {
	n, _ := strconv.ParseUint(string(b), 16, 16)
	return rune(n)
}

// escapeControls writes the raw control characters inside JSON strings as escapes: the original left them raw.
func escapeControls(b []byte) []byte {
	var out []byte
	inString := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			inString = !inString
			out = append(out, c)
		case c == '\\' && inString && i+1 < len(b):
			out = append(out, c, b[i+1])
			i++
		case c < 0x20 && inString:
			out = append(out, escapeJSON([]byte{c})...)
		default:
			out = append(out, c)
		}
	}
	return out
}
