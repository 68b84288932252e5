package json

import "unicode/utf8"

// appendUnescaped appends the string with its escapes undone. The scanner has
// judged it: every escape is whole. It is never longer than what was escaped.
func appendUnescaped(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			i++
			continue
		}
		if raw[i+1] != 'u' {
			dst = append(dst, escapes[raw[i+1]])
			i += 2
			continue
		}
		r := rune(hex4(raw[i+2:]))
		i += 6
		if r >= 0xD800 && r < 0xDC00 {
			r = (r-0xD800)<<10 + rune(lowSurrogate(raw[i:])) - 0xDC00 + 0x10000
			i += 6
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// escapes gives what the letter of an escape stands for.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// lowSurrogate gives the second half of a pair where b begins with its escape,
// else -1.
func lowSurrogate(b []byte) int {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	if r := hex4(b[2:]); r >= 0xDC00 && r < 0xE000 {
		return r
	}
	return -1
}

// hex4 gives the number of the first four bytes, -1 where they are not all
// hexadecimal digits.
func hex4(b []byte) int {
	n := 0
	for _, c := range b[:4] {
		d := unhex(c)
		if d < 0 {
			return -1
		}
		n = n<<4 | d
	}
	return n
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
