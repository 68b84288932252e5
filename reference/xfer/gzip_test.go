package xfer_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

const maxOut = 1 << 20

func gz(t testing.TB) xfer.XferFilter {
	t.Helper()
	f, err := xfer.Get(xfer.GzipId)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func gunzip(t testing.TB, src []byte, max int) ([]byte, error) {
	t.Helper()
	return gz(t).(xfer.Bounded).OnUnpackLimit(src, max)
}

// member builds a gzip member around raw deflate data.
func member(deflate []byte, content string) []byte {
	b := append([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}, deflate...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(content)))
	return binary.LittleEndian.AppendUint32(b, uint32(len(content)))
}

// flushed is what the original sends: a member that ends with a sync flush.
func flushed(t testing.TB, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, 5)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// stored is a deflate block that is not compressed.
func stored(final byte, content string) []byte {
	n := uint16(len(content))
	b := []byte{final, byte(n), byte(n >> 8), byte(^n), byte(^n >> 8)}
	return append(b, content...)
}

func samples() []string {
	return []string{"", "a", strings.Repeat("ab", 500), string(make([]byte, 40_000)), "\x00\x00\xff\xff"}
}

func TestGzip_RoundTripAllLevels(t *testing.T) {
	for level := -2; level <= 9; level++ {
		f, err := xfer.NewGzip('z', level)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range samples() {
			for range 2 { // the second time with pooled compressors
				packed, err := f.OnPack([]byte(want))
				if err != nil {
					t.Fatal(err)
				}
				// A reader of whole members only must like it too.
				if _, err := gzip.NewReader(bytes.NewReader(packed)); err != nil {
					t.Errorf("level %d: compress/gzip: %v", level, err)
				}
				got, err := f.OnUnpack(packed)
				if err != nil || string(got) != want {
					t.Errorf("level %d: %d bytes back, %v; want %d", level, len(got), err, len(want))
				}
			}
		}
	}
}

func TestNewGzip_Refuses(t *testing.T) {
	if _, err := xfer.NewGzip(0, 5); !errors.Is(err, xfer.ErrZeroId) {
		t.Errorf("id 0: %v", err)
	}
	for _, level := range []int{-3, 10} {
		if _, err := xfer.NewGzip('z', level); err == nil {
			t.Errorf("level %d: want an error", level)
		}
	}
}

func TestGunzip_SyncFlushed(t *testing.T) {
	for _, want := range samples() {
		got, err := gunzip(t, flushed(t, want), maxOut)
		if err != nil || string(got) != want {
			t.Errorf("%d bytes back, %v; want %d", len(got), err, len(want))
		}
	}
	// Two flushes, and a flush after other blocks.
	two := append(flushed(t, "ab"), stored(0, "")...)
	if got, err := gunzip(t, two, maxOut); err != nil || string(got) != "ab" {
		t.Errorf("two flushes: %q, %v", got, err)
	}
}

// Every cut of a complete and of a flushed member must be refused, but for
// those that end exactly after a sync flush.
func TestGunzip_EveryTruncation(t *testing.T) {
	content := "some text, some text " + strings.Repeat("z", 300)
	whole, err := gz(t).OnPack([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	twice := append(flushed(t, content), stored(0, "")...)
	once := len(flushed(t, content))
	tests := []struct {
		name string
		src  []byte
		fine []int // lengths that are legal
	}{
		{"complete", whole, []int{len(whole)}},
		{"flushed", twice[:once], []int{once}},
		{"flushed twice", twice, []int{once, len(twice)}},
	}
	for _, tt := range tests {
		for n := range len(tt.src) + 1 {
			_, err := gunzip(t, tt.src[:n], maxOut)
			if want := slices.Contains(tt.fine, n); (err == nil) != want {
				t.Errorf("%s cut at %d of %d: %v, legal=%t", tt.name, n, len(tt.src), err, want)
			}
		}
	}
}

func TestGunzip_NotASyncFlush(t *testing.T) {
	head := member(nil, "")[:10]
	marker := "\x00\x00\xff\xff"
	fixed := func() []byte { // a block cut inside, with the marker's bytes at its end
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, 9)
		_, _ = w.Write([]byte("abcabcabcabc"))
		_ = w.Close()
		return b.Bytes()[:4]
	}()
	tests := []struct {
		name string
		data []byte
	}{
		{"nothing", nil},
		{"a stored block that ends with the marker", stored(0, "x"+marker)},
		{"a stored block that is the marker", stored(0, marker)},
		{"a stored block cut after the marker", stored(0, marker+"more")[:9]},
		{"the final empty block, without trailer", stored(1, "")},
		{"the marker alone", []byte(marker)},
		{"the marker inside a compressed block", append(slices.Clip(fixed), marker...)},
		{"a byte after the flush", append(stored(0, ""), 0)},
		{"half a flush", stored(0, "")[:3]},
		{"wrong complement", []byte{0, 0, 0, 0xff, 0xfe}},
		{"reserved block type", []byte{0x07}},
	}
	for _, tt := range tests {
		if _, err := gunzip(t, append(slices.Clip(head), tt.data...), maxOut); err == nil {
			t.Errorf("%s: want an error", tt.name)
		}
	}
}

func TestGunzip_TrailerAndAfter(t *testing.T) {
	whole, err := gz(t).OnPack([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	for i := len(whole) - 8; i < len(whole); i++ {
		bad := bytes.Clone(whole)
		bad[i] ^= 1
		if _, err := gunzip(t, bad, maxOut); err == nil {
			t.Errorf("byte %d of the trailer is wrong: want an error", i-len(whole)+8)
		}
	}
	for name, src := range map[string][]byte{
		"one more byte":   append(bytes.Clone(whole), 0),
		"a second member": append(bytes.Clone(whole), whole...),
		"empty":           nil,
	} {
		if _, err := gunzip(t, src, maxOut); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}

func TestGunzip_Header(t *testing.T) {
	const hcrc, extra, name, comment = 2, 4, 8, 16
	build := func(flags byte, fields string) []byte {
		b := append([]byte{0x1f, 0x8b, 8, flags, 1, 2, 3, 4, 2, 3}, fields...)
		if flags&hcrc != 0 {
			b = binary.LittleEndian.AppendUint16(b, uint16(crc32.ChecksumIEEE(b)))
		}
		return append(b, member(stored(1, "hi"), "hi")[10:]...)
	}
	tests := []struct {
		name string
		src  []byte
		ok   bool
	}{
		{"plain", build(0, ""), true},
		{"text flag", build(1, ""), true},
		{"extra", build(extra, "\x03\x00abc"), true},
		{"empty extra", build(extra, "\x00\x00"), true},
		{"name", build(name, "file\x00"), true},
		{"comment", build(comment, "\x00"), true},
		{"header crc", build(hcrc, ""), true},
		{"all", build(1|hcrc|extra|name|comment, "\x01\x00x"+"n\x00"+"c\x00"), true},
		{"magic 1", append([]byte{0x1e}, build(0, "")[1:]...), false},
		{"magic 2", append([]byte{0x1f, 0x8c}, build(0, "")[2:]...), false},
		{"method", append([]byte{0x1f, 0x8b, 7}, build(0, "")[3:]...), false},
		{"reserved 32", build(32, ""), false},
		{"reserved 64", build(64, ""), false},
		{"reserved 128", build(128, ""), false},
		{"extra past the end", build(extra, "\xff\xff"), false},
	}
	for _, tt := range tests {
		got, err := gunzip(t, tt.src, maxOut)
		if (err == nil) != tt.ok || tt.ok && string(got) != "hi" {
			t.Errorf("%s: %q, %v; want ok=%t", tt.name, got, err, tt.ok)
		}
	}
	full := tests[7].src
	for i := range full[:19] { // a wrong header crc for every byte it covers, and itself
		if i == 3 {
			continue // flags: another layout
		}
		bad := bytes.Clone(full)
		bad[i] ^= 0x04
		if _, err := gunzip(t, bad, maxOut); err == nil {
			t.Errorf("header byte %d is wrong: want an error", i)
		}
	}
}

func TestGunzip_LimitIsExact(t *testing.T) {
	for _, n := range []int{0, 1, 511, 512, 513, 70_000} {
		content := strings.Repeat("x", n)
		whole, err := gz(t).OnPack([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		for name, src := range map[string][]byte{"complete": whole, "flushed": flushed(t, content)} {
			if got, err := gunzip(t, src, n); err != nil || len(got) != n {
				t.Errorf("%s: %d bytes under a limit of %d: %d, %v", name, n, n, len(got), err)
			}
			if n == 0 {
				continue
			}
			if _, err := gunzip(t, src, n-1); !errors.Is(err, xfer.ErrExceedLimit) {
				t.Errorf("%s: %d bytes under a limit of %d: %v, want ErrExceedLimit", name, n, n-1, err)
			}
		}
	}
}

// The limit strikes before a fault that lies behind it.
func TestGunzip_LimitBeforeLaterFault(t *testing.T) {
	src, err := gz(t).OnPack(make([]byte, 200_000))
	if err != nil {
		t.Fatal(err)
	}
	src[len(src)-1] ^= 1
	if _, err := gunzip(t, src, 100_000); !errors.Is(err, xfer.ErrExceedLimit) {
		t.Errorf("got %v, want ErrExceedLimit", err)
	}
	if _, err := gunzip(t, src, 200_000); err == nil || errors.Is(err, xfer.ErrExceedLimit) {
		t.Errorf("got %v, want an error about the trailer", err)
	}
}

// A bomb of 8 MiB must not cost more than its limit.
func TestGunzip_BombTakesLittleMemory(t *testing.T) {
	bomb, err := gz(t).OnPack(make([]byte, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	const limit, runs = 64 << 10, 5
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		if _, err := gunzip(t, bomb, limit); !errors.Is(err, xfer.ErrExceedLimit) {
			t.Fatalf("got %v, want ErrExceedLimit", err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / runs; got > 6*limit {
		t.Errorf("%d bytes taken a run under a limit of %d", got, limit)
	}
}

func TestGzip_InputUntouchedAndNotKept(t *testing.T) {
	in := []byte(strings.Repeat("input ", 50))
	was := bytes.Clone(in)
	packed, err := gz(t).OnPack(in)
	if err != nil || !bytes.Equal(in, was) {
		t.Fatalf("OnPack: %v, input changed: %t", err, !bytes.Equal(in, was))
	}
	packedWas := bytes.Clone(packed)
	clear(in)
	out, err := gz(t).OnUnpack(packed)
	if err != nil || !bytes.Equal(packed, packedWas) {
		t.Fatalf("OnUnpack: %v, input changed: %t", err, !bytes.Equal(packed, packedWas))
	}
	clear(packed)
	if !bytes.Equal(out, was) {
		t.Error("the output changed with the input")
	}
}

func TestGzip_AppendKeepsWhatIsThere(t *testing.T) {
	a := gz(t).(xfer.Appender)
	packed, err := a.AppendPack([]byte("head"), []byte("body"))
	if err != nil || string(packed[:4]) != "head" {
		t.Fatalf("AppendPack: %q, %v", packed, err)
	}
	out, err := a.AppendUnpack([]byte("front-"), packed[4:], 4)
	if err != nil || string(out) != "front-body" {
		t.Errorf("AppendUnpack: %q, %v", out, err)
	}
	out, err = a.AppendUnpack([]byte("front-"), packed[4:], 3)
	if err == nil || string(out) != "front-" {
		t.Errorf("AppendUnpack over the limit: %q, %v", out, err)
	}
}
