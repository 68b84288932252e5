package xfer

import (
	"container/list"
	"encoding/binary"
	"fmt"
	"sync"
)

// Bounds of a ReplayGuard where none are given.
const (
	DefaultReplayWindow = 8192
	DefaultReplayRuns   = 1024
)

// ReplayGuard remembers which sealed payloads were opened, in constant memory,
// so that each is opened once (spec section 22.5). One guard may serve several
// AEAD filters; it is safe for concurrent use.
//
// A sender numbers what it seals under a key from its start to its end, a run.
// For each run the guard knows the largest number it has met and, of the
// window numbers up to it, which it has met; smaller ones it rejects. So
// payloads may arrive out of order by less than the window, over all
// connections of the sender together.
//
// What it cannot know: payloads opened before it was made, and those of runs
// that it has forgotten because more than its number of runs were active
// since. Keep keys short-lived, and rotate them when this process starts.
type ReplayGuard struct {
	window uint64
	runs   int

	mu     sync.Mutex // guards what follows; held for a lookup and a few words
	known  map[runKey]*list.Element
	recent *list.List // of *seenRun, the one used last in front
}

// runKey names a run: the direction is in the sender.
type runKey struct {
	filter      byte
	key, sender uint32
	run         [runLen]byte
}

// seenRun is a sliding window over the counters of a run. Bit n mod window
// stands for counter n, of those in (top-window, top].
type seenRun struct {
	key  runKey
	top  uint64
	bits []uint64
}

// NewReplayGuard makes a guard that remembers window numbers of each of runs
// runs; a number of 0 stands for the default. Window is a multiple of 64. It
// takes window/8 and about 100 bytes a run.
func NewReplayGuard(window, runs int) (*ReplayGuard, error) {
	if window == 0 {
		window = DefaultReplayWindow
	}
	if runs == 0 {
		runs = DefaultReplayRuns
	}
	if window < 64 || window%64 != 0 || window > 1<<24 || runs < 1 {
		return nil, fmt.Errorf("xfer: a replay guard for %d numbers of %d runs: expected a multiple of 64 up to %d, and at least 1 run", window, runs, 1<<24)
	}
	return &ReplayGuard{window: uint64(window), runs: runs, known: map[runKey]*list.Element{}, recent: list.New()}, nil
}

// Runs gives how many runs the guard remembers now.
func (g *ReplayGuard) Runs() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.recent.Len()
}

// accept tells whether the payload is new, and remembers it.
//
// req: TP-XFER-057
func (g *ReplayGuard) accept(filter byte, key, sender uint32, nonce []byte) bool {
	k := runKey{filter: filter, key: key, sender: sender, run: [runLen]byte(nonce)}
	n := uint64(binary.BigEndian.Uint32(nonce[runLen:]))
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.find(k, n).accept(n, g.window)
}

// find gives the window of a run, a new one that ends before n if need be.
func (g *ReplayGuard) find(k runKey, n uint64) *seenRun {
	if e := g.known[k]; e != nil {
		g.recent.MoveToFront(e)
		return e.Value.(*seenRun)
	}
	r := &seenRun{}
	if g.recent.Len() >= g.runs { // take over the memory of the one that was quiet longest
		oldest := g.recent.Back()
		r = g.recent.Remove(oldest).(*seenRun)
		delete(g.known, r.key)
		clear(r.bits)
	} else {
		r.bits = make([]uint64, g.window/64)
	}
	r.key, r.top = k, n
	g.known[k] = g.recent.PushFront(r)
	return r
}

func (r *seenRun) accept(n, window uint64) bool {
	switch {
	case n+window <= r.top:
		return false
	case n > r.top:
		if n-r.top >= window {
			clear(r.bits)
		} else {
			for m := r.top + 1; m < n; m++ { // skipped over: not met
				r.bits[m%window/64] &^= 1 << (m % 64)
			}
		}
		r.top = n
		r.bits[n%window/64] |= 1 << (n % 64)
		return true
	}
	word, bit := &r.bits[n%window/64], uint64(1)<<(n%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}
