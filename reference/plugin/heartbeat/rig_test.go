package heartbeat

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestMain(m *testing.M) {
	tp.SetLogger(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

const addr = "server:1"

// rig is a server and what dials it, in one bubble of virtual time.
type rig struct {
	t   *testing.T
	net *tptest.Network
	srv *tp.Peer
	// ends gets both ends of each connection, the dialer's first.
	ends chan [2]*tptest.Conn
}

func inBubble(t *testing.T, f func(r *rig), plugins ...tp.Plugin) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, net: tptest.NewNetwork(), ends: make(chan [2]*tptest.Conn, 1000)}
		r.net.OnDial(func(c, s *tptest.Conn) { r.ends <- [2]*tptest.Conn{c, s} })
		r.srv = tp.NewPeer(tp.PeerConfig{CloseTimeout: time.Second}, plugins...)
		lis, err := r.net.Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- r.srv.ServeListener(lis) }()
		defer func() {
			r.srv.Close()
			if err := <-served; !errors.Is(err, tp.ErrListenClosed) {
				t.Errorf("ServeListener returned %v", err)
			}
		}()
		f(r)
	})
}

// peer makes a peer that dials; it is closed with the test's bubble.
func (r *rig) peer(cfg tp.PeerConfig, plugins ...tp.Plugin) *tp.Peer {
	cfg.DialFunc = r.net.DialContext
	cfg.CloseTimeout = time.Second
	return tp.NewPeer(cfg, plugins...)
}

// dial connects, and gives the session and its connection, the dialer's end first.
func (r *rig) dial(p *tp.Peer) (tp.Session, [2]*tptest.Conn) {
	r.t.Helper()
	sess, rerr := p.Dial(addr)
	if rerr != nil {
		r.t.Fatal(rerr)
	}
	synctest.Wait()
	return sess, <-r.ends
}

// raw connects a peer by script, which says nothing by itself.
func (r *rig) raw() *tptest.RawPeer {
	r.t.Helper()
	nc, err := r.net.Dial(context.Background(), addr)
	if err != nil {
		r.t.Fatal(err)
	}
	synctest.Wait()
	return tptest.NewRawPeer(r.t, nc)
}

// pass lets virtual time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
