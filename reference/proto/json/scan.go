package json

import (
	"fmt"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// maxDepth is how deep objects and arrays may lie in each other; the payload's
// own object is the first.
const maxDepth = 32

// scanner walks over JSON text and judges its form. Its errors are
// *packet.Error of class header at the first byte that cannot stand where it
// stands, or at the end of a text that ends too early.
//
// req: TP-JSON-011
type scanner struct {
	b  []byte
	at int
}

func header(at int, format string, args ...any) error {
	return packet.PayloadError(packet.ClassHeader, at, fmt.Errorf(format, args...))
}

// space skips white space.
func (s *scanner) space() {
	for s.at < len(s.b) {
		switch s.b[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// peek gives the next byte, 0 at the end; no JSON text has a 0 byte.
func (s *scanner) peek() byte {
	if s.at < len(s.b) {
		return s.b[s.at]
	}
	return 0
}

// take takes the byte c after white space.
func (s *scanner) take(c byte) error {
	if s.space(); s.peek() != c {
		return s.unexpected(string(c))
	}
	s.at++
	return nil
}

// unexpected is the error for the byte, or the end, where the scanner is.
func (s *scanner) unexpected(want string) error {
	if s.at >= len(s.b) {
		return header(len(s.b), "the JSON text ends where %s is expected", want)
	}
	return header(s.at, "%q where %s is expected", s.b[s.at], want)
}

// more tells, after a member or element, whether another follows; end is the
// bracket that else has to.
func (s *scanner) more(end byte) (bool, error) {
	s.space()
	switch s.peek() {
	case ',':
		s.at++
		return true, nil
	case end:
		s.at++
		return false, nil
	}
	return false, s.unexpected("a comma or " + string(end))
}

// text is a string between its quotes.
type text struct {
	raw     []byte
	at      int  // where raw begins
	escaped bool // raw has escapes, to be undone by appendUnescaped
}

// str takes a string.
//
// req: TP-JSON-016
func (s *scanner) str() (text, error) {
	if err := s.take('"'); err != nil {
		return text{}, err
	}
	t := text{at: s.at}
	for {
		c := s.peek()
		switch {
		case c == '"':
			t.raw = s.b[t.at:s.at]
			s.at++
			return t, nil
		case c == '\\':
			t.escaped = true
			if err := s.escape(); err != nil {
				return t, err
			}
		case c < ' ': // 0 stands for the end, too
			return t, s.unexpected("a character of a string")
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, n := utf8.DecodeRune(s.b[s.at:])
			if r == utf8.RuneError && n == 1 {
				return t, header(s.at, "the string is not UTF-8")
			}
			s.at += n
		}
	}
}

// escape takes one escape, of a surrogate its other half too.
func (s *scanner) escape() error {
	from := s.at
	s.at++
	switch s.peek() {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
		return nil
	case 'u':
	default:
		return s.unexpected("an escape's letter")
	}
	s.at++
	for range 4 {
		if unhex(s.peek()) < 0 {
			return s.unexpected("a hexadecimal digit")
		}
		s.at++
	}
	switch r := hex4(s.b[from+2:]); {
	case r >= 0xDC00 && r < 0xE000, r >= 0xD800 && r < 0xDC00 && lowSurrogate(s.b[s.at:]) < 0:
		return header(from, "half of a surrogate pair")
	case r >= 0xD800 && r < 0xDC00:
		s.at += 6
	}
	return nil
}

// skip takes a value of any kind; depth is that of the object around it.
//
// req: TP-JSON-010, TP-JSON-017
func (s *scanner) skip(depth int) error {
	s.space()
	switch c := s.peek(); c {
	case '"':
		_, err := s.str()
		return err
	case '{', '[':
		if depth == maxDepth {
			return header(s.at, "nested more than %d deep", maxDepth)
		}
		s.at++
		return s.inside(c, depth+1)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	_, err := s.number()
	return err
}

// inside takes what follows an opening bracket, the closing one included.
func (s *scanner) inside(open byte, depth int) error {
	end := open + 2 // ] behind [ and } behind {
	if s.space(); s.peek() == end {
		s.at++
		return nil
	}
	for {
		if open == '{' {
			if _, err := s.str(); err != nil {
				return err
			}
			if err := s.take(':'); err != nil {
				return err
			}
		}
		if err := s.skip(depth); err != nil {
			return err
		}
		if more, err := s.more(end); !more {
			return err
		}
	}
}

func (s *scanner) word(w string) error {
	for i := range len(w) {
		if s.peek() != w[i] {
			return s.unexpected(w)
		}
		s.at++
	}
	return nil
}

// number takes a number and gives its text.
func (s *scanner) number() ([]byte, error) {
	from := s.at
	if s.peek() == '-' {
		s.at++
	}
	if s.peek() == '0' {
		s.at++
	} else if err := s.digits(); err != nil {
		return nil, err
	}
	if s.peek() == '.' {
		s.at++
		if err := s.digits(); err != nil {
			return nil, err
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		s.at++
		if c := s.peek(); c == '+' || c == '-' {
			s.at++
		}
		if err := s.digits(); err != nil {
			return nil, err
		}
	}
	return s.b[from:s.at], nil
}

// digits takes at least one.
func (s *scanner) digits() error {
	if !isDigit(s.peek()) {
		return s.unexpected("a JSON value")
	}
	for isDigit(s.peek()) {
		s.at++
	}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
