package xfer_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

func filter(t testing.TB, id byte) xfer.XferFilter {
	t.Helper()
	f, err := xfer.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func unzstd(t testing.TB, src []byte, max int) ([]byte, error) {
	t.Helper()
	return filter(t, 'z').(xfer.Bounded).OnUnpackLimit(src, max)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hello is a frame of one raw block with its content size and checksum.
const hello = "28b52ffd 24 05 290000 68656c6c6f a36d9f88"

func TestZstd_RoundTripAllLevels(t *testing.T) {
	more := append(samples(), strings.Repeat("0123456789abcdef", 40_000), strings.Repeat("x", 256<<10), string(noise(300_000)))
	for _, level := range []int{1, 3, 6, 12, 22} {
		f, err := xfer.NewZstd('Z', level)
		if err != nil {
			t.Fatal(err)
		}
		if f.Id() != 'Z' {
			t.Errorf("id %q", f.Id())
		}
		for _, want := range more {
			for range 2 { // the second time with a pooled encoder
				packed, err := f.OnPack([]byte(want))
				if err != nil {
					t.Fatal(err)
				}
				got, err := f.(xfer.Bounded).OnUnpackLimit(packed, len(want))
				if err != nil || string(got) != want {
					t.Errorf("level %d: %d bytes back, %v; want %d", level, len(got), err, len(want))
				}
				var h zstd.Header
				if err := h.Decode(packed); err != nil || !h.HasCheckSum || h.DictionaryID != 0 || h.WindowSize > 8<<20 {
					t.Errorf("level %d, %d bytes: header %+v, %v", level, len(want), h, err)
				}
			}
		}
	}
}

// noise is data that does not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	x := uint32(2463534242)
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x >> 11)
	}
	return b
}

func TestNewZstd_Refuses(t *testing.T) {
	if _, err := xfer.NewZstd(0, 3); !errors.Is(err, xfer.ErrZeroId) {
		t.Errorf("id 0: %v", err)
	}
	for _, level := range []int{-1, 0, 23} {
		if _, err := xfer.NewZstd('Z', level); err == nil {
			t.Errorf("level %d: want an error", level)
		}
	}
}

// streamed compresses with other settings than the filter's own.
func streamed(t testing.TB, content []byte, opts ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, append([]zstd.EOption{zstd.WithEncoderConcurrency(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	for len(content) > 0 { // in parts, so that the header is written before the size is known
		n := min(len(content), 100_000)
		if _, err := w.Write(content[:n]); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		content = content[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Frames without a content size are undone with guesses: the limit stays exact.
func TestUnzstd_UnknownSizeAndLimit(t *testing.T) {
	for _, n := range []int{1, 1000, 65_536, 131_072, 300_000, 3_000_000} {
		for name, content := range map[string][]byte{"same": bytes.Repeat([]byte{7}, n), "noise": noise(n)} {
			src := streamed(t, content)
			var h zstd.Header
			if err := h.Decode(src); err != nil || h.HasFCS {
				t.Fatalf("%+v, %v: want no content size", h, err)
			}
			for _, prefix := range []string{"", "front"} {
				out, err := filter(t, 'z').(xfer.Appender).AppendUnpack([]byte(prefix), src, n)
				if err != nil || string(out[:len(prefix)]) != prefix || !bytes.Equal(out[len(prefix):], content) {
					t.Errorf("%s, %d bytes under that limit: %d, %v", name, n, len(out), err)
				}
			}
			if _, err := unzstd(t, src, n-1); !errors.Is(err, xfer.ErrExceedLimit) {
				t.Errorf("%s, %d bytes under a limit of one less: %v", name, n, err)
			}
			if _, err := unzstd(t, src, 10*n); err != nil {
				t.Errorf("%s, %d bytes under a large limit: %v", name, n, err)
			}
		}
	}
}

func TestUnzstd_LimitIsExact(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 70_000, 400_000} {
		packed, err := filter(t, 'z').OnPack(noise(n))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := unzstd(t, packed, n); err != nil || len(got) != n {
			t.Errorf("%d bytes under that limit: %d, %v", n, len(got), err)
		}
		if n == 0 {
			continue
		}
		if _, err := unzstd(t, packed, n-1); !errors.Is(err, xfer.ErrExceedLimit) {
			t.Errorf("%d bytes under a limit of one less: %v, want ErrExceedLimit", n, err)
		}
	}
}

func TestZstd_HandMadeFrames(t *testing.T) {
	sum := "a36d9f88"
	if got, err := unzstd(t, unhex(t, hello), 5); err != nil || string(got) != "hello" {
		t.Fatalf("the base: %q, %v", got, err)
	}
	tests := []struct {
		name, src string
		max       int
		want      string // the content; "!" for an error, "limit" for ErrExceedLimit
	}{
		{"a window instead of a size", "28b52ffd 04 00 290000 68656c6c6f" + sum, 9, "hello"},
		{"window, and a size of two bytes that counts from 256", "28b52ffd 44 00 0000 290000 68656c6c6f" + sum, 999, "!"},
		{"dictionary id 0", "28b52ffd 25 00 05 290000 68656c6c6f" + sum, 9, "hello"},
		{"dictionary id 0 in four bytes", "28b52ffd 27 00000000 05 290000 68656c6c6f" + sum, 9, "hello"},
		{"a dictionary", "28b52ffd 25 01 05 290000 68656c6c6f" + sum, 9, "!"},
		{"size in eight bytes", "28b52ffd e4 0500000000000000 290000 68656c6c6f" + sum, 9, "hello"},
		{"two blocks", "28b52ffd 24 05 100000 6865 190000 6c6c6f" + sum, 9, "hello"},
		{"an empty last block", "28b52ffd 24 05 280000 68656c6c6f 010000" + sum, 9, "hello"},
		{"a run with a wrong checksum", "28b52ffd 24 05 2b0000 61 9a64f6ea", 9, "!"},
		{"an empty frame", "28b52ffd 24 00 010000 99e9d851", 0, ""},
		{"no checksum", "28b52ffd 20 05 290000 68656c6c6f", 9, "!"},
		{"reserved bit", "28b52ffd 2c 05 290000 68656c6c6f" + sum, 9, "!"},
		{"unused bit", "28b52ffd 34 05 290000 68656c6c6f" + sum, 9, "hello"},
		{"reserved block type", "28b52ffd 24 05 2f0000 68656c6c6f" + sum, 9, "!"},
		{"skippable", "502a4d18 00000000", 9, "!"},
		{"skippable first", "502a4d18 01000000 aa" + hello, 9, "!"},
		{"skippable behind", hello + "502a4d18 00000000", 9, "!"},
		{"two frames", hello + hello, 99, "!"},
		{"one byte behind", hello + "00", 9, "!"},
		{"size too small", "28b52ffd 24 04 290000 68656c6c6f" + sum, 9, "!"},
		{"size too large", "28b52ffd 24 06 290000 68656c6c6f" + sum, 9, "!"},
		{"size over the limit", "28b52ffd 24 0a 290000 68656c6c6f" + sum, 9, "limit"},
		{"size of 2^64-1", "28b52ffd e4 ffffffffffffffff 290000 68656c6c6f" + sum, 9, "limit"},
		{"a window of 8 MiB", "28b52ffd 04 68 290000 68656c6c6f" + sum, 9, "hello"},
		{"a window of 9 MiB", "28b52ffd 04 69 290000 68656c6c6f" + sum, 9, "!"},
		{"the largest window", "28b52ffd 04 ff 290000 68656c6c6f" + sum, 9, "!"},
		{"content over the limit", "28b52ffd 04 00 290000 68656c6c6f" + sum, 4, "limit"},
		{"a run over the limit", "28b52ffd 04 68 030010 61 00000000", 131071, "limit"},
		{"a run over the limit and then a cut", "28b52ffd 04 68 020010 61 01", 100, "!"},
		{"a run of more than a block", "28b52ffd 04 68 0b0010 61 00000000", 1 << 20, "!"},
		{"a run of more than the window", "28b52ffd 04 00 0b2000 61 00000000", 1 << 20, "!"},
		{"magic of version 0.7", "27b52ffd 24 05 290000 68656c6c6f" + sum, 9, "!"},
		{"gzip", "1f8b08000000000000ff", 9, "!"},
	}
	for _, tt := range tests {
		src := unhex(t, tt.src)
		was := bytes.Clone(src)
		got, err := unzstd(t, src, tt.max)
		switch {
		case tt.want == "!" && (err == nil || errors.Is(err, xfer.ErrExceedLimit)):
			t.Errorf("%s: %q, %v; want an error that is not the limit's", tt.name, got, err)
		case tt.want == "limit" && !errors.Is(err, xfer.ErrExceedLimit):
			t.Errorf("%s: %q, %v; want ErrExceedLimit", tt.name, got, err)
		case tt.want != "!" && tt.want != "limit" && (err != nil || string(got) != tt.want):
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
		if !bytes.Equal(src, was) {
			t.Errorf("%s: the input was changed", tt.name)
		}
	}
}

// Every cut and every changed byte of frames of several kinds is refused: a
// changed byte never gives other content without an error.
func TestUnzstd_EveryTruncationAndCorruption(t *testing.T) {
	text := []byte(strings.Repeat("to be compressed, ", 60) + string(noise(200)))
	for name, src := range map[string][]byte{
		"own":      must(filter(t, 'z').OnPack(text)),
		"streamed": streamed(t, text),
		"noise":    must(filter(t, 'z').OnPack(noise(300))),
		"empty":    must(filter(t, 'z').OnPack(nil)),
	} {
		want, err := unzstd(t, src, maxOut)
		if err != nil {
			t.Fatal(err)
		}
		for n := range src {
			if _, err := unzstd(t, src[:n], maxOut); err == nil {
				t.Errorf("%s cut at %d of %d: want an error", name, n, len(src))
			}
			for _, bit := range []byte{0x01, 0x10, 0x80} {
				bad := bytes.Clone(src)
				bad[n] ^= bit
				// Some bits mean nothing: an unused one, another window.
				if got, err := unzstd(t, bad, maxOut); err == nil && !bytes.Equal(got, want) {
					t.Errorf("%s, bit %#x of byte %d of %d changed: other content and no error", name, bit, n, len(src))
				}
			}
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// A bomb must not cost more than its limit and the room of a block.
func TestUnzstd_BombTakesLittleMemory(t *testing.T) {
	bombs := map[string][]byte{
		"known size":   must(filter(t, 'z').OnPack(make([]byte, 32<<20))),
		"unknown size": streamed(t, make([]byte, 32<<20)),
		"runs":         runs(300),
		// A claim of 4 MiB with blocks that can hold three bytes.
		"false claim": unhex(t, "28b52ffd a4 00003f00 190000 616263 00000000"),
	}
	const limit, times = 4 << 20, 10
	for name, src := range bombs {
		max := limit / 8
		if name == "false claim" {
			max = limit
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			if _, err := unzstd(t, src, max); err == nil || name != "false claim" && !errors.Is(err, xfer.ErrExceedLimit) {
				t.Fatalf("%s: %v, want ErrExceedLimit", name, err)
			}
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) / times; got > 3*limit/8 {
			t.Errorf("%s: %d bytes taken a run under a limit of %d", name, got, max)
		}
	}
}

// runs is a frame of n blocks of 128 KiB in four bytes each.
func runs(n int) []byte {
	b := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x68}
	for i := range n {
		last := byte(0)
		if i == n-1 {
			last = 1
		}
		b = append(b, 0x02|last, 0x00, 0x10, 0)
	}
	return append(b, 0, 0, 0, 0)
}

// The limit strikes before a checksum that lies behind it.
func TestUnzstd_LimitBeforeChecksum(t *testing.T) {
	src := streamed(t, noise(200_000))
	src[len(src)-1] ^= 1
	if _, err := unzstd(t, src, 100_000); !errors.Is(err, xfer.ErrExceedLimit) {
		t.Errorf("got %v, want ErrExceedLimit", err)
	}
	if _, err := unzstd(t, src, 200_000); err == nil || errors.Is(err, xfer.ErrExceedLimit) {
		t.Errorf("got %v, want an error about the checksum", err)
	}
}

// The filter is the process's: it must work in any bubble, and outside again.
func TestZstd_InSynctestBubbles(t *testing.T) {
	use := func(t *testing.T) {
		for _, n := range []int{0, 10, 300_000} {
			packed := must(filter(t, 'z').OnPack(noise(n)))
			if got, err := unzstd(t, packed, n); err != nil || len(got) != n {
				t.Errorf("%d, %v", len(got), err)
			}
		}
	}
	for range 3 {
		synctest.Test(t, use)
	}
	use(t)
}
