package fuzz

import (
	"bytes"
	"errors"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

func zstdSeeds() [][]byte {
	var out [][]byte
	for _, wire := range vectorWires("") {
		if len(wire) > 7 && wire[6] == oracle.FilterZstd && wire[5] == 1 {
			out = append(out, wire[7:])
		}
	}
	return distinct(out)
}

// lax reads frames whose checksum is wrong: it tells which one would be right.
var lax = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.IgnoreChecksum(true), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<20))
})

// runUnzstd has the filter and the oracle undo Zstandard frames whose checksum, unlike a fuzzer's, is right.
func runUnzstd(t Reporter, in []byte) {
	const limit = 64 << 10
	if len(in) < 9 {
		return
	}
	z, err := registries(t).judged.Get(oracle.FilterZstd)
	if err != nil {
		t.Fatalf("%v", err)
	}
	l, err := lax()
	if err != nil {
		t.Fatalf("%v", err)
	}
	if content, err := l.DecodeAll(in, nil); err == nil {
		in = append(slices.Clone(in[:len(in)-4]), oracle.ZstdSum(content)...)
	}
	want, wantErr := oracle.Unzstd(in, limit)
	got, err := z.(xfer.Bounded).OnUnpackLimit(in, limit)
	switch {
	case errors.Is(wantErr, oracle.ErrBeyond):
	case (err == nil) != (wantErr == nil):
		t.Fatalf("the oracle says %v, the filter %v\n%x", wantErr, err, in)
	case errors.Is(err, xfer.ErrExceedLimit) != errors.Is(wantErr, oracle.ErrLimit):
		t.Fatalf("of the limit the oracle says %v, the filter %v\n%x", wantErr, err, in)
	case err == nil && !bytes.Equal(got, want):
		t.Fatalf("the oracle gives %x, the filter %x\n%x", want, got, in)
	}
}
