package harness

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// dialers is how many connections are made at once.
const dialers = 64

// stuckAfter is how long a run may go without an end of any call before it is given up.
const stuckAfter = 30 * time.Second

// result is what a client process found.
type result struct {
	Seconds  float64   `json:"seconds"`
	Started  time.Time `json:"started"`
	Calls    int64     `json:"calls"`
	Errors   int64     `json:"errors"`
	Fault    string    `json:"fault,omitempty"`
	Latency  Latency   `json:"latency"`
	Slow     *Latency  `json:"slow,omitempty"`
	Series   []int64   `json:"series"`
	Before   snapshot  `json:"before"`
	After    snapshot  `json:"after"`
	MaxFiles uint64    `json:"max_files"`
}

// fleet is the client side of a run: connections, and the goroutines that call over them.
type fleet struct {
	cell  Cell
	conns []Client
	loops []*loop
	rec   *recorder // of the short calls
	slow  *recorder // of a mixed cell's sleepers; else nil

	start  chan struct{} // closed when the run begins
	over   chan struct{} // closed when the short calls of a mixed cell are done
	failed atomic.Int64
	fault  atomic.Pointer[string]
}

// loop is one client: a goroutine that makes calls.
type loop struct {
	f     *fleet
	call  func() error
	calls int // to make; less than 0: until the fleet's over
	lane  *lane
}

// newFleet connects, makes the callers and warms them up.
func newFleet(s System, c Cell, addrs []string) (*fleet, error) {
	k, err := c.Mode.Connections(c.Clients)
	switch {
	case err != nil:
		return nil, err
	case k < c.Clients && !s.Shares:
		return nil, fmt.Errorf("%s: its connections serve one caller each", s.Name)
	case len(addrs) == 0:
		return nil, errors.New("no address to dial")
	}
	f := &fleet{
		cell: c, conns: make([]Client, k), rec: newRecorder(),
		start: make(chan struct{}), over: make(chan struct{}),
	}
	if err := f.dial(s, addrs); err != nil {
		return nil, errors.Join(err, f.close())
	}
	if err := f.callers(); err != nil {
		return nil, errors.Join(err, f.close())
	}
	if c.Workload == Idle {
		return f, nil
	}
	if err := f.warm(); err != nil {
		return nil, errors.Join(fmt.Errorf("warm-up: %w", err), f.close())
	}
	return f, nil
}

// dial makes the connections; a dial that fails is tried again, for a full backlog is no fault of the system's.
func (f *fleet) dial(s System, addrs []string) error {
	return inParallel(len(f.conns), func(i int) error {
		var err error
		for try := range 5 {
			if f.conns[i], err = s.Dial(addrs[i%len(addrs)], f.cell.Options); err == nil {
				return nil
			}
			time.Sleep(time.Duration(try+1) * 20 * time.Millisecond)
		}
		return fmt.Errorf("%s: dial %s: %w", s.Name, addrs[i%len(addrs)], err)
	})
}

// inParallel calls f(0) to f(n-1), at most dialers at once, and gives the first error.
func inParallel(n int, f func(i int) error) error {
	var next atomic.Int64
	var first atomic.Pointer[error]
	var wg sync.WaitGroup
	for range min(n, dialers) {
		wg.Go(func() {
			for first.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					first.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}

// callers makes a loop for each client, and for each sleeper.
func (f *fleet) callers() error {
	c := f.cell
	for w := range c.Clients {
		call, err := f.caller(f.conns[w%len(f.conns)], w)
		if err != nil {
			return err
		}
		calls := c.Calls / c.Clients
		if w < c.Calls%c.Clients {
			calls++
		}
		f.loops = append(f.loops, &loop{f: f, call: call, calls: calls, lane: f.rec.lane(calls)})
	}
	if c.Sleepers == 0 {
		return nil
	}
	f.slow = newRecorder()
	for w := range c.Sleepers {
		conn, ok := f.conns[w%len(f.conns)].(Sleeper)
		if !ok {
			return fmt.Errorf("%s: it cannot make slow calls beside short ones", c.System)
		}
		call, err := conn.Sleeper(c.Clients + w)
		if err != nil {
			return err
		}
		f.loops = append(f.loops, &loop{f: f, call: call, calls: -1, lane: f.slow.lane(laneSize)})
	}
	return nil
}

func (f *fleet) caller(conn Client, w int) (func() error, error) {
	if f.cell.Workload != Push {
		return conn.Caller(w)
	}
	p, ok := conn.(Pusher)
	if !ok {
		return nil, fmt.Errorf("%s: it cannot push", f.cell.System)
	}
	return p.Pusher(w)
}

// warm makes each client's unmeasured calls.
func (f *fleet) warm() error {
	if f.cell.Workload == Push {
		return nil // the receiver counts
	}
	var wg sync.WaitGroup
	var first atomic.Pointer[error]
	for _, l := range f.loops {
		wg.Go(func() {
			for range f.cell.Warm {
				if err := l.call(); err != nil {
					first.CompareAndSwap(nil, &err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := first.Load(); err != nil {
		return *err
	}
	return nil
}

// fail counts a failed call; the first is named in the run.
func (f *fleet) fail(err error) {
	f.failed.Add(1)
	text := err.Error()
	f.fault.CompareAndSwap(nil, &text)
}

// run does the cell's work and measures it.
func (f *fleet) run() (*result, error) {
	runtime.GC()
	r := &result{Before: takeSnapshot(""), Started: time.Now()}
	f.rec.start = time.Now()
	var err error
	switch f.cell.Workload {
	case Closed, Push, Mixed:
		err = f.closed()
	case Open:
		err = f.open()
	case Idle:
		err = f.idle()
	default:
		err = fmt.Errorf("unknown workload %q", f.cell.Workload)
	}
	if err == nil && f.cell.Workload == Push {
		err = f.confirm()
	}
	r.Seconds = time.Since(f.rec.start).Seconds()
	r.After = takeSnapshot("")
	r.Errors = f.failed.Load()
	r.Calls = f.rec.count()
	r.Latency, r.Series = f.rec.latency(), f.rec.counts()
	if f.slow != nil {
		slow := f.slow.latency()
		r.Slow = &slow
	}
	if text := f.fault.Load(); text != nil {
		r.Fault = *text
	} else if err != nil {
		r.Fault = err.Error()
	}
	return r, nil
}

func (f *fleet) close() error {
	return inParallel(len(f.conns), func(i int) error {
		if f.conns[i] == nil {
			return nil
		}
		return f.conns[i].Close()
	})
}
