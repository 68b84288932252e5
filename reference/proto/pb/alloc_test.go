//go:build !race

package pb_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Header and framing take no memory once the packet and the buffers are warm
// and the body needs none of its own. The race detector drops pooled values at
// random, so it is measured without it.
func TestAllocations_HeaderAndFraming(t *testing.T) {
	p := packet.NewPacket(packet.WithSeq(12345), packet.WithPtype(packet.TypePull), packet.WithUri("/bench/echo/say"),
		packet.WithSetMeta("k", "v"), packet.WithBodyCodec('s'), packet.WithBody(packet.RawBody("as it stands")))
	frame, err := framer().AppendFrame(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	f, in, buf := framer(), packet.NewPacket(), make([]byte, 0, 2*len(frame))
	for name, run := range map[string]func() error{
		"AppendFrame": func() error { _, err := f.AppendFrame(buf, p); return err },
		"ParseFrame":  func() error { return f.ParseFrame(frame, in) },
	} {
		got := testing.AllocsPerRun(200, func() {
			if err := run(); err != nil {
				t.Fatal(err)
			}
		})
		if got > 0 {
			t.Errorf("%s: %v allocations, none are allowed", name, got)
		}
	}
}
