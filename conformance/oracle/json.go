package oracle

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The payload of json/1, read and written from chapter 20 with the JSON of the standard library.

// JSONPayload lays out the payload of json/1 around encoded metadata.
// req: TP-JSON-002, TP-JSON-003, TP-JSON-004, TP-JSON-007
func JSONPayload(seq uint64, ptype byte, uri, meta []byte, codec byte, body []byte) []byte {
	return []byte(`{"seq":"` + strconv.FormatUint(seq, 10) + `","ptype":` + strconv.Itoa(int(ptype)) +
		`,` + jsonBytes("uri", uri) + `,"meta":` + JSONString(string(meta)) +
		`,"body_codec":` + strconv.Itoa(int(codec)) + `,` + jsonBytes("body", body) + `}`)
}

// jsonBytes is the member for a byte string.
// req: TP-JSON-005
func jsonBytes(name string, b []byte) string {
	text := utf8.Valid(b)
	for _, c := range b {
		if c < 0x20 && c != 0x09 && c != 0x0a && c != 0x0d {
			text = false
		}
	}
	if text {
		return `"` + name + `":` + JSONString(string(b))
	}
	return `"` + name + `_base64":"` + base64.StdEncoding.EncodeToString(b) + `"`
}

// JSONString is a text as a sender writes it.
// req: TP-JSON-006
func JSONString(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

// jsonText is the payload on the way through it. It is well-formed up to stop, where the standard library stops or the
// payload ends; what the library does not mind is looked for on the way there.
type jsonText struct {
	b    []byte
	stop int
	at   int
}

// jsonFields are the names of the members, and the fields that they are for.
var jsonFields = map[string]string{"seq": "seq", "ptype": "ptype", "uri": "uri", "uri_base64": "uri", "meta": "meta",
	"body_codec": "body_codec", "body": "body", "body_base64": "body"}

// decodeJSONPayload reads the members of an object from left to right.
// req: TP-JSON-008, TP-JSON-009
func decodeJSONPayload(b []byte, l Limits) (Packet, *Error) {
	var p Packet
	t := &jsonText{b: b}
	var syntax *json.SyntaxError
	if errors.As(json.Unmarshal(Cat(b, U8(0)), new(json.RawMessage)), &syntax) { // a zero byte cannot stand anywhere
		t.stop = int(syntax.Offset) - 1 // of the bytes that it read, the last is the wrong one
	}
	if e := t.open(); e != nil {
		return p, e
	}
	seen := map[string]bool{}
	for t.b[t.at] != '}' {
		t.at++ // the brace or comma before the member
		if e := t.space(); e != nil {
			return p, e
		}
		if t.b[t.at] == '}' { // no member at all
			break
		}
		nameAt := t.at
		name, e := t.str()
		if e != nil {
			return p, e
		}
		field, ours := jsonFields[name]
		coded := field != name
		if ours && seen[field] { // req: TP-JSON-012
			return p, fail(Header, StagePayload, nameAt, "a second member for %s", field)
		}
		seen[field] = true
		if e := t.space(); e != nil {
			return p, e
		}
		t.at++ // the colon
		if e := t.space(); t.at >= len(b) {
			return p, e
		}
		if e := t.value(&p, field, coded, l); e != nil {
			return p, e
		}
		if e := t.space(); e != nil { // a comma, or the end of the object
			return p, e
		}
	}
	t.at++
	for t.at < len(b) {
		if t.at == t.stop { // req: TP-JSON-011
			return p, t.malformed()
		}
		t.at++
	}
	return p, nil
}

// malformed is the fault that the standard library found.
func (t *jsonText) malformed() *Error {
	return fail(Header, StagePayload, t.stop, "no JSON object")
}

// open goes to the brace of the object.
func (t *jsonText) open() *Error {
	for t.at < len(t.b) && strings.IndexByte(" \t\n\r", t.b[t.at]) >= 0 {
		t.at++
	}
	if t.at >= len(t.b) || t.b[t.at] != '{' { // req: TP-JSON-011
		return fail(Header, StagePayload, t.at, "no JSON object")
	}
	return nil
}

// space skips white space; it fails where the text stops.
func (t *jsonText) space() *Error {
	for t.at < t.stop && strings.IndexByte(" \t\n\r", t.b[t.at]) >= 0 {
		t.at++
	}
	if t.at >= t.stop {
		return t.malformed()
	}
	return nil
}

// str reads a string.
func (t *jsonText) str() (string, *Error) {
	from := t.at
	i := from + 1
	for i < t.stop && t.b[i] != '"' {
		if t.b[i] == '\\' {
			i++
		}
		i++
	}
	inside := t.b[from+1 : min(i, t.stop)]
	if at := badText(inside); at >= 0 { // req: TP-JSON-016
		return "", fail(Header, StagePayload, from+1+at, "not text")
	}
	if i >= t.stop {
		return "", t.malformed()
	}
	t.at = i + 1
	var s string
	if err := json.Unmarshal(t.b[from:t.at], &s); err != nil {
		return "", fail(Header, StagePayload, from, "%v", err) // cannot be: the text is well-formed here
	}
	return s, nil
}

// badText gives where a string's inside is not UTF-8 or has half of a surrogate pair; -1 where it is all right.
func badText(b []byte) int {
	for i := 0; i < len(b); {
		if b[i] == '\\' {
			first, second := escaped(b[i:]), escaped(b[min(i+6, len(b)):])
			switch {
			case first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000:
				i += 12
			case first >= 0xd800 && first < 0xe000:
				return i
			default:
				i += 2
			}
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// escaped gives the number of the \u escape that b begins with, -1 where there is none.
func escaped(b []byte) int {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(n)
}
