package tp

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

const rigAddr = "server:9090"

// rig is a server and what dials it, on a network in memory. Everything is
// made inside one synctest bubble and closed at its end.
type rig struct {
	t   *testing.T
	net *tptest.Network
	srv *Peer
	// ends gets both ends of each connection, in the order of the dials.
	ends chan [2]*tptest.Conn
	hang chan struct{} // what /hang waits for
	once sync.Once
	mode engineMode
}

// engineMode is a way in which the peers of a test run their handlers.
type engineMode struct {
	name   string
	inline time.Duration // PeerConfig.MaxInlineTime where a test sets none
}

// engineModes are both ways: each handler on a goroutine of its own, where all is
// noticed at once; and the default, where what comes while a handler, or nobody,
// has the token is noticed within the bound.
var engineModes = []engineMode{{"goroutines", -1}, {"inline", 0}}

// on gives the configuration of a peer in this mode.
func (m engineMode) on(cfg PeerConfig) PeerConfig {
	if cfg.MaxInlineTime == 0 {
		cfg.MaxInlineTime = m.inline
	}
	return cfg
}

// late is how much later than at once something may be noticed.
func (m engineMode) late() time.Duration {
	switch {
	case m.inline < 0:
		return 0
	case m.inline == 0:
		return defaultMaxInlineTime
	}
	return m.inline
}

// settle waits until everything has been noticed.
func (m engineMode) settle() {
	synctest.Wait()
	if d := m.late(); d > 0 {
		time.Sleep(d)
		synctest.Wait()
	}
}

// inModes is inBubble in both modes.
func inModes(t *testing.T, cfg PeerConfig, f func(t *testing.T, r *rig), plugins ...Plugin) {
	t.Helper()
	for _, m := range engineModes {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				inBubbleOf(t, m, cfg, func(r *rig) { f(t, r) }, plugins...)
			})
		})
	}
}

func (r *rig) openHang() { r.once.Do(func() { close(r.hang) }) }

// exitGoroutine ends the goroutine, as t.FailNow inside a handler does.
func exitGoroutine() { runtime.Goexit() }

// inBubble runs f on virtual time with a server of that configuration.
func inBubble(t *testing.T, cfg PeerConfig, f func(r *rig), plugins ...Plugin) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { inBubbleHere(t, cfg, f, plugins...) })
}

// inBubbleHere is inBubble for a test that is in a bubble already.
func inBubbleHere(t *testing.T, cfg PeerConfig, f func(r *rig), plugins ...Plugin) {
	t.Helper()
	inBubbleOf(t, engineMode{}, cfg, f, plugins...)
}

func inBubbleOf(t *testing.T, m engineMode, cfg PeerConfig, f func(r *rig), plugins ...Plugin) {
	t.Helper()
	r := &rig{t: t, net: tptest.NewNetwork(), ends: make(chan [2]*tptest.Conn, 100), mode: m}
	r.net.OnDial(func(c, s *tptest.Conn) { r.ends <- [2]*tptest.Conn{c, s} })
	r.srv = NewPeer(m.on(cfg), plugins...)
	r.routes()
	lis := r.listen()
	served := make(chan error, 1)
	go func() { served <- r.srv.ServeListener(lis) }()
	defer func() { // a test that gives up must not leave goroutines either
		if err := r.srv.Close(); err != nil {
			t.Errorf("close the server: %v", err)
		}
		if err := <-served; !errors.Is(err, ErrListenClosed) {
			t.Errorf("ServeListener returned %v", err)
		}
	}()
	f(r)
}

func (r *rig) listen() *tptest.Listener {
	lis, err := r.net.Listen(rigAddr)
	if err != nil {
		r.t.Fatal(err)
	}
	return lis
}

// routes are what most tests call.
func (r *rig) routes() {
	pull := r.srv.PullRouter
	pull.RegFunc("/echo", func(args *packet.RawBody) (packet.RawBody, *Rerror) { return *args, nil })
	pull.RegFunc("/add", func(args *[2]int) (int, *Rerror) { return args[0] + args[1], nil })
	pull.RegFunc("/panic", func(args *packet.RawBody) (any, *Rerror) { panic("asked to") })
	pull.RegFunc("/unencodable", func(args *packet.RawBody) (any, *Rerror) { return make(chan int), nil })
	pull.RegFunc("/fail", func(args *packet.RawBody) (any, *Rerror) { return nil, NewRerror(1001, "no", "because") })
	pull.RegFunc("/null", func(args *packet.RawBody) (any, *Rerror) { return nil, nil })
}

// client makes a peer that dials on the rig's network. It is closed with the test.
func (r *rig) client(cfg PeerConfig, plugins ...Plugin) *Peer {
	cfg.DialFunc = r.net.DialContext
	return NewPeer(r.mode.on(cfg), plugins...)
}

// dial makes a session of a fresh client; closing the client ends it.
func (r *rig) dial(cfg PeerConfig, plugins ...Plugin) (*Peer, Session) {
	r.t.Helper()
	p := r.client(cfg, plugins...)
	sess, rerr := p.Dial(rigAddr)
	if rerr != nil {
		r.t.Fatal(rerr)
	}
	return p, sess
}

// raw connects a peer by script.
func (r *rig) raw() *tptest.RawPeer {
	r.t.Helper()
	nc, err := r.net.Dial(context.Background(), rigAddr)
	if err != nil {
		r.t.Fatal(err)
	}
	return tptest.NewRawPeer(r.t, nc)
}

func wantCode(t *testing.T, what string, rerr *Rerror, code int32) {
	t.Helper()
	if rerr == nil || rerr.Code != code {
		t.Errorf("%s: got %v, want code %d", what, rerr, code)
	}
}

// gate blocks who comes until it is opened.
type gate struct {
	came chan struct{}
	open chan struct{}
}

func newGate() *gate { return &gate{make(chan struct{}, 10000), make(chan struct{})} }

func (g *gate) pass() {
	g.came <- struct{}{}
	<-g.open
}
