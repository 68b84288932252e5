package heartbeat

import (
	"math/rand/v2"
	"testing"
)

// The bound that the package comment states, for 10,000 sessions, whatever the
// waits are; and each record comes in its time.
func TestWheel_BoundedTurns(t *testing.T) {
	const n = 10000
	waits := map[string]func() int{
		"no jitter":      func() int { return longestWait },
		"jitter":         func() int { return longestWait*3/4 + rand.IntN(longestWait/4+1) },
		"most jitter":    func() int { return longestWait/2 + rand.IntN(longestWait/2+1) },
		"all in step":    func() int { return longestWait / 2 },
		"none, then all": nil,
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			turns := 0
			if wait == nil {
				wait = func() int { return longestWait - turns%2*(longestWait/2) }
			}
			var w wheel
			records := make([]*record, n)
			seen := make(map[*record]uint64, n)
			for i := range records {
				records[i] = new(record)
				w.add(records[i], 1) // the worst first wait
				seen[records[i]] = w.now
			}
			most := 0
			for turns = range 40 * longestWait {
				list := w.turn(wait)
				most = max(most, len(list))
				for _, v := range list {
					if w.now-seen[v.r] > longestWait {
						t.Fatalf("a record waited %d ticks", w.now-seen[v.r])
					}
					if v.next <= w.now || v.next > w.now+longestWait || v.next != v.r.at {
						t.Fatalf("at %d the next time is %d", w.now, v.next)
					}
					seen[v.r] = w.now
				}
			}
			if bound := 2*n/longestWait + spare; most > bound || most < n/longestWait {
				t.Errorf("up to %d records in a turn, want %d to %d", most, n/longestWait, bound)
			}
			for r, at := range seen {
				if w.now-at > longestWait {
					t.Fatalf("a record was last seen %d ticks ago", w.now-at)
				}
				w.remove(r)
				w.remove(r) // again: nothing happens
			}
			if w.n != 0 {
				t.Errorf("%d are left", w.n)
			}
			for range slots {
				if list := w.turn(wait); len(list) != 0 {
					t.Fatalf("%d come after they were removed", len(list))
				}
			}
		})
	}
}

// Random adding, removing and turning: nobody is lost, nobody comes twice.
func TestWheel_RandomOperations(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var w wheel
		in := map[*record]uint64{}
		for range 3000 {
			switch k := rnd.IntN(10); {
			case k < 4:
				r := new(record)
				w.add(r, 1+rnd.IntN(longestWait))
				in[r] = w.now
			case k < 7:
				for r := range in {
					w.remove(r)
					delete(in, r)
					break
				}
			default:
				for _, v := range w.turn(func() int { return longestWait/2 + rnd.IntN(longestWait/2+1) }) {
					at, ok := in[v.r]
					if !ok || at == w.now || w.now-at > longestWait {
						t.Fatalf("seed %d: a record of %d, known %t, came at %d", seed, at, ok, w.now)
					}
					in[v.r] = w.now
				}
			}
			if w.n != len(in) {
				t.Fatalf("seed %d: %d in the wheel, want %d", seed, w.n, len(in))
			}
		}
	}
}
