package proxy_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

const (
	frontAddr = "front:1"
	upAddr    = "up:1"
)

// rig is a network in memory, on virtual time, with a proxy on it.
type rig struct {
	t     *testing.T
	net   *tptest.Network
	front *tp.Peer
	px    *proxy.Proxy
	// ups gets both ends of each connection that the proxy makes to an upstream.
	ups chan [2]*tptest.Conn
}

// inBubble runs f with a proxy of that configuration, which routes to upAddr
// unless it says something else.
func inBubble(t *testing.T, cfg proxy.Config, f func(t *testing.T, r *rig)) {
	t.Helper()
	inBubbleFront(t, tp.PeerConfig{}, cfg, f)
}

func inBubbleFront(t *testing.T, front tp.PeerConfig, cfg proxy.Config, f func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, net: tptest.NewNetwork(), ups: make(chan [2]*tptest.Conn, 1000)}
		r.net.OnDial(func(c, s *tptest.Conn) {
			if s.LocalAddr().String() == upAddr {
				r.ups <- [2]*tptest.Conn{c, s}
			}
		})
		r.front, r.px = r.proxyAt(frontAddr, front, cfg)
		f(t, r)
	})
}

// proxyAt makes a proxy that listens at addr until the test ends.
func (r *rig) proxyAt(addr string, fc tp.PeerConfig, cfg proxy.Config) (*tp.Peer, *proxy.Proxy) {
	r.t.Helper()
	if cfg.Route == nil {
		cfg.Route = proxy.To(proxy.Target{Addr: upAddr})
	}
	cfg.Upstream.DialFunc = r.net.DialContext
	front := tp.NewPeer(fc)
	px, err := proxy.New(front, cfg)
	if err != nil {
		r.t.Fatal(err)
	}
	r.serve(addr, front, px.Close)
	return front, px
}

// serve has the peer listen at addr; the test's end closes it.
func (r *rig) serve(addr string, peer *tp.Peer, closePeer func() error) {
	r.t.Helper()
	lis := r.listen(addr)
	served := make(chan error, 1)
	go func() { served <- peer.ServeListener(lis) }()
	r.t.Cleanup(func() {
		if err := closePeer(); err != nil {
			r.t.Errorf("close %s: %v", addr, err)
		}
		if err := <-served; !errors.Is(err, tp.ErrListenClosed) {
			r.t.Errorf("%s: ServeListener returned %v", addr, err)
		}
	})
}

func (r *rig) listen(addr string) *tptest.Listener {
	r.t.Helper()
	lis, err := r.net.Listen(addr)
	if err != nil {
		r.t.Fatal(err)
	}
	return lis
}

// upstream makes an upstream peer at addr with the routes that most tests call.
func (r *rig) upstream(addr string) *tp.Peer {
	r.t.Helper()
	peer := tp.NewPeer(tp.PeerConfig{})
	peer.PullRouter.RegFunc("/echo", func(body *packet.RawBody) (packet.RawBody, *tp.Rerror) { return *body, nil })
	r.serve(addr, peer, peer.Close)
	return peer
}

// dial makes a client of the proxy, with handlers of its own if it wants.
func (r *rig) dial(setup ...func(*tp.Peer)) tp.Session {
	r.t.Helper()
	return r.dialAt(frontAddr, setup...)
}

func (r *rig) dialAt(addr string, setup ...func(*tp.Peer)) tp.Session {
	r.t.Helper()
	peer := tp.NewPeer(tp.PeerConfig{DialFunc: r.net.DialContext})
	for _, f := range setup {
		f(peer)
	}
	sess, rerr := peer.Dial(addr)
	if rerr != nil {
		r.t.Fatal(rerr)
	}
	r.t.Cleanup(func() {
		if err := peer.Close(); err != nil {
			r.t.Errorf("close a client: %v", err)
		}
	})
	return sess
}

// raw makes a client by script.
func (r *rig) raw() *tptest.RawPeer {
	r.t.Helper()
	nc, err := r.net.Dial(context.Background(), frontAddr)
	if err != nil {
		r.t.Fatal(err)
	}
	return tptest.NewRawPeer(r.t, nc)
}

// rawUpstream makes an upstream by script: accept gives the next connection.
func (r *rig) rawUpstream() (accept func() *tptest.RawPeer) {
	r.t.Helper()
	lis := r.listen(upAddr)
	r.t.Cleanup(func() { lis.Close() })
	return func() *tptest.RawPeer {
		r.t.Helper()
		nc, err := lis.Accept()
		if err != nil {
			r.t.Fatal(err)
		}
		return tptest.NewRawPeer(r.t, nc)
	}
}

// echo expects the session to be served.
func (r *rig) echo(sess tp.Session, body string) {
	r.t.Helper()
	var got packet.RawBody
	rerr := sess.Pull("/echo", packet.RawBody(body), &got, packet.WithBodyCodec('s')).Rerror()
	if rerr != nil || string(got) != body {
		r.t.Errorf("echo of %q: got %q, %v", body, got, rerr)
	}
}

func wantCode(t *testing.T, what string, rerr *tp.Rerror, code int32) {
	t.Helper()
	if rerr == nil || rerr.Code != code {
		t.Errorf("%s: got %v, want code %d", what, rerr, code)
	}
}

// gate blocks who comes until it is opened.
type gate struct{ came, open chan struct{} }

func newGate() *gate { return &gate{make(chan struct{}, 10000), make(chan struct{})} }

func (g *gate) pass() {
	g.came <- struct{}{}
	<-g.open
}
