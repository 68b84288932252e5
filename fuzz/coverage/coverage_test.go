package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const code = `package p

type T struct{}

func (t *T) Read() int {
	if t == nil {
		return 0
	}
	return 1
}

func write() {}
`

func measure(t *testing.T, profile string) *measurement {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "reference/proto/fast")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{filepath.Join(dir, "decode.go"): code, filepath.Join(root, "c.out"): profile} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := &measurement{root: root, reached: map[string]map[place]bool{}, sources: map[string]*source{}}
	var err error
	if m.blocks, m.reached["DecodeFast"], err = readProfile(filepath.Join(root, "c.out")); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReport_CountsAndBlames(t *testing.T) {
	const file = module + "reference/proto/fast/decode.go"
	m := measure(t, "mode: set\n"+file+":5.24,6.14 1 1\n"+file+":6.14,8.3 1 0\n"+file+":9.2,9.10 1 1\n"+file+":9.2,9.10 1 0\n")
	r, err := m.report()
	if err != nil {
		t.Fatal(err)
	}
	fast := r.rows[0]
	if fast.name != "proto/fast" || fast.all != 3 || fast.path != 3 || fast.pathReached != 2 {
		t.Errorf("%+v", fast)
	}
	all := strings.Join(r.faults, "\n")
	for _, want := range []string{
		"decode.go:6: T.Read: neither reached nor explained: { return 0 }",
		"proto/pb: no statements",
		"Format.ParseFrame: an explanation for",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not said:\n%s", want, all)
		}
	}
}

func TestOutsideKind(t *testing.T) {
	tests := []struct{ file, function, want string }{
		{"reference/proto/fast/encode.go", "appendPayload", encoding},
		{"reference/proto/fast/decode.go", "parsePayload", ""},
		{"reference/packet/packet.go", "Packet.String", telling},
		{"reference/packet/pool.go", "PutPacket", serving},
		{"reference/codec/string.go", "String.Unmarshal", ""},
		{"reference/xfer/zstd.go", "zstdFilter.AppendPack", encoding},
	}
	for _, tt := range tests {
		if got := outsideKind(block{file: tt.file, function: tt.function}); got != tt.want {
			t.Errorf("%s, %s: %q, want %q", tt.file, tt.function, got, tt.want)
		}
	}
}

func TestPercent_RoundsDown(t *testing.T) {
	for _, tt := range []struct {
		n, of int
		want  string
	}{{0, 0, "-"}, {1, 1, "100.0%"}, {9999, 10000, "99.9%"}, {1, 3, "33.3%"}} {
		if got := percent(tt.n, tt.of); got != tt.want {
			t.Errorf("%d of %d: %s, want %s", tt.n, tt.of, got, tt.want)
		}
	}
}

func TestGather_WantsInputs(t *testing.T) {
	if err := gather(t.TempDir(), []string{t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no inputs") {
		t.Errorf("%v", err)
	}
}
