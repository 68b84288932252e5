package tp

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// pendingTable holds the calls of one link that wait for their REPLY, by seq.
// Whoever takes a call out of it ends that call: that is what makes every call
// end once.
//
// req: TP-SESS-024
type pendingTable struct {
	n      atomic.Int32 // of calls; written under mu
	mu     sync.Mutex   // guards what follows; held for the map operation only
	closed bool
	one    *call            // one of the calls, so that a call at a time needs no map
	calls  map[uint64]*call // the others
	idle   chan struct{}
	room   chan struct{} // closed when there may be room again
}

// add puts a call in, where there are less than max or that is 0 or less; false
// when the link is over, or when there is no room: then room is closed when it is worth trying again.
//
// req: TP-LIM-013
func (t *pendingTable) add(cmd *call, max int) (ok bool, room <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false, nil
	}
	if max > 0 && t.len() >= max {
		if t.room == nil {
			t.room = make(chan struct{})
		}
		return false, t.room
	}
	switch {
	case t.one == nil:
		t.one = cmd
	case t.calls == nil:
		t.calls = make(map[uint64]*call)
		fallthrough
	default:
		t.calls[cmd.seq] = cmd
	}
	t.n.Add(1)
	return true, nil
}

// len counts the calls that wait.
func (t *pendingTable) len() int { return int(t.n.Load()) }

// take takes the call with that seq out; nil when there is none.
//
// req: TP-SEQ-006, TP-SEQ-008
func (t *pendingTable) take(seq uint64) *call {
	t.mu.Lock()
	defer t.mu.Unlock()
	cmd := t.one
	if cmd != nil && cmd.seq == seq {
		t.one = nil
	} else if cmd = t.calls[seq]; cmd == nil {
		return nil
	} else {
		delete(t.calls, seq)
	}
	t.n.Add(-1)
	t.wakeLocked()
	return cmd
}

// takeAll takes out all calls; with last, none can be added any more.
func (t *pendingTable) takeAll(last bool) []*call {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = t.closed || last
	if t.len() == 0 {
		return nil
	}
	all := slices.Collect(maps.Values(t.calls))
	if t.one != nil {
		all = append(all, t.one)
	}
	slices.SortFunc(all, func(a, b *call) int {
		return int(int64(a.seq - b.seq)) // in the order of their launch
	})
	t.one, t.calls = nil, nil
	t.n.Store(0)
	t.wakeLocked()
	return all
}

// drained gives a channel that is closed when no call waits, now or later.
func (t *pendingTable) drained() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.len() == 0 {
		return closedChan()
	}
	if t.idle == nil {
		t.idle = make(chan struct{})
	}
	return t.idle
}

func (t *pendingTable) wakeLocked() {
	if t.room != nil {
		close(t.room)
		t.room = nil
	}
	if t.idle != nil && t.len() == 0 {
		close(t.idle)
		t.idle = nil
	}
}
