package registry_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/registry"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// rig is a network in memory inside a synctest bubble.
type rig struct {
	*testing.T
	net *tptest.Network
}

func inBubble(t *testing.T, f func(r *rig)) {
	t.Helper()
	tp.SetLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	t.Cleanup(func() { tp.SetLogger(nil) })
	synctest.Test(t, func(t *testing.T) { f(&rig{t, tptest.NewNetwork()}) })
}

// server serves /who, which answers the address, at addr; what it publishes
// goes into reg. close ends it as a program does.
func (r *rig) server(reg registry.Registry, addr string) (peer *tp.Peer, close func()) {
	r.Helper()
	pub := registry.NewPublisher(reg, registry.PublisherOptions{})
	peer = tp.NewPeer(tp.PeerConfig{}, pub)
	peer.PullRouter.RegFunc("/who", func(*struct{}) (string, *tp.Rerror) { return addr, nil })
	peer.PushRouter.RegFunc("/note", func(*string) {})
	inner, err := r.net.Listen(addr)
	if err != nil {
		r.Fatal(err)
	}
	lis, err := pub.Listener(r.Context(), inner)
	if err != nil {
		r.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- peer.ServeListener(lis) }()
	return peer, func() {
		r.Helper()
		if err := peer.Close(); err != nil {
			r.Errorf("close %s: %v", addr, err)
		}
		if err := <-served; !errors.Is(err, tp.ErrListenClosed) {
			r.Errorf("ServeListener of %s returned %v", addr, err)
		}
	}
}

// dialer makes a Dialer of a fresh peer. end closes both.
func (r *rig) dialer(reg registry.Registry, opts registry.DialerOptions) (d *registry.Dialer, end func()) {
	peer := tp.NewPeer(tp.PeerConfig{DialFunc: r.net.DialContext})
	d = registry.NewDialer(reg, peer, opts)
	return d, func() {
		r.Helper()
		if err := d.Close(); err != nil {
			r.Errorf("close the dialer: %v", err)
		}
		if n := peer.CountSession(); n != 0 {
			r.Errorf("the closed dialer left %d sessions", n)
		}
		if err := peer.Close(); err != nil {
			r.Error(err)
		}
	}
}

// who pulls /who once and gives the answer.
func (r *rig) who(d *registry.Dialer) string {
	r.Helper()
	var addr string
	if err := d.Pull(r.Context(), "/who?x=1", nil, &addr); err != nil {
		r.Errorf("pull /who: %v", err)
	}
	return addr
}

func (r *rig) listed(reg registry.Registry, service string) []string {
	r.Helper()
	list, err := registry.Lookup(r.Context(), reg, service)
	if err != nil {
		r.Fatal(err)
	}
	var addrs []string
	for _, e := range list {
		addrs = append(addrs, e.Addr)
	}
	return addrs
}

// failing is a registry that cannot be reached.
type failing struct{ registry.Registry }

var errUnreachable = errors.New("unreachable")

func (failing) Register(context.Context, ...registry.Entry) (func(context.Context) error, error) {
	return nil, errUnreachable
}
