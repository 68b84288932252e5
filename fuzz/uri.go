package fuzz

import (
	"net/url"
	"strings"
)

// naiveURI finds path and query by the steps of the standard (10.3), one after the other. ok is false where the uri does
// not parse; judged is false in the corners in which both verdicts are legal.
//
// req: TP-SESS-006
func naiveURI(uri string) (path, query string, ok, judged bool) {
	uri, fragment, _ := strings.Cut(uri, "#") // step 1
	judged = !strings.Contains(fragment, "%")
	for _, c := range []byte(uri) { // step 2
		if c < 0x20 || c == 0x7f {
			return "", "", false, true
		}
	}
	uri, query, _ = strings.Cut(uri, "?") // step 3
	scheme := schemeOf(uri)               // step 4
	if scheme != "" {
		uri = uri[len(scheme)+1:]
		if !strings.HasPrefix(uri, "/") {
			return "", query, true, judged
		}
	} else if first, _, _ := strings.Cut(uri, "/"); strings.Contains(first, ":") {
		return "", "", false, true
	}
	if strings.HasPrefix(uri, "//") && (scheme != "" || !strings.HasPrefix(uri, "///")) { // step 5
		rest := uri[2:]
		end := strings.IndexByte(rest, '/')
		if end < 0 {
			end = len(rest)
		}
		judged = judged && plainAuthority(rest[:end])
		uri = rest[end:]
	}
	var out []byte // step 6
	for i := 0; i < len(uri); i++ {
		if uri[i] != '%' {
			out = append(out, uri[i])
			continue
		}
		if i+2 >= len(uri) || hexValue(uri[i+1]) < 0 || hexValue(uri[i+2]) < 0 {
			return "", "", false, judged
		}
		out = append(out, byte(hexValue(uri[i+1])<<4|hexValue(uri[i+2])))
		i += 2
	}
	return string(out), query, true, judged
}

// naiveQuery reads a query as form values. A part that is malformed, or has a semicolon, which some take for a separator,
// is left out.
func naiveQuery(query string) url.Values {
	out := url.Values{}
	for part := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(part, "="); part != "" && !strings.Contains(part, ";") {
			k, ok := formText(key)
			v, also := formText(value)
			if ok && also {
				out.Add(k, v)
			}
		}
	}
	return out
}

// formText undoes the escapes of a form; ok is false where one is malformed.
func formText(s string) (text string, ok bool) {
	var out []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			out = append(out, ' ')
		case s[i] != '%':
			out = append(out, s[i])
		case i+2 >= len(s) || hexValue(s[i+1]) < 0 || hexValue(s[i+2]) < 0:
			return "", false
		default:
			out = append(out, byte(hexValue(s[i+1])<<4|hexValue(s[i+2])))
			i += 2
		}
	}
	return string(out), true
}

// schemeOf gives the scheme that a uri begins with, "" for none.
func schemeOf(uri string) string {
	for i, c := range []byte(uri) {
		switch letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'; {
		case letter:
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			return uri[:i]
		default:
			return ""
		}
	}
	return ""
}

// plainAuthority tells whether nothing about an authority can be called malformed: letters, digits, dots, a port.
func plainAuthority(s string) bool {
	host, port, _ := strings.Cut(s, ":")
	for _, c := range []byte(host) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.') {
			return false
		}
	}
	for _, c := range []byte(port) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// hexValue gives the value of a hexadecimal digit, -1 where there is none.
func hexValue(c byte) int {
	if 'A' <= c && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}
