package auth

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
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

var (
	aliceKey  = []byte("alice's key of more than sixteen bytes")
	bobKey    = []byte("bob's key of more than sixteen bytes")
	serverKey = []byte("the server's key, of as many bytes")
)

// rig is a server and what dials it, in one bubble of virtual time.
type rig struct {
	t   *testing.T
	net *tptest.Network
	srv *tp.Peer
	log *refusals
	// ends gets both ends of each connection, the dialer's first.
	ends chan [2]*tptest.Conn
}

// refusals notes what OnRefuse was told.
type refusals struct {
	mu     sync.Mutex
	names  []string
	causes []error
}

func (l *refusals) note(_ tp.PreSession, name string, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names, l.causes = append(l.names, name), append(l.causes, cause)
}

func (l *refusals) last() (n int, name string, cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n = len(l.names); n > 0 {
		name, cause = l.names[n-1], l.causes[n-1]
	}
	return n, name, cause
}

// inBubble runs f with a server that authenticates as cfg says; with nil it
// does not.
func inBubble(t *testing.T, cfg *Config, f func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, net: tptest.NewNetwork(), log: new(refusals), ends: make(chan [2]*tptest.Conn, 100)}
		r.net.OnDial(func(c, s *tptest.Conn) { r.ends <- [2]*tptest.Conn{c, s} })
		r.srv = tp.NewPeer(tp.PeerConfig{HandshakeTimeout: -1}, r.plugins(cfg)...)
		r.srv.PullRouter.RegFunc("/whoami", func(ctx tp.PullCtx, _ *[]byte) (string, *tp.Rerror) {
			id, ok := From(ctx)
			if same, _ := From(ctx.Session()); same != id || !ok {
				return "", tp.NewRerror(1001, "nobody", "")
			}
			return id.Name + " by " + id.Method, nil
		})
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

func (r *rig) plugins(cfg *Config) []tp.Plugin {
	if cfg == nil {
		return nil
	}
	with := *cfg
	if with.OnRefuse == nil {
		with.OnRefuse = r.log.note
	}
	return []tp.Plugin{New(with)}
}

// client makes a peer that dials, the caller closes it.
func (r *rig) client(pc tp.PeerConfig, cfg *Config) *tp.Peer {
	if pc.DialFunc == nil {
		pc.DialFunc = r.net.DialContext
	}
	pc.HandshakeTimeout = -1
	return tp.NewPeer(pc, r.plugins(cfg)...)
}

// raw connects a peer by script.
func (r *rig) raw() *tptest.RawPeer {
	r.t.Helper()
	nc, err := r.net.Dial(context.Background(), addr)
	if err != nil {
		r.t.Fatal(err)
	}
	return tptest.NewRawPeer(r.t, nc)
}

// whoami asks the server.
func whoami(sess tp.Session) (name string, rerr *tp.Rerror) {
	rerr = sess.Pull("/whoami", nil, &name).Rerror()
	return name, rerr
}

func wantCode(t *testing.T, what string, rerr *tp.Rerror, code int32) {
	t.Helper()
	if rerr == nil || rerr.Code != code {
		t.Errorf("%s: got %v, want code %d", what, rerr, code)
	}
}

// tape is a connection that keeps what goes through it.
type tape struct {
	net.Conn
	mu       sync.Mutex
	out, all bytes.Buffer
}

func (c *tape) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all.Write(b[:n])
	return n, err
}

func (c *tape) Write(b []byte) (int, error) {
	c.mu.Lock()
	c.all.Write(b)
	c.out.Write(b)
	c.mu.Unlock()
	return c.Conn.Write(b)
}

// pass lets virtual time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
