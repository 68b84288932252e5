package bounds_test

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz/bounds"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Input that is four times as long costs about four times as many allocations and as much memory at most,
// but for what a list or a buffer that doubles is ahead.
func TestCost_GrowsAsTheInputDoes(t *testing.T) {
	env := roomy(t)
	m := newMeter()
	each(func(name string, fam family, r room) {
		const n = 2000
		small, large := fam.make(t, r, n), fam.make(t, r, 4*n)
		for _, path := range bounds.Paths(r.pf) {
			count := func(in []byte) float64 { return testing.AllocsPerRun(1, func() { path.Decode(env, in) }) }
			if a1, a4 := count(small), count(large); a4 > 5*a1+20 { // a pool may lose some
				t.Errorf("%s, %s: %v allocations for %d bytes, %v for %d", name, path.Name, a1, len(small), a4, len(large))
			}
			b1, _ := m.Within(math.MaxUint64, func() { path.Decode(env, small) })
			allowed := func() uint64 { return 8*(b1+uint64(len(small))) + 64<<10 }
			b4, ok := m.Within(allowed(), func() { path.Decode(env, large) })
			if !ok { // that was without what pools hold: so must be what it is compared with
				b1, _ = bounds.Within(math.MaxUint64, func() { path.Decode(env, small) })
			}
			if b4 > allowed() {
				t.Errorf("%s, %s: %d bytes of memory for %d bytes of input, %d for %d", name, path.Name, b1, len(small), b4, len(large))
			}
		}
		for _, in := range [][]byte{small, large} {
			stream := &bounds.Input{Data: in}
			x := r.pf(stream)
			packets := 0
			for ; x.Unpack(fresh(env)) == nil; packets++ {
			}
			// A buffer that doubles asks a few times for a packet, whatever its length.
			if most := 24 * (packets + 1); stream.Reads > most {
				t.Errorf("%s: %d reads for %d bytes in %d packets, at most %d are in order", name, stream.Reads, len(in), packets, most)
			}
		}
	})
}

func fresh(env *packet.Env) *packet.Packet {
	p := packet.NewPacket()
	p.SetEnv(env)
	return p
}

// workEnv names the workload of TestWorkload: family/room/path and n.
const workEnv = "TELEPORT_BOUNDS_WORK"

// TestWorkload decodes the input that the environment names, once: TestWork_IsLinear counts what that executes.
func TestWorkload(t *testing.T) {
	work := os.Getenv(workEnv)
	if work == "" {
		t.Skip("it is run by TestWork_IsLinear")
	}
	env := roomy(t)
	found := false
	each(func(name string, fam family, r room) {
		for _, path := range bounds.Paths(r.pf) {
			var n int
			if _, err := fmt.Sscanf(work, name+"/"+path.Name+" %d", &n); err != nil {
				continue
			}
			found = true
			packets, err := path.Decode(env, fam.make(t, r, n))
			t.Log(verdict(packets, err))
		}
	})
	if !found {
		t.Fatalf("there is no workload %q", work)
	}
}
