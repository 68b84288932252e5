package stats

import (
	"sync"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Significant digits of the percentiles, and the times that they know.
const (
	routeDigits   = 2
	sessionDigits = 1
	finest        = time.Microsecond
	longest       = time.Hour
)

// maxCodes bounds the error codes that are told apart: the other side makes
// them up.
const maxCodes = 32

// counters is one line of what is counted: a route's or a session's, of one kind.
type counters struct {
	digits int // of the histogram

	mu sync.Mutex // guards what follows; held for a few additions, or a copy
	n  Counters   // but for Latency
	lat
}

// lat is the latencies. The histogram is made for the first one.
type lat struct {
	hist          *hdr.Histogram // nanoseconds
	sum, min, max time.Duration
}

func (l *lat) record(d time.Duration, digits int) {
	d = max(d, 0)
	if l.hist == nil {
		l.hist = hdr.New(int64(finest), int64(longest), digits)
		l.min = d
	}
	l.sum += d
	l.min, l.max = min(l.min, d), max(l.max, d)
	if err := l.hist.RecordValue(int64(min(d, longest))); err != nil {
		panic(err) // the value is within the bounds
	}
}

// update changes the numbers under the lock.
func (c *counters) update(change func(n *Counters)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.n)
}

func (c *counters) start(bytesIn uint32, inFlight int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n.Started++
	c.n.InFlight += inFlight
	c.n.BytesIn += uint64(bytesIn)
}

func (c *counters) lose(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n.InFlight -= int64(n)
	c.n.Lost += uint64(n)
}

// outcome is how a call ended. timed is false where its beginning was not seen.
type outcome struct {
	cost   time.Duration
	timed  bool
	failed bool
	code   int32
}

// end notes an outcome.
func (c *counters) end(o outcome, inFlight int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n.InFlight += inFlight
	if o.failed {
		c.failLocked(o.code)
	}
	if o.timed {
		c.record(o.cost, c.digits)
	}
}

func (c *counters) failLocked(code int32) {
	if _, ok := c.n.Errors[code]; !ok && len(c.n.Errors) >= maxCodes {
		c.n.OtherErrors++
		return
	}
	if c.n.Errors == nil {
		c.n.Errors = make(map[int32]uint64)
	}
	c.n.Errors[code]++
}

// unfailLocked takes back what failLocked has counted.
func (c *counters) unfailLocked(code int32) {
	switch n := c.n.Errors[code]; {
	case n > 1:
		c.n.Errors[code] = n - 1
	case n == 1:
		delete(c.n.Errors, code)
	case c.n.OtherErrors > 0:
		c.n.OtherErrors--
	}
}
