package tp

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Real TCP on the loopback interface, through a proxy that cuts, resets, stalls,
// delays, swallows and writes in small pieces: clients that redial call, call
// back and push without a pause. Whatever the wire does each call ends, once;
// with the faults over everything works again, and at the end nothing is left.
//
// About two seconds; TELEPORT_LONG=1: thirty.
func TestSoak_FaultyTCP(t *testing.T) {
	tptest.CheckLeaks(t)
	quiet(t)
	length := 2 * time.Second
	if os.Getenv("TELEPORT_LONG") != "" {
		length = 30 * time.Second
	}
	total := newEndTally()
	w := newSoak(t, total)
	defer w.close()
	heap, goroutines := heapInUse(), runtime.NumGoroutine()

	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	var wg sync.WaitGroup
	for i, sess := range w.sessions {
		for j := range 4 {
			wg.Go(func() { w.load(ctx, sess, uint64(10*i+j)) })
		}
	}
	wg.Go(func() { w.disturb(ctx) })
	wg.Wait()

	w.proxy.SetFaults(tptest.ProxyFaults{})
	w.proxy.Release()
	w.proxy.Reset() // holes do not heal
	faults := w.proxy.Stats()
	ended := make(chan struct{})
	go func() { w.calls.wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal(w.calls.missing())
	}
	for i, sess := range w.sessions { // with the faults over everything works
		w.works(sess, i)
	}
	redials := uint64(0)
	for _, p := range w.clients {
		redials += p.Stats().Redials
	}
	w.close()
	w.calls.check(t)
	w.calls.forget()
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Logf("%d goroutines before, %d just after", goroutines, n) // CheckLeaks is patient
	}
	grown := int64(heapInUse()) - int64(heap)
	t.Logf("%v, %d sessions, %d redials: %s\nthe proxy: %s\n%d faults; memory held: %d bytes more than before", length, len(w.sessions), redials,
		total, faults, faults.Faults(), grown)
	if faults.Faults() < 20 || redials == 0 || total.sum("pull ended well") == 0 {
		t.Error("the soak was none: too few faults, redials or successes")
	}
	if grown > 4<<20 {
		t.Errorf("%d bytes more are held than before", grown)
	}
}

// soak is a server, a proxy before it, and clients that dial the proxy.
type soak struct {
	t        *testing.T
	server   *Peer
	served   chan error
	proxy    *tptest.Proxy
	clients  []*Peer
	sessions []Session
	calls    calls
	once     sync.Once
}

func newSoak(t *testing.T, total *endTally) *soak {
	s := &soak{t: t, served: make(chan error, 1)}
	s.calls.init(total)
	s.calls.delivered = make(chan *PullCmd, 1<<20)
	cfg := PeerConfig{
		DefaultReadTimeout: 400 * time.Millisecond, DefaultWriteTimeout: 300 * time.Millisecond, FrameTimeout: 300 * time.Millisecond,
		CloseTimeout: time.Second, MaxQueued: 64 << 10, MaxHandlers: 50,
	}
	s.server = NewPeer(cfg)
	s.routes(s.server)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { s.served <- s.server.ServeListener(lis) }()
	if s.proxy, err = tptest.ListenProxy(lis.Addr().String(), tptest.ProxyFaults{}); err != nil {
		t.Fatal(err)
	}
	cfg.RedialTimes, cfg.RedialInterval, cfg.RedialMaxInterval = -1, 5*time.Millisecond, 50*time.Millisecond
	cfg.DefaultDialTimeout = time.Second
	for range 4 {
		p := NewPeer(cfg)
		s.routes(p)
		s.clients = append(s.clients, p)
		for range 2 {
			sess, rerr := p.Dial(s.proxy.Addr())
			if rerr != nil {
				t.Fatal(rerr)
			}
			s.sessions = append(s.sessions, sess)
		}
	}
	s.proxy.SetFaults(tptest.ProxyFaults{
		Seed: 1, CutEvery: 300 << 10, ResetEvery: 300 << 10, HoleEvery: 600 << 10,
		StallEvery: 100 << 10, Stall: 20 * time.Millisecond, DelayEvery: 60 << 10, Delay: 2 * time.Millisecond, MaxWrite: 700,
	})
	return s
}

func (s *soak) routes(p *Peer) {
	p.PullRouter.RegFunc("/echo", func(b *string) (string, *Rerror) { return *b, nil })
	p.PullRouter.RegFunc("/panic", func(*string) (string, *Rerror) { panic("asked to") })
	p.PullRouter.RegFunc("/back", func(ctx PullCtx, b *string) (string, *Rerror) {
		var got string
		c := s.calls.begin("/echo", *b)
		rerr := ctx.Session().PullContext(ctx.Context(), "/echo", *b, &got).Rerror()
		c.end(rerr, got)
		return got, rerr
	})
	p.PushRouter.RegFunc("/note", func(*packet.RawBody) {})
}

// load calls without a pause until ctx ends.
func (s *soak) load(ctx context.Context, sess Session, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	for n := 0; ctx.Err() == nil; n++ {
		arg := fmt.Sprint(seed, " ", n)
		if rng.IntN(5) == 0 {
			arg = strings.Repeat(arg, rng.IntN(1000))
		}
		uri := []string{"/echo", "/echo", "/echo", "/back", "/panic"}[rng.IntN(5)]
		switch rng.IntN(4) {
		case 0:
			s.calls.pull(context.Background(), sess, uri, arg)
		case 1:
			c, cancel := context.WithTimeout(ctx, time.Duration(rng.IntN(30))*time.Millisecond)
			s.calls.pull(c, sess, uri, arg)
			cancel()
		case 2:
			s.calls.async(context.Background(), sess, uri, arg)
		default:
			s.calls.push(context.Background(), sess, "/note", arg)
		}
	}
}

// disturb does to all connections at once what their own faults do to each.
func (s *soak) disturb(ctx context.Context) {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch n % 4 {
		case 0:
			s.proxy.Cut()
		case 1:
			s.proxy.Hold()
		case 2:
			s.proxy.Release()
		default:
			s.proxy.Reset()
		}
	}
}

// works calls until it goes well: the session may just be redialing.
func (s *soak) works(sess Session, i int) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		var got string
		rerr := sess.PullContext(ctx, "/back", "works", &got).Rerror()
		if rerr == nil && got == "works" {
			return
		}
		if ctx.Err() != nil {
			s.t.Errorf("session %d does not work though the faults are over: %v", i, rerr)
			return
		}
	}
}

func (s *soak) close() {
	s.once.Do(func() {
		for _, p := range append(s.clients, s.server) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			if err := p.Shutdown(ctx); err != nil {
				s.t.Error(err)
			}
			cancel()
			if n := len(p.allSessions()); n != 0 {
				s.t.Errorf("%d sessions are left", n)
			}
		}
		if err := s.proxy.Close(); err != nil {
			s.t.Error(err)
		}
		<-s.served
	})
}
