package tp

import (
	"maps"
	"slices"
	"sync"
)

// pendingTable holds the calls of one link that wait for their REPLY, by seq.
// Whoever takes a call out of it ends that call: that is what makes every call
// end once.
//
// req: TP-SESS-024
type pendingTable struct {
	max    int        // of calls; 0 or less: none
	mu     sync.Mutex // guards what follows; held for the map operation only
	calls  map[uint64]*PullCmd
	closed bool
	idle   chan struct{}
	room   chan struct{} // closed when there may be room again
}

// add puts a call in; false when the link is over, or when there is no room:
// then room is closed when it is worth trying again.
//
// req: TP-LIM-013
func (t *pendingTable) add(cmd *PullCmd) (ok bool, room <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false, nil
	}
	if t.max > 0 && len(t.calls) >= t.max {
		if t.room == nil {
			t.room = make(chan struct{})
		}
		return false, t.room
	}
	if t.calls == nil {
		t.calls = make(map[uint64]*PullCmd)
	}
	t.calls[cmd.seq] = cmd
	return true, nil
}

// len counts the calls that wait.
func (t *pendingTable) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.calls)
}

// take takes the call with that seq out; nil when there is none.
//
// req: TP-SEQ-006, TP-SEQ-008
func (t *pendingTable) take(seq uint64) *PullCmd {
	t.mu.Lock()
	defer t.mu.Unlock()
	cmd := t.calls[seq]
	if cmd != nil {
		delete(t.calls, seq)
		t.wakeLocked()
	}
	return cmd
}

// takeAll takes out all calls; with last, none can be added any more.
func (t *pendingTable) takeAll(last bool) []*PullCmd {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = t.closed || last
	if len(t.calls) == 0 {
		return nil
	}
	all := slices.SortedFunc(maps.Values(t.calls), func(a, b *PullCmd) int {
		return int(int64(a.seq - b.seq)) // in the order of their launch
	})
	t.calls = nil
	t.wakeLocked()
	return all
}

// drained gives a channel that is closed when no call waits, now or later.
func (t *pendingTable) drained() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.calls) == 0 {
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
	if len(t.calls) == 0 && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}
