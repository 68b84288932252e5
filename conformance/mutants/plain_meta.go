package mutants

import (
	"bytes"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/reference/packet"
)

type pair struct{ key, value string }

func pairsOf(m *packet.Meta) []pair {
	var out []pair
	m.VisitAll(func(k, v []byte) { out = append(out, pair{string(k), string(v)}) })
	return out
}

// encodeMeta writes metadata as chapter 8 says, and counts the pairs written.
func (x *plain) encodeMeta(m *packet.Meta) ([]byte, int) {
	list := pairsOf(m)
	switch {
	case x.is("meta-reversed"):
		slices.Reverse(list)
	case x.is("meta-sorted"):
		slices.SortStableFunc(list, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	case x.is("meta-repeats-dropped"):
		seen := map[string]bool{}
		list = slices.DeleteFunc(list, func(p pair) bool { had := seen[p.key]; seen[p.key] = true; return had })
	}
	digits := "0123456789ABCDEF"
	if x.is("meta-escapes-lower") || x.is("meta-escapes-vary") && x.call()%2 == 0 {
		digits = "0123456789abcdef"
	}
	var parts []string
	for _, p := range list {
		if p == (pair{}) && !x.is("meta-empty-pair-sent") {
			continue
		}
		part := x.escape(p.key, digits)
		if p.value != "" || x.is("meta-empty-value-with-sign") {
			part += "=" + x.escape(p.value, digits)
		}
		parts = append(parts, part)
	}
	join := "&"
	if x.is("meta-joined-by-semicolon") {
		join = ";"
	}
	return []byte(strings.Join(parts, join)), len(parts)
}

func (x *plain) escape(s, digits string) string {
	if x.is("meta-unescaped") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("*-._", c) >= 0,
			c == '~' && x.is("meta-tilde-plain"), c >= 0x80 && x.is("meta-high-bytes-plain"):
			b.WriteByte(c)
		case c == ' ' && x.is("meta-space-as-plus"):
			b.WriteByte('+')
		default:
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}

// decodeMeta reads metadata into m; it gives false where there are more than limit pairs.
func (x *plain) decodeMeta(m *packet.Meta, b []byte, limit int) bool {
	m.Reset()
	n := 0
	for len(b) > 0 {
		var part []byte
		part, b, _ = bytes.Cut(b, []byte{'&'})
		k, v, _ := x.cut(part)
		p := pair{x.unescape(k), x.unescape(v)}
		if p == (pair{}) && !x.is("meta-empty-pair-kept") {
			continue
		}
		if n++; x.over("read-pairs", uint64(n), uint64(limit)) {
			return false
		}
		if p.value == "" && x.is("meta-empty-value-dropped") || p.key == "" && x.is("meta-empty-key-dropped") {
			continue
		}
		switch {
		case x.is("meta-keys-folded"):
			p.key = strings.ToLower(p.key)
		case x.is("meta-last-wins"):
			m.Del(p.key)
		}
		m.Add(p.key, p.value)
	}
	return true
}

// cut splits a pair at its first '='.
func (x *plain) cut(part []byte) (k, v []byte, ok bool) {
	if i := bytes.LastIndexByte(part, '='); x.is("meta-split-at-last-sign") && i >= 0 {
		return part[:i], part[i+1:], true
	}
	return bytes.Cut(part, []byte{'='})
}

func (x *plain) unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case c == '+' && !x.is("meta-plus-kept"):
			c = ' '
		case c == '%' && i+2 < len(b) && x.hex(b[i+1]) >= 0 && x.hex(b[i+2]) >= 0:
			c = byte(x.hex(b[i+1])<<4 | x.hex(b[i+2]))
			i += 2
		case c == '%' && x.is("meta-lone-percent-dropped"):
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

func (x *plain) hex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	case 'a' <= c && c <= 'f' && !x.is("meta-lower-digits-unknown"):
		return int(c-'a') + 10
	}
	return -1
}
