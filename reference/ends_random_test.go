package tp

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Many schedules of random operations, each from a seed: peers that dial, call,
// call back, push, close, shut down and come again, over connections that are
// cut, reset, stalled, swallowed, slow and narrow. Each call that was started
// ends exactly once, with what its route and its fate allow; queues stay within
// their bounds; nothing is left, neither sessions nor goroutines nor memory. A
// schedule that fails prints the line that runs it again. (The operations are
// the seed's; the order of goroutines within one instant is the scheduler's.)
//
// TELEPORT_SEED=n runs that schedule alone; TELEPORT_LONG=1 runs 6,000 of them.
func TestRandom_EveryCallEnds(t *testing.T) {
	tptest.CheckLeaks(t)
	quiet(t)
	first, last := uint64(1), uint64(800)
	if os.Getenv("TELEPORT_LONG") != "" {
		last = 6000
	}
	if s := os.Getenv("TELEPORT_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("TELEPORT_SEED is %q, want a number", s)
		}
		first, last = n, n
	}
	total := newEndTally()
	var heap uint64
	for seed := first; seed <= last; seed++ {
		runSchedule(t, seed, total)
		if seed == first+50 { // pools and caches are filled
			heap = heapInUse()
		}
		if t.Failed() {
			break
		}
	}
	t.Logf("%d schedules: %s", last-first+1, total)
	if heap == 0 {
		return
	}
	grown := int64(heapInUse()) - int64(heap)
	t.Logf("memory held after %d schedules: %d bytes more than after 50", last-first+1, grown)
	if grown > 4<<20 {
		t.Errorf("%d bytes more are held than after the first schedules", grown)
	}
}

// runSchedule runs one schedule in a bubble of its own.
func runSchedule(t *testing.T, seed uint64, total *endTally) {
	again := fmt.Sprintf("TELEPORT_SEED=%d go test ./reference -run TestRandom_EveryCallEnds", seed)
	slow := time.AfterFunc(time.Minute, func() { // real time: this schedule is at a loop without end
		fmt.Fprintf(os.Stderr, "still running after a minute: %s\n", again)
	})
	defer slow.Stop()
	defer func() {
		if r := recover(); r != nil { // a deadlock in the bubble
			fmt.Fprintf(os.Stderr, "failed: %s\n", again)
			panic(r)
		}
		if t.Failed() {
			t.Logf("failed: %s", again)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, total)
		steps := 20 + w.rng.IntN(60)
		for range steps {
			w.step()
			w.checkBounds()
		}
		w.finish()
	})
}

// world is what a schedule acts on. All but what handlers touch belongs to the
// schedule's own goroutine.
type world struct {
	t     *testing.T
	rng   *rand.Rand
	total *endTally
	net   *tptest.Network
	path  endsPath
	// garbage: connections bring bytes that nobody sent, too.
	garbage bool

	server  *Peer
	served  []<-chan error
	peers   []*Peer // all that ever were
	clients []*Peer
	sess    []Session // of clients, over or not

	mu    sync.Mutex // guards what follows
	conns []*tptest.Conn

	calls calls
}

func newWorld(t *testing.T, seed uint64, total *endTally) *world {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 1)), total: total, net: tptest.NewNetwork()}
	w.path = endsPaths[w.rng.IntN(len(endsPaths))]
	w.garbage = w.rng.IntN(4) == 0
	w.calls.init(total)
	w.calls.corrupt = w.garbage
	w.net.OnDial(func(c, s *tptest.Conn) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.conns = append(w.conns, c, s)
	})
	w.serve()
	for range 1 + w.rng.IntN(2) {
		cfg := w.config()
		cfg.RedialTimes = []int{0, 0, 2, -1}[w.rng.IntN(4)]
		cfg.DialFunc = w.path.dialer(w.net)
		cfg.DefaultDialTimeout = 5 * time.Second
		p := NewPeer(cfg)
		w.routes(p)
		w.clients, w.peers = append(w.clients, p), append(w.peers, p)
	}
	w.dial()
	return w
}

// config picks small bounds and short times, each sometimes.
func (w *world) config() PeerConfig {
	pick := func(d ...time.Duration) time.Duration { return d[w.rng.IntN(len(d))] }
	return PeerConfig{
		MaxHandlers:         []int{0, 2, 8}[w.rng.IntN(3)],
		MaxQueued:           []int{0, 600, 8 << 10}[w.rng.IntN(3)],
		MaxPending:          []int{0, 0, 3}[w.rng.IntN(3)],
		DefaultReadTimeout:  pick(0, 0, 3*time.Second, time.Minute),
		DefaultWriteTimeout: pick(0, time.Second, 5*time.Second),
		FrameTimeout:        pick(0, 2*time.Second),
		CloseTimeout:        pick(0, 3*time.Second),
		RedialInterval:      pick(0, time.Second),
		CountTime:           w.rng.IntN(2) == 0,
		MaxInlineTime:       pick(-1, 0, 0, time.Microsecond, time.Second),
	}
}

// serve starts a server peer, the first or in the place of one that was closed.
func (w *world) serve() {
	w.server = NewPeer(w.config())
	w.peers = append(w.peers, w.server)
	w.routes(w.server)
	synctest.Wait() // a server that was closed before it served has let the address go
	lis, err := w.net.Listen(rigAddr)
	if err != nil {
		w.t.Fatal(err)
	}
	served, p := make(chan error, 1), w.server
	go func() { served <- p.ServeListener(w.path.listener(lis), w.path.proto) }()
	w.served = append(w.served, served)
}

func (w *world) dial() {
	p := w.clients[w.rng.IntN(len(w.clients))]
	s, rerr := p.Dial(rigAddr, w.path.proto)
	if rerr != nil {
		w.total.note("dial failed", 1)
		return
	}
	w.total.note("dialed", 1)
	w.sess = append(w.sess, s)
}

// finish closes everything, in any order, and looks that nothing is left.
func (w *world) finish() {
	t := w.t
	w.rng.Shuffle(len(w.peers), func(i, j int) { w.peers[i], w.peers[j] = w.peers[j], w.peers[i] })
	var closing sync.WaitGroup
	for _, p := range w.peers {
		closing.Go(func() {
			if err := p.Close(); err != nil {
				t.Errorf("closing a peer: %v", err)
			}
		})
		if w.rng.IntN(2) == 0 {
			synctest.Wait()
		}
	}
	ended := make(chan struct{})
	go func() { closing.Wait(); w.calls.wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(24 * time.Hour):
		t.Errorf("after a day: %s", w.calls.missing())
		return
	}
	for _, served := range w.served {
		if err := <-served; !errors.Is(err, ErrListenClosed) {
			t.Errorf("ServeListener returned %v", err)
		}
	}
	synctest.Wait()
	w.calls.check(t)
	for _, p := range w.peers {
		if n, m := len(p.allSessions()), p.CountSession(); n+m != 0 {
			t.Errorf("%d sessions are left, %d in the hub", n, m)
		}
	}
	for _, s := range w.sess {
		if rerr := s.Push("/late", nil); endCode(rerr) != 102 {
			t.Errorf("a PUSH on a session that is over ended with %v", rerr)
		}
	}
}

// checkBounds looks at what each session holds to be written.
func (w *world) checkBounds() {
	for _, p := range w.peers {
		for _, s := range p.allSessions() {
			s.mu.Lock()
			links := s.links
			s.mu.Unlock()
			for _, l := range links {
				if _, held := l.conn.Unflushed(); held > 2*p.cfg.MaxQueued+2*maxRandomFrame {
					w.t.Errorf("%d bytes wait to be written, MaxQueued is %d", held, p.cfg.MaxQueued)
				}
				if n := l.pending.len(); n > p.cfg.MaxPending {
					w.t.Errorf("%d calls are pending, MaxPending is %d", n, p.cfg.MaxPending)
				}
			}
		}
	}
}

// maxRandomFrame is more than the largest frame of a schedule has, bytes.
const maxRandomFrame = 6 << 10

func (w *world) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), time.Duration(w.rng.IntN(8000))*time.Millisecond)
}
