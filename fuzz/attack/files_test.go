package attack_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
	"github.com/henrylee2cn/teleport/vectors"
)

func TestCorpusFile_BothWays(t *testing.T) {
	for _, s := range []string{"", "a", "\x00\xff\"\\\n`", "go test fuzz v1", string(bytes.Repeat([]byte{0x80}, 3000))} {
		got, err := attack.ParseCorpusFile(attack.FormatCorpusFile([]byte(s)))
		if err != nil || string(got) != s {
			t.Errorf("%q became %q, %v", s, got, err)
		}
	}
	tests := []struct {
		in, want string
		ok       bool
	}{
		{"raw bytes", "raw bytes", true},
		{"go test fuzz v1\nstring(\"x\\n\")\n", "x\n", true},
		{"go test fuzz v1\r\n[]byte(\"x\")\r\n", "x", true},
		{"go test fuzz v1\n[]byte(`x`)", "x", true},
		{"go test fuzz v1\nint(3)\n", "", false},
		{"go test fuzz v1\n[]byte(\"a\")\n[]byte(\"b\")\n", "", false},
		{"go test fuzz v1\n", "", false},
	}
	for _, tt := range tests {
		got, err := attack.ParseCorpusFile([]byte(tt.in))
		if (err == nil) != tt.ok || tt.ok && string(got) != tt.want {
			t.Errorf("%q: %q, %v", tt.in, got, err)
		}
	}
}

func TestParseDictionary(t *testing.T) {
	got, err := attack.ParseDictionary([]byte("# a comment\n\nname=\"a\\x00\\\"b\"\n\"\\\\\"\n"))
	if err != nil || !slices.EqualFunc(got, [][]byte{[]byte("a\x00\"b"), []byte("\\")}, bytes.Equal) {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"name", "name=x", "name \"x\"", "\"x", "a=\"\\y\""} {
		if got, err := attack.ParseDictionary([]byte(bad)); err == nil {
			t.Errorf("%q gives %q", bad, got)
		}
	}
}

// What Input makes of a golden vector's wire, Wire gives back; and what the targets' own seeds stand for are wires.
func TestWire_UndoesInput(t *testing.T) {
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	wires := map[string]bool{}
	for _, c := range all {
		wire, err := c.WireBytes()
		if err != nil {
			t.Fatal(err)
		}
		wires[string(wire)] = true
		target, data, stream, ok := attack.Input(c.ProtoName(), wire)
		if proto, got, err := attack.Wire("DecodeStream", stream); err != nil || proto != c.ProtoName() || !bytes.Equal(got, wire) {
			t.Errorf("%s: DecodeStream stands for %s %x, %v", c.ID, proto, got, err)
		}
		if !ok || target != "DecodeFast" {
			continue
		}
		if proto, got, err := attack.Wire("Fuzz"+target, data); err != nil || proto != "fast" || !bytes.Equal(got, wire) {
			t.Errorf("%s: %s stands for %s %x, %v", c.ID, target, proto, got, err)
		}
	}
	stream, ok := fuzz.ByName("DecodeStream")
	if !ok {
		t.Fatal("no target DecodeStream")
	}
	n := 0
	for _, seed := range stream.Seeds() {
		_, wire, err := attack.Wire("DecodeStream", seed)
		if err != nil {
			t.Fatal(err)
		}
		for w := range wires {
			if len(w) > 6 && bytes.HasPrefix(wire, []byte(w)) {
				n++
				break
			}
		}
	}
	if n < len(stream.Seeds())/2 {
		t.Errorf("of %d seeds of DecodeStream %d begin with the wire of a vector: Wire reads its scripts wrongly", len(stream.Seeds()), n)
	}
	if _, _, err := attack.Wire("SessionScript", []byte("x")); err == nil {
		t.Error("a script of calls is taken for a stream")
	}
}

func TestWire_OfFilters(t *testing.T) {
	raw := "\x28\xb5\x2f\xfd\x24\x01\x09\x00\x00k" // a frame of one raw byte, its checksum to come
	tests := []struct{ target, in, want string }{
		{"XferPipe", "", "\x00\x00\x00\x06f\x00"},
		{"XferPipe", "\x00abc", "\x00\x00\x00\x09f\x00abc"},
		{"FuzzXferPipe", "\x02\x00\x06abc", "\x00\x00\x00\x0bf\x02gcabc"},
		{"XferPipe", "\x0e\x04", "\x00\x00\x00\x08f\x02xg"}, // disguised, and cut
		{"Unzstd", "garbage", "\x00\x00\x00\x0ef\x01zgarbage"},
		{"Unzstd", raw + "wrng", "\x00\x00\x00\x15f\x01z" + raw + string(oracle.ZstdSum([]byte("k")))},
	}
	for _, tt := range tests {
		if proto, got, err := attack.Wire(tt.target, []byte(tt.in)); err != nil || proto != "fast" || string(got) != tt.want {
			t.Errorf("%s: %q stands for %s %q, %v; want %q", tt.target, tt.in, proto, got, err, tt.want)
		}
	}
}
