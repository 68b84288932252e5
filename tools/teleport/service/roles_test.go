package service

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/suite"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// certificate makes one for localhost that signs itself.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// network is one way for two peers to be connected.
type network struct {
	name   string
	listen func(t *testing.T) net.Listener
	cfg    func(t *testing.T, ln net.Listener) tp.PeerConfig                           // of who dials
	dial   func(ctx context.Context, cfg tp.PeerConfig, addr string) (net.Conn, error) // as a suite does
}

func networks(t *testing.T) []network {
	cert := certificate(t)
	plain := func(ctx context.Context, cfg tp.PeerConfig, addr string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, cfg.Network, addr)
	}
	listener := func(network string, address func(t *testing.T) string) func(t *testing.T) net.Listener {
		return func(t *testing.T) net.Listener {
			ln, err := net.Listen(network, address(t))
			if err != nil {
				t.Fatal(err)
			}
			return ln
		}
	}
	loopback := listener("tcp", func(*testing.T) string { return "127.0.0.1:0" })
	of := func(cfg tp.PeerConfig) func(*testing.T, net.Listener) tp.PeerConfig {
		return func(*testing.T, net.Listener) tp.PeerConfig { return cfg }
	}
	client := &tls.Config{InsecureSkipVerify: true}
	memory := tptest.NewNetwork()
	return []network{
		{"tcp", loopback, of(tp.PeerConfig{Network: "tcp"}), plain},
		{"unix", listener("unix", func(t *testing.T) string { return filepath.Join(t.TempDir(), "s") }), of(tp.PeerConfig{Network: "unix"}), plain},
		{"tls", func(t *testing.T) net.Listener {
			return tls.NewListener(loopback(t), &tls.Config{Certificates: []tls.Certificate{cert}})
		}, of(tp.PeerConfig{Network: "tcp", TLSConfig: client}), func(ctx context.Context, cfg tp.PeerConfig, addr string) (net.Conn, error) {
			return (&tls.Dialer{Config: client}).DialContext(ctx, "tcp", addr)
		}},
		{"memory", func(t *testing.T) net.Listener {
			ln, err := memory.Listen("")
			if err != nil {
				t.Fatal(err)
			}
			return ln
		}, of(tp.PeerConfig{DialFunc: memory.DialContext}), func(ctx context.Context, cfg tp.PeerConfig, addr string) (net.Conn, error) {
			return memory.DialContext(ctx, "mem", addr)
		}},
	}
}

// options leaves the floods to the plain networks: what they find does not depend on the network.
func (n network) options() []conformance.Option {
	if n.name == "tcp" {
		return nil
	}
	return []conformance.Option{conformance.Without(conformance.FeatureFlood)}
}

// serveOn lets the peer serve the listener until the test ends, and gives what dials it.
func (n network) serveOn(t *testing.T, peer *tp.Peer) func(context.Context) (net.Conn, error) {
	t.Helper()
	ln := n.listen(t)
	ended := make(chan error, 1)
	go func() { ended <- peer.ServeListener(ln) }() // ends with the peer
	t.Cleanup(func() {
		if err := peer.Close(); err != nil {
			t.Errorf("closing the peer: %v", err)
		}
		<-ended
	})
	cfg := n.cfg(t, ln)
	return func(ctx context.Context) (net.Conn, error) { return n.dial(ctx, cfg, ln.Addr().String()) }
}

// dialing runs a testee that dials the listener, and wants it to end by itself when the suite is through.
func (n network) dialing(t *testing.T, ln net.Listener, limits packet.Limits) {
	t.Helper()
	cfg := n.cfg(t, ln)
	cfg.Limits = limits
	ended := make(chan error, 1)
	go func() { ended <- Dial(context.Background(), cfg, ln.Addr().String(), time.Minute) }() // ends with the listener
	t.Cleanup(func() {
		ln.Close() // the suite has done so, unless it failed
		if err := <-ended; err != nil {
			t.Errorf("the dialing testee: %v", err)
		}
	})
}

func TestService_ConformsListening(t *testing.T) {
	for _, n := range networks(t) {
		t.Run(n.name, func(t *testing.T) {
			conformance.TestPeer(t, n.serveOn(t, New(tp.PeerConfig{})), n.options()...)
		})
	}
}

func TestService_ConformsDialing(t *testing.T) {
	for _, n := range networks(t) {
		t.Run(n.name, func(t *testing.T) {
			ln := n.listen(t)
			n.dialing(t, ln, packet.Limits{})
			conformance.TestDialer(t, ln, n.options()...)
		})
	}
}

// A peer with smaller limits says so, and is judged by them.
func TestService_ConformsWithSmallLimits(t *testing.T) {
	limits := packet.Limits{MaxPacket: 40_000, MaxPayload: 40_000, MaxUri: 3000, MaxMeta: 8000, MaxMetaPairs: 400}
	n := networks(t)[0]
	ln := n.listen(t)
	n.dialing(t, ln, limits)
	r := conformance.CheckDialer(t.Context(), ln, conformance.Without(conformance.FeatureFlood))
	ran := 0
	for _, result := range r.Results {
		switch {
		case result.Verdict == conformance.Pass:
			ran++
		case result.Verdict.Bad() && result.Level == conformance.MUST:
			t.Errorf("%s: %s: %s", result.Case, result.Verdict, result.Detail)
		}
	}
	if ran < 90 {
		t.Errorf("%d cases pass, want 90 at least", ran)
	}
}

// A peer without the service is judged by the raw cases, in both roles; it is told nothing.
func TestRawPeer_IsJudgedWithoutTheService(t *testing.T) {
	check := func(t *testing.T, r *conformance.Report) {
		t.Helper()
		passed := 0
		for _, result := range r.Results {
			for _, entry := range result.Trace {
				if strings.Contains(entry.Note, "the case's id") {
					t.Errorf("%s announces itself to a peer without the service", result.Case)
				}
			}
			switch {
			case result.Verdict == conformance.Pass:
				passed++
			case result.Verdict != conformance.Skipped:
				t.Errorf("%s: %s: %s", result.Case, result.Verdict, result.Detail)
			}
		}
		if !r.OK() || passed < 55 {
			t.Errorf("%d raw cases pass, want 55 at least", passed)
		}
	}
	n := networks(t)[0]
	without := conformance.Without(conformance.FeatureService, conformance.FeatureFlood)
	t.Run("listening", func(t *testing.T) {
		check(t, conformance.CheckPeer(t.Context(), n.serveOn(t, tp.NewPeer(tp.PeerConfig{})), without))
	})
	t.Run("dialing", func(t *testing.T) {
		ln := n.listen(t)
		defer ln.Close()
		d := &dialing{changed: make(chan struct{}, 1)}
		d.peer = tp.NewPeer(tp.PeerConfig{}, d)
		ended := make(chan error, 1)
		go func() { ended <- d.run(context.Background(), ln.Addr().String(), time.Minute, nil) }() // ends with the listener
		check(t, conformance.CheckDialer(t.Context(), ln, without))
		if err := <-ended; err != nil {
			t.Error(err)
		}
		d.peer.Close()
	})
}

func TestDial_NobodyListens(t *testing.T) {
	n := networks(t)[0]
	ln := n.listen(t)
	ln.Close()
	err := Dial(t.Context(), tp.PeerConfig{}, ln.Addr().String(), time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), ln.Addr().String()) {
		t.Errorf("got %v, want an error that names the address", err)
	}
}

// The names that the service declares are those of the suite, all of them where nothing is missing.
func TestDeclare_NamesTheFeaturesOfTheSuite(t *testing.T) {
	got := declare(tp.PeerConfig{})
	want := suite.PeerFeatures()
	if len(got.Features) != len(want) || len(got.Limits) != 0 {
		t.Errorf("declared %q and %v, want %q and no limits", got.Features, got.Limits, want)
	}
	for _, name := range got.Features {
		if !slices.Contains(want, conformance.Feature(name)) {
			t.Errorf("%q is no feature of the suite: %q", name, want)
		}
	}
	less := declare(tp.PeerConfig{Filters: xfer.NewRegistry(nil), Limits: packet.Limits{MaxPacket: 5000, MaxMetaPairs: 3}})
	if len(less.Features) != 3 || less.Limits["packet"] != 5000 || less.Limits["pairs"] != 3 || len(less.Limits) != 2 {
		t.Errorf("a peer with less declares %q and %v", less.Features, less.Limits)
	}
}
