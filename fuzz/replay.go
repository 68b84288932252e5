package fuzz

import (
	"bytes"
	"errors"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// The guard that is attacked: small, so that a short schedule passes its bounds.
const (
	guardWindow = 64
	guardRuns   = 3
)

// replaySeeds gives schedules in order, backwards, twice, with a jump, and of more runs than the guard remembers.
func replaySeeds() [][]byte {
	step := func(who, counter byte) []byte { return []byte{who, counter, 0} }
	var out [][]byte
	for _, counters := range [][]byte{{0, 1, 2, 3}, {3, 2, 1, 0}, {5, 5}, {0, 63, 0, 64, 0, 1}, {9, 200, 9, 137, 136}, {1, 65, 2, 129}, {255, 254, 255}} {
		var one, two, rows []byte
		for i, n := range counters {
			one = append(one, step(0, n)...)
			two = append(append(two, step(1, n)...), step(byte(2*i+1), n)...)
			rows = append(append(append(rows, step(byte(0x10*i), n)...), step(0, n)...), n|0x80, n, 1)
		}
		out = append(out, one, two, rows)
	}
	return distinct(out)
}

// runReplay opens sealed payloads by two filters that share a guard. The script, step by step: a byte whose bits say
// which filter (0), key (1), sender (2, 3), run (4 to 6), and that the payload is changed on its way (7); the counter's
// low byte, and its high byte in steps of 64. What is authentic and new within the bounds must come through, and nothing else.
//
// req: TP-XFER-054, TP-XFER-055, TP-XFER-057
func runReplay(t Reporter, in []byte) {
	guard, err := xfer.NewReplayGuard(guardWindow, guardRuns)
	if err != nil {
		t.Fatalf("%v", err)
	}
	byId := map[byte]*xfer.AEAD{}
	for id, make := range map[byte]func(xfer.AEADOptions) (*xfer.AEAD, error){
		oracle.FilterAES: xfer.NewAESGCM, oracle.FilterChaCha: xfer.NewChaCha20Poly1305} {
		keys := []xfer.Key{{Id: 1, Secret: oracle.TestKey(id, 1)}, {Id: 2, Secret: oracle.TestKey(id, 2)}}
		if byId[id], err = make(xfer.AEADOptions{Sender: oracle.Judged, Keys: keys, Guard: guard}); err != nil {
			t.Fatalf("%v", err)
		}
	}
	var model replayModel
	s := script{b: in}
	for step := 0; step < 256 && s.more(); step++ {
		who := s.byte()
		sealed := oracle.Sealed{
			Filter: []byte{oracle.FilterAES, oracle.FilterChaCha}[who&1], Key: 1 + uint32(who>>1&1), Sender: uint32(who >> 2 & 3),
			Run: bytes.Repeat([]byte{who >> 4 & 7}, 8), Counter: uint32(s.byte()) + guardWindow*uint32(s.byte()),
		}
		plain := []byte{byte(step), who}
		wire := sealed.Seal(plain)
		if who&0x80 != 0 {
			wire[20+step%(len(wire)-20)] ^= 1
		}
		want := error(nil)
		switch {
		case sealed.Sender == oracle.Judged:
			want = xfer.ErrReflected
		case who&0x80 != 0:
			want = xfer.ErrNotAuthentic
		case !model.accepts(sealed):
			want = xfer.ErrReplayed
		}
		got, err := byId[sealed.Filter].AppendUnpack([]byte("kept"), wire, len(plain))
		if want == nil && (err != nil || !bytes.Equal(got, append([]byte("kept"), plain...))) || !errors.Is(err, want) ||
			want != nil && string(got) != "kept" {
			t.Fatalf("step %d, %+v: %q, %v; want %v", step, sealed, got, err, want)
		}
		if guard.Runs() != len(model.runs) {
			t.Fatalf("step %d: the guard remembers %d runs, want %d", step, guard.Runs(), len(model.runs))
		}
	}
}

// replayModel is the guard of chapter 22.5 with every counter kept as a number; the run used last is in front.
type replayModel struct{ runs []replayRun }

type replayRun struct {
	filter      byte
	key, sender uint32
	run         byte
	met         []uint32
}

func (m *replayModel) accepts(s oracle.Sealed) bool {
	at := slices.IndexFunc(m.runs, func(r replayRun) bool {
		return r.filter == s.Filter && r.key == s.Key && r.sender == s.Sender && r.run == s.Run[0]
	})
	r := replayRun{s.Filter, s.Key, s.Sender, s.Run[0], nil}
	if at >= 0 {
		r = m.runs[at]
		m.runs = slices.Delete(m.runs, at, at+1)
	}
	fresh := len(r.met) == 0 || !slices.Contains(r.met, s.Counter) && s.Counter+guardWindow > slices.Max(r.met)
	if fresh {
		r.met = append(r.met, s.Counter)
	}
	m.runs = slices.Insert(m.runs, 0, r)
	m.runs = m.runs[:min(len(m.runs), guardRuns)]
	return fresh
}
