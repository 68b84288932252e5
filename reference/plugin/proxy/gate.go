package proxy

import "sync"

// gate bounds what is under way for one session.
type gate struct {
	maxCalls, maxBytes int

	mu           sync.Mutex // guards what follows
	calls, bytes int
}

// enter takes a packet of n bytes in; false where there is no room. One alone
// always has room.
func (g *gate) enter(n int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls > 0 && (g.calls >= g.maxCalls || g.bytes+n > g.maxBytes) {
		return false
	}
	g.calls++
	g.bytes += n
	return true
}

// grow makes a packet that is in larger, by its reply; false where there is no
// room for that. One alone always has room.
func (g *gate) grow(n int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls > 1 && g.bytes+n > g.maxBytes {
		return false
	}
	g.bytes += n
	return true
}

// leave ends a packet that holds n bytes.
func (g *gate) leave(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls--
	g.bytes -= n
}

func (g *gate) held() (calls, bytes int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.calls, g.bytes
}

// tally counts the packets that are under way through the whole proxy, so that
// its end can wait for them.
type tally struct {
	mu     sync.Mutex // guards what follows
	n      int
	sealed bool
	idle   chan struct{} // closed when sealed and nothing is under way
}

func newTally() *tally { return &tally{idle: make(chan struct{})} }

// enter is false after seal.
func (t *tally) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sealed {
		return false
	}
	t.n++
	return true
}

func (t *tally) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n--; t.n == 0 && t.sealed {
		close(t.idle)
	}
}

func (t *tally) seal() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sealed {
		return
	}
	if t.sealed = true; t.n == 0 {
		close(t.idle)
	}
}

func (t *tally) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n
}
