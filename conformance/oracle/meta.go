package oracle

import "bytes"

// DecodeMeta reads metadata. It accepts every byte string.
// req: TP-META-001, TP-META-011
func DecodeMeta(b []byte) []Pair {
	var out []Pair
	for _, part := range bytes.Split(b, []byte("&")) { // req: TP-META-006
		key, value, _ := bytes.Cut(part, []byte("=")) // req: TP-META-007
		p := Pair{unescape(key), unescape(value)}
		if len(p.Key) == 0 && len(p.Value) == 0 { // req: TP-META-006
			continue
		}
		out = append(out, p)
	}
	return out
}

// unescape undoes %XX and +.
func unescape(b []byte) []byte {
	out := []byte{}
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '+': // req: TP-META-009
			out = append(out, ' ')
		case b[i] == '%' && i+2 < len(b) && hexDigit(b[i+1]) >= 0 && hexDigit(b[i+2]) >= 0: // req: TP-META-008
			out = append(out, byte(hexDigit(b[i+1])<<4|hexDigit(b[i+2])))
			i += 2
		default: // req: TP-META-010
			out = append(out, b[i])
		}
	}
	return out
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// EncodeMeta writes metadata in the one canonical form.
// req: TP-META-003
func EncodeMeta(pairs []Pair) []byte {
	var parts [][]byte
	for _, p := range pairs {
		if len(p.Key) == 0 && len(p.Value) == 0 { // req: TP-META-018
			continue
		}
		part := escape(p.Key)
		if len(p.Value) > 0 { // req: TP-META-004
			part = append(part, '=')
			part = append(part, escape(p.Value)...)
		}
		parts = append(parts, part)
	}
	return bytes.Join(parts, []byte("&"))
}

// escape writes all but the unreserved bytes as %XX.
// req: TP-META-005
func escape(b []byte) []byte {
	const digits = "0123456789ABCDEF"
	out := []byte{}
	for _, c := range b {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if letter || c == '*' || c == '-' || c == '.' || c == '_' {
			out = append(out, c)
		} else {
			out = append(out, '%', digits[c>>4], digits[c&15])
		}
	}
	return out
}

// SetMeta replaces the value of the first pair with that key, or appends a pair.
// req: TP-META-012
func SetMeta(pairs []Pair, key, value []byte) []Pair {
	out := append([]Pair(nil), pairs...)
	for i := range out {
		if bytes.Equal(out[i].Key, key) { // req: TP-META-002
			out[i].Value = value
			return out
		}
	}
	return append(out, Pair{key, value})
}

// AddMeta appends a pair.
// req: TP-META-013
func AddMeta(pairs []Pair, key, value []byte) []Pair {
	return append(append([]Pair(nil), pairs...), Pair{key, value})
}

// PeekMeta gives the value of the first pair with that key, and whether there is one.
// req: TP-META-014
func PeekMeta(pairs []Pair, key []byte) ([]byte, bool) {
	for _, p := range pairs {
		if bytes.Equal(p.Key, key) {
			return p.Value, true
		}
	}
	return nil, false
}

// DelMeta removes every pair with that key.
// req: TP-META-015
func DelMeta(pairs []Pair, key []byte) []Pair {
	var out []Pair
	for _, p := range pairs {
		if !bytes.Equal(p.Key, key) {
			out = append(out, p)
		}
	}
	return out
}
