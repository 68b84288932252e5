package proxy_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
	"github.com/henrylee2cn/teleport/tools/teleport/service"
)

// listenTCP serves the peer on loopback until the test ends, and gives the address.
func listenTCP(t *testing.T, peer *tp.Peer, closePeer func() error) string {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- peer.ServeListener(lis) }()
	t.Cleanup(func() {
		if err := closePeer(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-served; !errors.Is(err, tp.ErrListenClosed) {
			t.Errorf("ServeListener returned %v", err)
		}
	})
	return lis.Addr().String()
}

func dialer(addr string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", addr)
	}
}

// gateway puts a proxy in front of an address and gives its own.
func gateway(t *testing.T, target proxy.Target) string {
	t.Helper()
	front := tp.NewPeer(tp.PeerConfig{})
	px, err := proxy.New(front, proxy.Config{Route: proxy.To(target)})
	if err != nil {
		t.Fatal(err)
	}
	return listenTCP(t, front, px.Close)
}

// oneHop is what no proxy can pass: a packet at a limit exactly has no room for the deadline that the proxy adds
// where the caller set none. The proxy says so, and the session goes on.
const oneHop = `
peer/limit-meta-exact     the error 502 * the metadata has
peer/limit-packet-exact   the error 502 * exceeds the packet size limit
peer/limit-pairs-exact    the error 502 * the metadata has 1025 pairs
peer/limit-payload-exact  the error 502 * Connection Closed (102)
peer/limit-reply-over     the error code 500, got 502 * exceeds the packet size limit
`

func atLimits(t *testing.T) conformance.Option {
	t.Helper()
	known, err := conformance.ParseKnown(strings.NewReader(oneHop))
	if err != nil {
		t.Fatal(err)
	}
	return conformance.WithKnownFailing(known)
}

// The whole peer battery passes through a proxy that gives each session an
// upstream session of its own: nothing tells it from the peer behind it.
func TestProxy_ConformsPerSession(t *testing.T) {
	srv := service.New(tp.PeerConfig{})
	addr := listenTCP(t, srv, srv.Close)
	conformance.TestPeer(t, dialer(gateway(t, proxy.Target{Addr: addr, PerSession: true})), atLimits(t))
}

// So it does through two of them.
func TestProxy_ConformsThroughTwo(t *testing.T) {
	srv := service.New(tp.PeerConfig{})
	addr := listenTCP(t, srv, srv.Close)
	addr = gateway(t, proxy.Target{Addr: addr, PerSession: true})
	conformance.TestPeer(t, dialer(gateway(t, proxy.Target{Addr: addr, PerSession: true})), conformance.Without(conformance.FeatureFlood), atLimits(t))
}

// Over a shared session everything holds but what an upstream does by session:
// the service counts notes by session and calls its session back.
func TestProxy_ConformsShared(t *testing.T) {
	srv := service.New(tp.PeerConfig{})
	addr := listenTCP(t, srv, srv.Close)
	dial := dialer(gateway(t, proxy.Target{Addr: addr}))
	var opts []conformance.Option
	for _, topic := range []string{"pull-*", "meta-*", "error-*", "order-*", "pipe-*", "stream-*", "fault-*", "bound-*",
		"reply-*", "push-release", "deadline-none", "deadline-left", "deadline-first", "deadline-malformed",
		"deadline-passed", "deadline-passed-typed", "deadline-ends-hold"} {
		opts = append(opts, conformance.Only("peer/"+topic))
	}
	conformance.TestPeer(t, dial, opts...)
}
