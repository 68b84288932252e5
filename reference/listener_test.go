package tp

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// lateListener holds its first connection back until it may be accepted.
type lateListener struct {
	net.Listener
	accepting, accepted chan struct{}
	late                bool
}

func (l *lateListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err == nil && !l.late {
		l.late = true
		close(l.accepting)
		<-l.accepted
	}
	return nc, err
}

// serveOn starts a server and gives its address.
func serveOn(t *testing.T, network, addr string, cfg PeerConfig) (*Peer, net.Addr) {
	t.Helper()
	lis, err := NewListener(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	p := NewPeer(cfg)
	p.PullRouter.RegFunc("/size", func(b *packet.RawBody) (int, *Rerror) { return len(*b), nil })
	p.PullRouter.RegFunc("/make", func(n *int) (packet.RawBody, *Rerror) { return make(packet.RawBody, *n), nil })
	served := make(chan error, 1)
	go func() { served <- p.ServeListener(lis) }()
	for len(p.Addrs()) == 0 {
		runtime.Gosched() // it is about to
	}
	t.Cleanup(func() {
		p.Close()
		if err := <-served; !errors.Is(err, ErrListenClosed) {
			t.Errorf("ServeListener: %v", err)
		}
	})
	return p, lis.Addr()
}

// Every network works, for two sessions at once, whose ids are apart on both
// sides (bug 17).
func TestNetworks(t *testing.T) {
	for _, network := range networks {
		t.Run(network, func(t *testing.T) {
			tptest.CheckLeaks(t)
			addr := "127.0.0.1:0"
			switch {
			case network == "tcp6":
				addr = "[::1]:0"
				if lis, err := net.Listen(network, addr); err != nil {
					t.Skip("no IPv6 here:", err)
				} else {
					lis.Close()
				}
			case network == "unixpacket" && runtime.GOOS != "linux":
				t.Skip("no unixpacket here")
			case strings.HasPrefix(network, "unix"):
				addr = filepath.Join(t.TempDir(), "s")
			}
			srv, at := serveOn(t, network, addr, PeerConfig{})
			cli := NewPeer(PeerConfig{Network: network})
			defer cli.Close()
			ids := make(map[string]bool)
			for range 3 {
				sess, rerr := cli.Dial(at.String())
				if rerr != nil {
					t.Fatal(rerr)
				}
				ids[sess.Id()] = true
				for _, n := range []int{0, 1, 5000, 150 << 10} {
					var size int
					if rerr := sess.Pull("/size", packet.RawBody(make([]byte, n)), &size).Rerror(); rerr != nil || size != n {
						t.Errorf("%d bytes: %d, %v", n, size, rerr)
					}
				}
			}
			srv.RangeSession(func(s Session) bool { ids["server "+s.Id()] = true; return true })
			if len(ids) != 6 || ids[""] || ids["server @"] {
				t.Errorf("ids: %v", ids)
			}
			if got := srv.Addrs(); len(got) != 1 || got[0].String() != at.String() {
				t.Errorf("Addrs: %v", got)
			}
		})
	}
}

// Bug 18: over unixpacket a packet that no message holds fails its call, and
// only that.
func TestUnixpacket_OverlongPackets(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no unixpacket here")
	}
	_, at := serveOn(t, "unixpacket", filepath.Join(t.TempDir(), "s"), PeerConfig{})
	cli := NewPeer(PeerConfig{Network: "unixpacket"})
	defer cli.Close()
	sess, rerr := cli.Dial(at.String())
	if rerr != nil {
		t.Fatal(rerr)
	}
	if rerr := sess.Pull("/size", packet.RawBody(make([]byte, 3<<20)), nil).Rerror(); rerr == nil || !strings.Contains(rerr.Detail, "message") {
		t.Errorf("an over-long PULL: %v", rerr)
	}
	wantCode(t, "an over-long REPLY", sess.Pull("/make", 3<<20, nil).Rerror(), 500)
	var size int
	if rerr := sess.Pull("/size", packet.RawBody("abc"), &size).Rerror(); rerr != nil || size != 3 {
		t.Errorf("afterwards: %d, %v", size, rerr)
	}
}

// Bug 27: a closed peer does not listen any more, and its unix socket is gone.
func TestClose_ClosesTheListeners(t *testing.T) {
	tptest.CheckLeaks(t)
	path := filepath.Join(t.TempDir(), "s")
	srv, _ := serveOn(t, "unix", path, PeerConfig{})
	srv.Close()
	if _, err := net.Dial("unix", path); err == nil {
		t.Error("somebody listens")
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file: %v", err)
	}
	if len(srv.Addrs()) != 0 {
		t.Errorf("Addrs: %v", srv.Addrs())
	}
}

// Mutual TLS, from files on both sides.
func TestTLS_Mutual(t *testing.T) {
	tptest.CheckLeaks(t)
	dir := t.TempDir()
	cert, key, _ := writeCert(t, dir)
	srv, at := serveOn(t, "tcp", "127.0.0.1:0", PeerConfig{TlsCertFile: cert, TlsKeyFile: key, TlsClientCAFile: cert})
	dial := func(cfg PeerConfig) *Rerror {
		cli := NewPeer(cfg)
		defer cli.Close()
		sess, rerr := cli.Dial(at.String())
		if rerr != nil {
			return rerr
		}
		return sess.Pull("/size", nil, nil).Rerror()
	}
	if rerr := dial(PeerConfig{TlsCertFile: cert, TlsKeyFile: key, TlsRootCAFile: cert}); rerr != nil {
		t.Error(rerr)
	}
	if rerr := dial(PeerConfig{TlsRootCAFile: cert}); rerr == nil {
		t.Error("a client without a certificate was let in")
	}
	if srv.CountSession() > 1 {
		t.Errorf("%d sessions", srv.CountSession())
	}
}

func TestTLS_ConfigErrors(t *testing.T) {
	dir := t.TempDir()
	cert, key, _ := writeCert(t, dir)
	for field, cfg := range map[string]PeerConfig{
		"TlsCertFile":     {TlsCertFile: cert},
		"TlsClientCAFile": {TlsCertFile: cert, TlsKeyFile: key, TlsClientCAFile: key},
		"TlsRootCAFile":   {TlsRootCAFile: filepath.Join(dir, "none")},
	} {
		var bad *ConfigError
		if _, err := TryNewPeer(cfg); !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	p := NewPeer(PeerConfig{TlsRootCAFile: cert, ListenAddress: "127.0.0.1:0"})
	defer p.Close()
	var bad *ConfigError
	if err := p.Listen(); !errors.As(err, &bad) || bad.Field != "TLSConfig" {
		t.Errorf("listening without a certificate: %v", err)
	}
}

// Bug 15: a handshake has its time on either side, one that fails leaves
// nothing, and one that succeeds leaves no deadline behind.
func TestTLS_HandshakesEnd(t *testing.T) {
	certFile, keyFile, pool := writeCert(t, t.TempDir())
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	realTime := func() time.Time { return now } // the certificate is not of the bubble's year
	cfg := PeerConfig{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}, HandshakeTimeout: 3 * time.Second}
	inBubble(t, cfg, func(r *rig) {
		start := time.Now()
		silent := r.raw()
		silent.ExpectEOF()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("a client that says nothing was thrown out after %v", took)
		}
		garbage := r.raw()
		garbage.Send([]byte("GET / HTTP/1.1\r\n\r\n"))
		cli, sess := r.dial(PeerConfig{TLSConfig: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", Time: realTime}, HandshakeTimeout: 3 * time.Second})
		time.Sleep(time.Hour)
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Errorf("an hour later: %v", rerr)
		}
		mute, err := r.net.Listen("mute:1")
		if err != nil {
			t.Fatal(err)
		}
		start = time.Now()
		_, rerr := cli.Dial("mute:1")
		wantCode(t, "a server that says nothing", rerr, 105)
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("Dial took %v", took)
		}
		mute.Close()
		cli.Close()
		synctest.Wait() // the server hears of it
		if n := r.srv.CountSession(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

// What the files say wins over a weaker TLSConfig.
func TestTLS_ClientCAsDemandACertificate(t *testing.T) {
	cert, key, _ := writeCert(t, t.TempDir())
	for _, weak := range []tls.ClientAuthType{tls.NoClientCert, tls.RequestClientCert, tls.RequireAnyClientCert, tls.VerifyClientCertIfGiven} {
		p := NewPeer(PeerConfig{TlsCertFile: cert, TlsKeyFile: key, TlsClientCAFile: cert, TLSConfig: &tls.Config{ClientAuth: weak}})
		if got := p.cfg.TLSConfig.ClientAuth; got != tls.RequireAndVerifyClientCert {
			t.Errorf("with %v: got %v", weak, got)
		}
		p.Close()
	}
}
