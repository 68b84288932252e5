package fuzz

import (
	"bytes"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func FuzzMetadata(f *testing.F) {
	for _, s := range []string{"", "a=1&b=2", "=&=a&&a", "%41%4=%zz+%", "X-Reply-Error=%7B%22code%22%3A404%7D"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > maxInput {
			return
		}
		var m packet.Meta
		m.ParseBytes(in)
		want := oracle.DecodeMeta(in)
		samePairs(t, want, &m)
		encoded := m.AppendBytes(nil)
		if w := oracle.EncodeMeta(want); !bytes.Equal(encoded, w) {
			t.Fatalf("the oracle encodes %q, the reference %q", w, encoded)
		}
		var again packet.Meta
		again.ParseBytes(encoded)
		if second := again.AppendBytes(nil); !bytes.Equal(encoded, second) {
			t.Fatalf("encoding is no fixed point: %q, then %q", encoded, second)
		}
	})
}
