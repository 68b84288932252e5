package fuzz

import (
	"bytes"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func metadataSeeds() [][]byte {
	return distinct(texts("", "a=1&b=2", "=&=a&&a", "%41%4=%zz+%", "X-Reply-Error=%7B%22code%22%3A404%7D"),
		recorded("meta-original.json", "query"), recorded("meta-original.json", "re_encoded"))
}

// runMetadata parses and encodes both ways, and then does to both what the bytes say once more, as steps.
func runMetadata(t Reporter, in []byte) {
	var m packet.Meta
	m.ParseBytes(in)
	want := oracle.DecodeMeta(in)
	samePairs(t, want, &m)
	samePeeks(t, want, &m)
	encoded := m.AppendBytes([]byte("kept"))
	if w := append([]byte("kept"), oracle.EncodeMeta(want)...); !bytes.Equal(encoded, w) {
		t.Fatalf("the oracle encodes %q, the reference %q", w, encoded)
	}
	encoded = encoded[len("kept"):]
	normalForm(t, encoded)
	var again packet.Meta
	again.ParseBytes(encoded)
	if second := again.AppendBytes(nil); !bytes.Equal(encoded, second) {
		t.Fatalf("encoding is no fixed point: %q, then %q", encoded, second)
	}
	pairLimit(t, in, len(want))
	metaSteps(t, in, want, &m)
}

// normalForm wants the characters of the recorded tables: letters, digits and *-._ as they are, all else in escapes with
// capital digits, no empty parts, no '=' before an empty value.
//
// req: TP-META-003, TP-META-004, TP-META-005
func normalForm(t Reporter, encoded []byte) {
	t.Helper()
	if len(encoded) == 0 {
		return
	}
	for _, part := range bytes.Split(encoded, []byte("&")) {
		key, value, sign := bytes.Cut(part, []byte("="))
		if sign == (len(value) == 0) || len(key)+len(value) == 0 {
			t.Fatalf("the part %q of %q is not in the form of the tables", part, encoded)
		}
		for _, b := range [][]byte{key, value} {
			for i := 0; i < len(b); i++ {
				switch c := b[i]; {
				case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', bytes.IndexByte([]byte("*-._"), c) >= 0:
				case c == '%' && i+2 < len(b) && capitalHex(b[i+1]) && capitalHex(b[i+2]):
					i += 2
				default:
					t.Fatalf("byte %d of %q must be escaped with capital digits", i, b)
				}
			}
		}
	}
}

func capitalHex(c byte) bool { return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' }

// pairLimit wants n pairs under a limit of n, and none under one less.
func pairLimit(t Reporter, in []byte, n int) {
	t.Helper()
	var m packet.Meta
	if err := m.ParseLimit(in, n); err != nil || m.Len() != n {
		t.Fatalf("%d pairs under a limit of as many: %d, %v", n, m.Len(), err)
	}
	if n == 0 {
		return
	}
	if err := m.ParseLimit(in, n-1); err == nil || m.Len() != 0 {
		t.Fatalf("%d pairs under a limit of one less: %d, %v", n, m.Len(), err)
	}
}

// samePeeks looks every key up.
func samePeeks(t Reporter, want []oracle.Pair, m *packet.Meta) {
	t.Helper()
	for _, p := range append([]oracle.Pair{{Key: []byte("no such key")}}, want...) {
		value, ok := oracle.PeekMeta(want, p.Key)
		if got := m.Peek(string(p.Key)); !bytes.Equal(got, value) || m.Has(string(p.Key)) != ok {
			t.Fatalf("under %q the oracle has %q, %t, the reference %q, %t", p.Key, value, ok, got, m.Has(string(p.Key)))
		}
	}
}

// metaSteps sets, adds and deletes. A step is a byte for what is done, one for the key's length and its bytes, and the
// same for the value. What was peeked at before must stay as it was.
//
// req: TP-META-012, TP-META-013, TP-META-014, TP-META-015
func metaSteps(t Reporter, in []byte, want []oracle.Pair, m *packet.Meta) {
	t.Helper()
	type lent struct{ given, was []byte }
	var looks []lent
	s := script{b: in}
	for step := 0; step < 64 && s.more(); step++ {
		op, key, value := s.byte(), s.bytes(6), s.bytes(300)
		if len(want) > 0 && op&8 != 0 { // a key that is there is worth more than a new one
			key = want[int(op>>4)%len(want)].Key
		}
		switch op % 3 {
		case 0:
			want = oracle.SetMeta(want, key, value)
			m.Set(string(key), string(value))
		case 1:
			want = oracle.AddMeta(want, key, value)
			m.Add(string(key), string(value))
		case 2:
			want = oracle.DelMeta(want, key)
			m.Del(string(key))
		}
		samePairs(t, want, m)
		given := m.Peek(string(key))
		looks = append(looks, lent{given, bytes.Clone(given)})
	}
	for _, l := range looks {
		if !bytes.Equal(l.given, l.was) {
			t.Fatalf("a value that was given out was %q and is %q now", l.was, l.given)
		}
	}
	samePeeks(t, want, m)
}
