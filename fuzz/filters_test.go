package fuzz

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/reference/xfer"
	"github.com/henrylee2cn/teleport/vectors"
)

// filters are gzip and those of chapter 22 under the standard's test keys, as the oracle has them, too.
var filters = allFilters()

func allFilters() *xfer.Registry {
	r, ok := suite.FurtherFilters([]byte("czax"))
	if !ok {
		panic("a filter of the standard is not there")
	}
	return r
}

// askOracle has the oracle decode a frame. It is no judge of entropy-coded Zstandard blocks: judged is false when it met
// one.
func askOracle(in []byte) (p oracle.Packet, n int, err *oracle.Error, judged bool) {
	judged = true
	all := oracle.TestFilters(oracle.Judged)
	z := all[oracle.FilterZstd]
	all[oracle.FilterZstd] = oracle.Filter{Do: z.Do, Undo: func(b []byte, limit int) ([]byte, error) {
		out, err := z.Undo(b, limit)
		if errors.Is(err, oracle.ErrBeyond) {
			judged = false
		}
		return out, err
	}}
	p, n, err = oracle.Fast.With(all).Decode(in, oracleLimits())
	return p, n, err, judged
}

// FuzzUnzstd has the filter and the oracle undo Zstandard frames whose checksum, unlike a fuzzer's, is right.
func FuzzUnzstd(f *testing.F) {
	cases, err := vectors.All()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		if wire, err := c.WireBytes(); err == nil && len(wire) > 7 && len(wire) < maxInput && wire[6] == oracle.FilterZstd && wire[5] == 1 {
			f.Add(wire[7:])
		}
	}
	z, err := filters.Get(oracle.FilterZstd)
	if err != nil {
		f.Fatal(err)
	}
	lax, err := zstd.NewReader(nil, zstd.IgnoreChecksum(true), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<20))
	if err != nil {
		f.Fatal(err)
	}
	const limit = 64 << 10
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > maxInput || len(in) < 9 {
			return
		}
		if content, err := lax.DecodeAll(in, nil); err == nil {
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
	})
}
