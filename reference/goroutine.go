package tp

import (
	"runtime/debug"
	"sync"
	"time"
)

// goLimit counts the goroutines that Go and AnywayGo began.
type goLimit struct {
	mu      sync.Mutex // guards what follows
	max     int        // 0 or less: no bound
	running int
}

var processGo = &goLimit{max: 1 << 20}

// SetGopool bounds how many functions Go runs at once in the process: 1,048,576
// unless changed; 0 or less: no bound. The second argument, how long Teleport
// v3 kept idle goroutines, has no meaning any more: a goroutine ends with its
// function. The handlers of a session have a bound of their own, PeerConfig.MaxHandlers.
func SetGopool(maxGoroutines int, _ time.Duration) {
	processGo.mu.Lock()
	defer processGo.mu.Unlock()
	processGo.max = maxGoroutines
}

// Go runs fn on a goroutine of its own; false when as many run as SetGopool
// allows, and then fn does not run. What fn panics with is logged.
func Go(fn func()) bool { return processGo.start(fn, false) }

// AnywayGo is Go without the bound.
func AnywayGo(fn func()) { processGo.start(fn, true) }

func (g *goLimit) start(fn func(), anyway bool) bool {
	g.mu.Lock()
	if !anyway && g.max > 0 && g.running >= g.max {
		g.mu.Unlock()
		return false
	}
	g.running++
	g.mu.Unlock()
	go g.run(fn)
	return true
}

// run is the goroutine of Go and AnywayGo. Owner: their caller; end: fn's.
func (g *goLimit) run(fn func()) {
	defer func() {
		if r := recover(); r != nil {
			Errorf("panic in a function given to Go: %v\n%s", r, debug.Stack())
		}
		g.mu.Lock()
		g.running--
		g.mu.Unlock()
	}()
	fn()
}
