package mutants

import (
	"container/heap"
	"time"
)

// naiveTimer is something to do at a time.
type naiveTimer struct {
	due time.Time
	do  func()
}

// naiveTimers is a heap of timers, the next one first: one goroutine keeps them all, however many calls wait.
type naiveTimers []naiveTimer

func (t naiveTimers) Len() int           { return len(t) }
func (t naiveTimers) Less(i, j int) bool { return t[i].due.Before(t[j].due) }
func (t naiveTimers) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *naiveTimers) Push(x any)        { *t = append(*t, x.(naiveTimer)) }
func (t *naiveTimers) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

// after calls f under the lock after d, unless the peer has stopped. It needs the lock.
func (p *naivePeer) after(d time.Duration, f func()) {
	due := time.Now().Add(d)
	heap.Push(&p.timers, naiveTimer{due, f})
	if p.timers[0].due.Equal(due) {
		select {
		case p.earlier <- struct{}{}:
		default: // the keeper has not looked yet
		}
	}
}

// keepTimers runs what is due until the peer stops.
func (p *naivePeer) keepTimers() {
	next := time.NewTimer(time.Hour)
	defer next.Stop()
	for {
		select {
		case <-p.stopped:
			return
		case <-p.earlier:
		case <-next.C:
		}
		p.mu.Lock()
		for len(p.timers) > 0 && !p.timers[0].due.After(time.Now()) {
			heap.Pop(&p.timers).(naiveTimer).do()
		}
		if len(p.timers) > 0 {
			next.Reset(time.Until(p.timers[0].due))
		}
		p.mu.Unlock()
	}
}
