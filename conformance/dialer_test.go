package conformance

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// keepDialing serves a peer over times connections to the listener, four at once, until nobody listens; it
// returns when they have ended.
func keepDialing(network *tptest.Network, addr string, times int, serve func(net.Conn)) {
	turns := make(chan struct{}, 4)
	for range times {
		turns <- struct{}{}
		conn, err := network.Dial(context.Background(), addr)
		if err != nil {
			<-turns
			break
		}
		go func() { // ends with the connection, which the suite closes
			defer func() { <-turns }()
			serve(conn)
		}()
	}
	for range cap(turns) {
		turns <- struct{}{}
	}
}

// silent reads what comes and never answers.
func silent(conn net.Conn) {
	defer conn.Close()
	buf := make([]byte, 4096)
	for {
		if _, err := conn.Read(buf); err != nil {
			return
		}
	}
}

// check runs CheckDialer against what dials, in virtual time.
func check(t *testing.T, dial func(network *tptest.Network, addr string), judge func(r *Report, took time.Duration), opts ...Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := tptest.NewNetwork()
		ln, err := network.Listen("")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			dial(network, ln.Addr().String())
		}()
		start := time.Now()
		r := CheckDialer(t.Context(), ln, opts...)
		judge(r, time.Since(start))
		if _, err := ln.Accept(); err == nil {
			t.Error("the listener is still open")
		}
		<-done
	})
}

func TestCheckDialer_NobodyComes(t *testing.T) {
	check(t, func(*tptest.Network, string) {}, func(r *Report, took time.Duration) {
		if len(r.Results) != 1 || r.Results[0].Case != "harness/connect" || r.Results[0].Verdict != HarnessError || r.OK() || took != 7*time.Second {
			t.Errorf("after %v: %+v", took, r.Results)
		}
	}, WithConnectTimeout(time.Second), WithFirstConnectTimeout(7*time.Second))
}

func TestCheckDialer_StopsDialing(t *testing.T) {
	const enough = 40
	check(t, func(n *tptest.Network, addr string) {
		peer := tp.NewPeer(tp.PeerConfig{})
		defer peer.Close()
		keepDialing(n, addr, enough, func(conn net.Conn) {
			ended := make(chan struct{})
			if _, err := peer.ServeConn(&watched{conn, ended}); err == nil {
				<-ended
			}
		})
	}, func(r *Report, took time.Duration) {
		tried, untried := 0, 0
		for _, result := range r.Results {
			if result.Verdict != HarnessError {
				continue
			}
			tried++
			if strings.Contains(result.Detail, "not tried") {
				untried++
			}
		}
		if untried < 20 || tried-untried > mostTried || took > time.Minute || r.HarnessFaults() != tried || r.OK() {
			t.Errorf("after %v: %d cases without a connection, %d of them not tried", took, tried, untried)
		}
	}, WithConnectTimeout(time.Second), Without(FeatureService, FeatureFlood))
}

// mostTried bounds how many cases wait for a connection to a peer that is gone.
const mostTried = 3

// watched tells when the connection has been closed.
type watched struct {
	net.Conn
	ended chan struct{}
}

func (w *watched) Close() error {
	defer func() {
		select {
		case <-w.ended:
		default:
			close(w.ended)
		}
	}()
	return w.Conn.Close()
}

func TestCheckDialer_SilenceIsAFailure(t *testing.T) {
	check(t, func(n *tptest.Network, addr string) { keepDialing(n, addr, 1000, silent) }, func(r *Report, took time.Duration) {
		if len(r.Results) != 1 || r.Results[0].Verdict != Fail || !strings.Contains(r.Results[0].Detail, "nothing for 3s, the time limit for silence") {
			t.Errorf("after %v: %+v", took, r.Results)
		}
		if n := len(r.Results[0].Trace); n < 3 || !strings.Contains(r.Results[0].Trace[0].Note, "connection 1, the case's id") {
			t.Errorf("the trace has %d entries: %+v", n, r.Results[0].Trace)
		}
	}, Only("peer/pull-echo"), WithSilenceTimeout(3*time.Second))
}

// A peer that has nothing behind its routes is red, and quickly: every case has a connection.
func TestCheckDialer_BrokenPeerFails(t *testing.T) {
	check(t, func(n *tptest.Network, addr string) {
		peer := tp.NewPeer(tp.PeerConfig{})
		defer peer.Close()
		peer.PullRouter.RegFunc("/conformance/echo", func(*[]byte) (packet.RawBody, *tp.Rerror) { return packet.RawBody("parrot"), nil })
		keepDialing(n, addr, 10000, func(conn net.Conn) {
			ended := make(chan struct{})
			if _, err := peer.ServeConn(&watched{conn, ended}); err == nil {
				<-ended
			}
		})
	}, func(r *Report, took time.Duration) {
		passed, failed := 0, 0
		for _, result := range r.Results {
			switch result.Verdict {
			case Pass:
				passed++
			case Fail:
				failed++
			default:
				t.Errorf("%s: %s: %s", result.Case, result.Verdict, result.Detail)
			}
		}
		if failed < 15 || passed > 2 || r.OK() {
			t.Errorf("%d cases pass and %d fail", passed, failed)
		}
	}, Only("peer/pull-echo*"), Only("peer/order-*"), Only("peer/load-*"), Only("peer/meta-not-copied"))
}

// A connection that its peer has ended while it waited is not given to a case.
func TestAcceptor_SkipsWhatHasEnded(t *testing.T) {
	network := tptest.NewNetwork()
	ln, err := network.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	a := accept(ln, 0)
	defer a.close()
	for i := range 3 {
		conn, err := network.Dial(t.Context(), ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			conn.Close()
			continue
		}
		defer conn.Close()
		if _, err := conn.Write([]byte("xyz")); err != nil {
			t.Fatal(err)
		}
	}
	got, err := a.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	b := make([]byte, 1)
	for _, want := range "xyz" { // nor is a byte lost that has been looked at
		if _, err := got.Read(b); err != nil || rune(b[0]) != want {
			t.Errorf("read %q, %v; want %q", b, err, want)
		}
	}
	if err := got.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Errorf("ending the sending half: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if conn, err := a.take(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("with nobody waiting: %v, %v", conn, err)
	}
}
