package bounds_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz/bounds"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/vectors"
)

// decoded gives the vectors that are decoded, with the rooms that they are for.
func decoded(t testing.TB, take func(*vectors.Case) bool) (cases []vectors.Case) {
	t.Helper()
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Kind != vectors.KindEncode && len(c.Wire) > 0 && take(&c) {
			cases = append(cases, c)
		}
	}
	return cases
}

func roomOf(t testing.TB, c *vectors.Case) room {
	t.Helper()
	i := slices.IndexFunc(rooms, func(r room) bool { return r.name == c.ProtoName() })
	if i < 0 {
		t.Fatalf("%s is for %s, which is not measured", c.ID, c.ProtoName())
	}
	return rooms[i]
}

func envOf(t testing.TB, c *vectors.Case) *packet.Env {
	l := c.EffectiveLimits()
	return &packet.Env{Filters: filters(t), Limits: packet.Limits{
		MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}}
}

// pipeCost is what the filters that a frame names may cost beside its bytes.
func pipeCost(in []byte, env *packet.Env) uint64 {
	if len(in) < 6 {
		return 0
	}
	return bounds.Filters(int(in[5]), int(env.Limits.MaxPayload))
}

// Every invalid vector is refused within what its bytes may cost, whichever way they come.
func TestInvalidVectors_TakeLittle(t *testing.T) {
	most := 3 // runs of a vector that has one for each place where it can be cut
	if long() {
		most = 50
	}
	n, m := 0, newMeter()
	for _, c := range decoded(t, func(c *vectors.Case) bool { return c.Result == vectors.Invalid }) {
		runs, err := c.Runs()
		if err != nil {
			t.Fatal(err)
		}
		env := envOf(t, &c)
		step := max(1, len(runs)/most)
		for i := 0; i < len(runs); i += step {
			in := slices.Concat(runs[i].Segments...)
			n++
			roomOf(t, &c).attack(t, m, env, in, "", pipeCost(in, env))
			if t.Failed() {
				t.Fatalf("vector %s", c.ID)
			}
		}
	}
	if n == 0 {
		t.Fatal("nothing was measured")
	}
	t.Logf("%d inputs, each by three paths", n)
}

// Damaged vectors, whatever becomes of them, take no more than their bytes may cost.
func TestDamagedVectors_TakeLittle(t *testing.T) {
	count, seed := 150, rand.Uint64()
	if long() {
		count = 5000
	}
	if s := os.Getenv("TELEPORT_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("TELEPORT_SEED: %v", err)
		}
		seed = n
	}
	t.Logf("replay: TELEPORT_SEED=%d go test -count=1 -run '^%s$' .", seed, t.Name())
	rng := rand.New(rand.NewPCG(seed, 0))
	cases, m := decoded(t, func(c *vectors.Case) bool { return c.Result != vectors.Quirk }), newMeter()
	for range count {
		c, other := &cases[rng.IntN(len(cases))], &cases[rng.IntN(len(cases))]
		in, err := c.WireBytes()
		if err != nil {
			t.Fatal(err)
		}
		more, err := other.WireBytes()
		if err != nil {
			t.Fatal(err)
		}
		in = damage(rng, in, more)
		env := envOf(t, c)
		roomOf(t, c).attack(t, m, env, in, "", pipeCost(in, env))
		if t.Failed() {
			t.Fatalf("vector %s, damaged", c.ID)
		}
	}
}

// damage changes a frame: bytes, a length, where it ends, what follows. The size field is put right most of the
// time, or nothing behind it would be looked at.
func damage(rng *rand.Rand, in, more []byte) []byte {
	in = slices.Clone(in)
	for range 1 + rng.IntN(3) {
		at := 0
		if len(in) > 6 {
			at = 6 + rng.IntN(len(in)-6)
		}
		switch rng.IntN(6) {
		case 0:
			if len(in) > 0 {
				in[min(at, len(in)-1)] = byte(rng.Uint32())
			}
		case 1: // a length that claims much
			if at+4 <= len(in) {
				copy(in[at:], []byte{byte(rng.IntN(2) * 0x7f), byte(rng.Uint32()), 0xff, 0xff})
			}
		case 2:
			in = in[:min(at, len(in))]
		case 3:
			in = slices.Concat(in[:min(at, len(in))], more)
		case 4: // much of the same
			in = append(in, slices.Repeat(in[min(at, len(in)):], rng.IntN(20))...)
		case 5:
			if len(in) > 5 {
				in[5] = byte(rng.IntN(3))
			}
		}
	}
	if len(in) >= 4 && rng.IntN(8) > 0 {
		n := uint32(len(in))
		copy(in, []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
	}
	return in
}
