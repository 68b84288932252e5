package tp

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// rerrorParser reads one JSON object by hand, for three reasons: a duplicate
// member counts as its first occurrence, bytes that are not UTF-8 stay as they
// are, and raw control characters can be let through on the second reading.
// encoding/json does none of these.
type rerrorParser struct {
	b       []byte
	i       int
	lenient bool // raw control characters inside strings are taken as themselves
}

// parseRerrorJSON reads {"code":..,"message":..,"detail":..}: members in any
// order, unknown members skipped, the first of duplicates counts.
//
// req: TP-ERR-007, TP-ERR-012, TP-ERR-017, TP-ERR-018
func parseRerrorJSON(b []byte, lenient bool) (*Rerror, error) {
	p := &rerrorParser{b: b, lenient: lenient}
	r := new(Rerror)
	var seen [3]bool
	p.space()
	if !p.eat('{') {
		return nil, p.fail("a JSON object")
	}
	p.space()
	for first := true; !p.eat('}'); first = false {
		if !first {
			if !p.eat(',') {
				return nil, p.fail("',' or '}'")
			}
			p.space()
		}
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if !p.eat(':') {
			return nil, p.fail("':'")
		}
		p.space()
		if err := p.member(r, string(key), &seen); err != nil {
			return nil, err
		}
		p.space()
	}
	p.space()
	if p.i != len(p.b) {
		return nil, p.fail("the end of the value")
	}
	return r, nil
}

// member reads the value of one member into r, or skips it.
func (p *rerrorParser) member(r *Rerror, key string, seen *[3]bool) error {
	var n int
	switch key {
	case "code":
		n = 0
	case "message":
		n = 1
	case "detail":
		n = 2
	default:
		return p.skip()
	}
	if seen[n] {
		return p.skip()
	}
	seen[n] = true
	if n == 0 {
		code, err := p.int32()
		r.Code = code
		return err
	}
	s, err := p.str()
	if n == 1 {
		r.Message = string(s)
	} else {
		r.Detail = string(s)
	}
	return err
}

func (p *rerrorParser) fail(want string) error { return &rerrorJSONError{Offset: p.i, Want: want} }

func (p *rerrorParser) space() {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *rerrorParser) peek() byte {
	if p.i < len(p.b) {
		return p.b[p.i]
	}
	return 0
}

func (p *rerrorParser) eat(c byte) bool {
	if p.i < len(p.b) && p.b[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *rerrorParser) digits() bool {
	start := p.i
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.i++
	}
	return p.i > start
}

// number passes one JSON number and says whether it has a fraction or exponent.
func (p *rerrorParser) number() (whole bool, err error) {
	p.eat('-')
	if !p.eat('0') && !p.digits() {
		return false, p.fail("a number")
	}
	whole = true
	if p.eat('.') {
		whole = false
		if !p.digits() {
			return false, p.fail("digits after '.'")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		whole = false
		p.i++
		if !p.eat('+') {
			p.eat('-')
		}
		if !p.digits() {
			return false, p.fail("digits of the exponent")
		}
	}
	return whole, nil
}

func (p *rerrorParser) int32() (int32, error) {
	start := p.i
	whole, err := p.number()
	if err == nil && whole {
		if n, err := strconv.ParseInt(string(p.b[start:p.i]), 10, 32); err == nil {
			return int32(n), nil
		}
	}
	p.i = start
	return 0, p.fail("an integer in the signed 32-bit range")
}

// str reads one JSON string. The result is fresh memory.
func (p *rerrorParser) str() ([]byte, error) {
	if !p.eat('"') {
		return nil, p.fail("a string")
	}
	out := []byte{}
	for p.i < len(p.b) {
		c := p.b[p.i]
		switch {
		case c == '"':
			p.i++
			return out, nil
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		case c < 0x20 && !p.lenient:
			return nil, p.fail("an escaped control character")
		default:
			p.i++
			out = append(out, c)
		}
	}
	return nil, p.fail(`'"'`)
}

// escape reads one escape sequence; half a surrogate pair becomes U+FFFD.
func (p *rerrorParser) escape() (rune, error) {
	p.i++ // the backslash
	c := p.peek()
	if c == 'u' {
		p.i++
		r, ok := p.hex4()
		if !ok {
			return 0, p.fail("four hexadecimal digits")
		}
		if !utf16.IsSurrogate(r) {
			return r, nil
		}
		at := p.i
		if p.eat('\\') && p.eat('u') {
			if low, ok := p.hex4(); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return pair, nil
				}
			}
		}
		p.i = at // what follows is no second half: read it on its own
		return utf8.RuneError, nil
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	for k := 0; k < len(from); k++ {
		if c == from[k] && p.i < len(p.b) {
			p.i++
			return rune(to[k]), nil
		}
	}
	return 0, p.fail("an escape of JSON")
}

func (p *rerrorParser) hex4() (rune, bool) {
	if len(p.b)-p.i < 4 {
		return 0, false
	}
	var r rune
	for _, c := range p.b[p.i : p.i+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	p.i += 4
	return r, true
}
