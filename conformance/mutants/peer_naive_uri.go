package mutants

import (
	"bytes"
	"strings"
)

// splitURI finds path and query by the six steps of 10.3.
func splitURI(uri []byte) (path string, query []byte, ok bool) {
	rest, _, _ := bytes.Cut(uri, []byte("#"))
	for _, c := range rest {
		if c < 0x20 || c == 0x7f {
			return "", nil, false
		}
	}
	rest, query, _ = bytes.Cut(rest, []byte("?"))
	text, scheme := string(rest), false
	if i := schemeLen(text); i > 0 {
		scheme = true
		if text = text[i+1:]; !strings.HasPrefix(text, "/") {
			return "", query, true
		}
	} else if first, _, _ := strings.Cut(text, "/"); strings.Contains(first, ":") {
		return "", query, false
	}
	if strings.HasPrefix(text, "//") && (scheme || !strings.HasPrefix(text, "///")) {
		text = text[2:]
		if i := strings.IndexByte(text, '/'); i >= 0 {
			text = text[i:]
		} else {
			text = ""
		}
	}
	path, ok = percentDecode(text)
	return path, query, ok
}

// schemeLen gives where the colon behind a scheme is, 0 without a scheme.
func schemeLen(s string) int {
	for i := range len(s) {
		c := s[i] | 0x20
		switch {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= s[i] && s[i] <= '9' || strings.IndexByte("+-.", s[i]) >= 0):
		case s[i] == ':':
			return i
		default:
			return 0
		}
	}
	return 0
}

func percentDecode(s string) (string, bool) {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		high, low := strings.IndexByte(hexDigits, s[i+1]|0x20), strings.IndexByte(hexDigits, s[i+2]|0x20)
		if high < 0 || low < 0 {
			return "", false
		}
		out = append(out, byte(high<<4|low))
		i += 2
	}
	return string(out), true
}

// hexDigits are the digits after setting 0x20 in each, which leaves 0 to 9 as they are.
const hexDigits = "0123456789abcdef"
