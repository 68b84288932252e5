package gen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Pair is one pair of metadata.
type Pair struct{ Key, Value string }

// Meta is metadata as a sender sets it (spec chapter 8): pairs in order, keys may repeat. Pairs that are empty
// may be there; they do not travel (TP-META-018).
type Meta []Pair

// Normal gives the pairs that travel: those that are not empty. It shares no memory with m.
func (m Meta) Normal() Meta {
	return slices.DeleteFunc(slices.Clone(m), func(p Pair) bool { return p == Pair{} })
}

// Encoded gives the pairs in the encoding of section 8.2, as the oracle writes it.
func (m Meta) Encoded() []byte { return oracle.EncodeMeta(m.Oracle()) }

// Oracle gives the pairs as the oracle has them.
func (m Meta) Oracle() []oracle.Pair {
	var out []oracle.Pair
	for _, p := range m {
		out = append(out, oracle.Pair{Key: []byte(p.Key), Value: []byte(p.Value)})
	}
	return out
}

// AddTo adds the pairs to the metadata of a packet, in order.
func (m Meta) AddTo(to *packet.Meta) {
	for _, p := range m {
		to.Add(p.Key, p.Value)
	}
}

// ReadMeta copies metadata of a packet.
func ReadMeta(from *packet.Meta) Meta {
	var out Meta
	from.VisitAll(func(k, v []byte) { out = append(out, Pair{string(k), string(v)}) })
	return out
}

// OracleMeta copies metadata of the oracle.
func OracleMeta(from []oracle.Pair) Meta {
	var out Meta
	for _, p := range from {
		out = append(out, Pair{string(p.Key), string(p.Value)})
	}
	return out
}

// String shows the pairs for people, the middle of many left out.
func (m Meta) String() string {
	var b strings.Builder
	for i, p := range m {
		if i == 20 {
			fmt.Fprintf(&b, " ... (%d pairs)", len(m))
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(p.Key) + "=" + quote(p.Value))
	}
	return "[" + b.String() + "]"
}

// keys are few, so that keys repeat and differ in case alone.
var keys = []string{"a", "A", "b", "k", "trace", "X-Reply-Error", "", "a b", "a&b"}

// Metas generates metadata within the limits of the profile: none, one and many pairs, keys that repeat or
// differ in case alone, empty keys, values and pairs, as many pairs as may be. With Profile.Text keys and values
// are texts; with Profile.NoMeta there are no pairs.
func Metas(f Profile) gopter.Gen { return generator(f.meta, shrinkMeta) }

func (f Profile) meta(d draw) Meta {
	if f.NoMeta || d.one(5) {
		return nil
	}
	most := cmp.Or(f.Limits.MaxMetaPairs, packet.DefaultMaxMetaPairs)
	room := int(cmp.Or(f.Limits.MaxMeta, packet.DefaultMaxMeta))
	some := d.bytes
	if f.Text {
		some = d.text
	}
	n := 1 + d.upTo(6)
	switch {
	case d.one(60):
		n = most
		some = func(int) string { return of(d, "", "v") }
	case d.one(60):
		return Meta{{"k", strings.Repeat("v", room-2)}}
	}
	var m Meta
	for range min(n, most) {
		p := Pair{of(d, keys...), some(300)}
		if d.one(3) {
			p.Key = some(40)
		}
		if room -= len(Meta{p}.Encoded()) + 1; room < 0 {
			break
		}
		m = append(m, p)
	}
	return m
}

func shrinkMeta(m Meta) shrinks[Meta] {
	out := shorter(m)
	if len(m) > 64 {
		return out // first to fewer pairs
	}
	for i, p := range m {
		put := func(p Pair) Meta {
			c := slices.Clone(m)
			c[i] = p
			return c
		}
		within(&out, shrinkString(p.Key), func(s string) Meta { return put(Pair{s, p.Value}) })
		within(&out, shrinkString(p.Value), func(s string) Meta { return put(Pair{p.Key, s}) })
	}
	return out
}

// quote quotes a string, the middle of a long one left out.
func quote[S ~string | ~[]byte](s S) string {
	if len(s) <= 160 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...%q (%d bytes)", s[:100], s[len(s)-40:], len(s))
}
