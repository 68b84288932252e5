//go:build !race

package fast_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The allocation law: header and framing take no memory once the packet and
// the buffers are warm. The race detector drops pooled values at random, so
// the law is measured without it.
func TestAllocations_HeaderAndFraming(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    *packet.Packet
		max  float64
	}{
		{"plain", benchPacket(t), 0},
		{"gzip", benchPacket(t, packet.WithXferPipe('g')), 0},
	} {
		for name, run := range paths(t, tt.p) {
			got := testing.AllocsPerRun(200, func() {
				if err := run(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.max {
				t.Errorf("%s %s: %v allocations, at most %v are allowed", tt.name, name, got, tt.max)
			}
		}
	}
}

func TestAllocations_GetPacket(t *testing.T) {
	got := testing.AllocsPerRun(200, func() { packet.PutPacket(packet.GetPacket()) })
	if got > 0 {
		t.Errorf("%v allocations for a pooled packet", got)
	}
}
