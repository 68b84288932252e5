package mutants

import (
	"context"
	"sync"
)

// silentAtOnce is how many killers may wait for the silence of a peer at the same time.
const silentAtOnce = 16

// runSilent runs the peers whose killers wait for something that does not come, side by side: they take time and
// little else. It gives their outcomes by place in mutants.
func runSilent(ctx context.Context, mutants []Mutant, o Options, clean *cleanliness) map[int]Outcome {
	out := map[int]Outcome{}
	var mu sync.Mutex // guards out
	var all sync.WaitGroup
	slots := make(chan struct{}, silentAtOnce)
	for i, m := range mutants {
		if m.Kind() != KindPeer || m.Timeout == 0 {
			continue
		}
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			one := runOne(ctx, m, o, clean)
			mu.Lock()
			defer mu.Unlock()
			out[i] = one
		})
	}
	all.Wait()
	return out
}
