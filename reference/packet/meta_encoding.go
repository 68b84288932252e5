package packet

import "math"

// Parse replaces the pairs by those of a query string. Parsing is total: what
// is not well formed is taken literally.
func (m *Meta) Parse(query string) { m.ParseBytes([]byte(query)) }

// ParseBytes is Parse for bytes. It does not keep query.
//
// req: TP-META-011
func (m *Meta) ParseBytes(query []byte) { _ = m.ParseLimit(query, math.MaxInt) }

// ParseLimit is ParseBytes, but leaves the Meta empty and fails with an error
// that wraps ErrTooManyPairs when there are more than maxPairs pairs. Pairs
// with empty key and value are skipped and do not count.
//
// req: TP-META-006, TP-META-007
func (m *Meta) ParseLimit(query []byte, maxPairs int) error {
	m.Reset()
	if cap(m.data) < len(query) {
		m.data = make([]byte, 0, len(query)) // decoding never makes it longer
	}
	for len(query) > 0 {
		// One pass to the end of the pair finds its first '=' too.
		eq, end := -1, 0
		for end < len(query) && query[end] != '&' {
			if query[end] == '=' && eq < 0 {
				eq = end
			}
			end++
		}
		rest := query[end:]
		if len(rest) > 0 {
			rest = rest[1:]
		}
		if end == 0 || end == 1 && eq == 0 {
			query = rest
			continue
		}
		if len(m.pairs) == maxPairs {
			m.Reset()
			return tooManyPairs(maxPairs)
		}
		if eq < 0 {
			eq = end
		}
		var p pair
		p.key = uint32(len(m.data))
		m.data = appendUnescaped(m.data, query[:eq])
		p.keyEnd = uint32(len(m.data))
		p.val = p.keyEnd
		if eq < end {
			m.data = appendUnescaped(m.data, query[eq+1:end])
		}
		p.valEnd = uint32(len(m.data))
		m.pairs = append(m.pairs, p)
		query = rest
	}
	return nil
}

// req: TP-META-008, TP-META-009, TP-META-010
func appendUnescaped(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		c := src[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(src):
			hi, lo := unhex[src[i+1]], unhex[src[i+2]]
			if hi != 0 && lo != 0 {
				c = (hi-1)<<4 | (lo - 1)
				i += 2
			}
		}
		dst = append(dst, c)
	}
	return dst
}

// AppendBytes appends the encoded pairs to dst: key=value in order, joined by
// '&', '=' left out where the value is empty. A pair with empty key and value
// is left out.
//
// req: TP-META-003, TP-META-004, TP-META-018
func (m *Meta) AppendBytes(dst []byte) []byte {
	first := true
	for i := range m.pairs {
		k, v := m.key(i), m.val(i)
		if len(k) == 0 && len(v) == 0 {
			continue
		}
		if !first {
			dst = append(dst, '&')
		}
		first = false
		dst = appendEscaped(dst, k)
		if len(v) > 0 {
			dst = append(dst, '=')
			dst = appendEscaped(dst, v)
		}
	}
	return dst
}

// EncodedPairs gives the number of pairs that AppendBytes writes.
func (m *Meta) EncodedPairs() int {
	n := 0
	for _, p := range m.pairs {
		if p.key != p.keyEnd || p.val != p.valEnd {
			n++
		}
	}
	return n
}

// QueryString gives the encoded pairs in memory of their own.
func (m *Meta) QueryString() []byte { return m.AppendBytes(nil) }

// String gives the encoded pairs.
func (m *Meta) String() string { return string(m.AppendBytes(nil)) }

const upperHex = "0123456789ABCDEF"

// req: TP-META-005
func appendEscaped(dst, src []byte) []byte {
	for _, c := range src {
		if plain[c] {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return dst
}

// unhex holds the value of a hexadecimal digit plus one; 0 is no digit.
var unhex = func() (t [256]byte) {
	for i := range byte(10) {
		t['0'+i] = i + 1
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = i+11, i+11
	}
	return t
}()

// plain tells which bytes are written as they are.
var plain = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	t['*'], t['-'], t['.'], t['_'] = true, true, true, true
	return t
}()
