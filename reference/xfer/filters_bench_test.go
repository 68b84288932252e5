package xfer_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

func BenchmarkFilters(b *testing.B) {
	send, receive := side(b, 1), side(b, 2)
	for _, n := range []int{64, 4 << 10, 256 << 10} {
		text := bytes.Repeat([]byte(`{"id":12345,"name":"a name","list":[1,2,3]} `), n/44+1)[:n]
		for _, ids := range []string{"g", "z", "c", "a", "x", "az"} {
			packer, unpacker := pipeOf(b, send, ids), pipeOf(b, receive, ids)
			packed := must(packer.OnPack(text))
			b.Run(fmt.Sprintf("pack/%s/%d", ids, n), func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				buf := make([]byte, 0, n+1024)
				for b.Loop() {
					if _, err := packer.AppendPack(buf[:0], text); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(fmt.Sprintf("unpack/%s/%d", ids, n), func(b *testing.B) {
				b.SetBytes(int64(n))
				b.ReportAllocs()
				buf := make([]byte, 0, n+1024)
				for b.Loop() {
					if _, err := unpacker.AppendUnpack(buf[:0], packed, n+xfer.SealedOverhead); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
