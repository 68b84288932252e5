package xfer_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// FuzzUnzstd compares the filter with the library: what the filter accepts,
// the library gives the same content for; what the library finds broken, the
// filter does not accept; and no output is over the limit.
func FuzzUnzstd(f *testing.F) {
	for _, s := range []string{hello, "28b52ffd 24 00 010000 99e9d851", "502a4d18 00000000", "28b52ffd 04 68 030010 61 00000000"} {
		f.Add(unhex(f, s))
	}
	f.Add(must(filter(f, 'z').OnPack(bytes.Repeat([]byte("seed "), 100))))
	f.Add(streamed(f, noise(500)))
	f.Add(streamed(f, bytes.Repeat([]byte("seed "), 100)))
	lib, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<20))
	if err != nil {
		f.Fatal(err)
	}
	const limit = 64 << 10
	f.Fuzz(func(t *testing.T, src []byte) {
		was := bytes.Clone(src)
		got, err := unzstd(t, src, limit)
		if !bytes.Equal(src, was) {
			t.Fatal("the input was changed")
		}
		want, wantErr := lib.DecodeAll(src, nil)
		switch {
		case err == nil && len(got) > limit:
			t.Fatalf("%d bytes under a limit of %d", len(got), limit)
		case err == nil && wantErr == nil && !bytes.Equal(got, want):
			t.Fatalf("gives %x, the library %x", got, want)
		case err == nil && wantErr != nil && !errors.Is(wantErr, zstd.ErrWindowSizeExceeded):
			t.Fatalf("accepted, the library says %v", wantErr)
		case errors.Is(err, xfer.ErrExceedLimit) && wantErr == nil && len(want) <= limit:
			t.Fatalf("over the limit, with %d bytes", len(want))
		}
	})
}

// FuzzFilters_RoundTrip holds every filter to its inverse, for any input.
func FuzzFilters_RoundTrip(f *testing.F) {
	for _, s := range []string{"", "a", "ab ab ab ab ab ab", string(noise(400))} {
		f.Add([]byte(s))
	}
	send, receive := side(f, 1), side(f, 2)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 16<<10 {
			return
		}
		for _, ids := range []string{"g", "z", "c", "a", "x", "az", "cg", "xcz"} {
			packed, err := pipeOf(t, send, ids).OnPack(in)
			if err != nil {
				t.Fatalf("%s: %v", ids, err)
			}
			if got, err := pipeOf(t, receive, ids).OnUnpackLimit(packed, len(in)+2*xfer.SealedOverhead+64); err != nil || !bytes.Equal(got, in) {
				t.Fatalf("%s: %x back, %v", ids, got, err)
			}
		}
	})
}

// FuzzAEAD_OpensNothingForged: without the key nobody makes a payload that
// opens to anything but the one that was sealed.
func FuzzAEAD_OpensNothingForged(f *testing.F) {
	b := party(f, 'a', 2, 1)
	sealed := must(party(f, 'a', 1, 1).OnPack([]byte("payload")))
	for n := range sealed {
		bad := bytes.Clone(sealed)
		bad[n] ^= 0x55
		f.Add(bad)
	}
	f.Add(sealed[:20])
	f.Add(append(bytes.Clone(sealed), 0))
	f.Fuzz(func(t *testing.T, src []byte) {
		if got, err := b.OnUnpackLimit(src, 1<<20); err == nil && string(got) != "payload" {
			t.Fatalf("%x opens to %x", src, got)
		}
	})
}
