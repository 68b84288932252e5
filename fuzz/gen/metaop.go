package gen

import (
	"fmt"
	"slices"

	"github.com/leanovate/gopter"
)

// MetaOp is one operation on metadata (spec section 8.1).
type MetaOp struct {
	Do         MetaVerb
	Key, Value string // Del has no value
}

// MetaVerb is what a MetaOp does.
type MetaVerb byte

// The operations.
const (
	AddPair MetaVerb = iota
	SetPair
	DelPairs
)

// String shows the operation for people.
func (o MetaOp) String() string {
	if o.Do == DelPairs {
		return "del " + quote(o.Key)
	}
	return fmt.Sprintf("%s %s %s", [...]string{"add", "set"}[o.Do], quote(o.Key), quote(o.Value))
}

// MetaScripts generates operations on metadata, up to forty, on few keys so that they meet. With Profile.Text
// keys and values are texts.
func MetaScripts(f Profile) gopter.Gen {
	some := func(d draw) string {
		if f.Text {
			return d.text(200)
		}
		return d.bytes(200)
	}
	return generator(func(d draw) []MetaOp {
		var out []MetaOp
		pool := []string{some(d), of(d, keys...), of(d, keys...), "a", "A"}
		for range d.upTo(40) {
			o := MetaOp{Do: of(d, AddPair, AddPair, AddPair, SetPair, SetPair, DelPairs), Key: of(d, pool...)}
			if o.Do != DelPairs {
				o.Value = some(d)
			}
			out = append(out, o)
		}
		return out
	}, func(l []MetaOp) shrinks[[]MetaOp] {
		out := shorter(l)
		for i, o := range l {
			put := func(o MetaOp) []MetaOp {
				c := slices.Clone(l)
				c[i] = o
				return c
			}
			within(&out, shrinkString(o.Key), func(s string) []MetaOp { return put(MetaOp{o.Do, s, o.Value}) })
			within(&out, shrinkString(o.Value), func(s string) []MetaOp { return put(MetaOp{o.Do, o.Key, s}) })
		}
		return out
	})
}

// queryParts are what metadata on the wire is made of, well formed or not.
var queryParts = []string{"a", "b", "k=v", "=", "==", "=", "&", "&", "&&", "+", "%", "%4", "%41", "%c3%A9", "%3d", "%26", "%zz", "%%41", "%4%31",
	"\x00", "\xff", "é", ";", "#", "~", " ", "%2B", "%f", "%F0"}

// Queries generates encoded metadata as it may arrive (spec section 8.3): any bytes, of few parts that have a meaning.
func Queries() gopter.Gen {
	return generator(func(d draw) string {
		if d.one(6) {
			return d.bytes(300)
		}
		s := ""
		for range d.upTo(20) {
			s += of(d, queryParts...)
		}
		return s
	}, shrinkString)
}
