package wireshark_test

import (
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// piece is what one read of the tap gave.
type piece struct {
	toServer bool
	data     []byte
}

// tap stands between a client and a server, and notes the pieces in which bytes arrive, each before it is passed on: so a
// reply is always noted behind its request.
type tap struct {
	ln     net.Listener
	target string

	mu     sync.Mutex // guards pieces
	pieces []piece
	done   chan struct{} // closed when both directions of the one connection have ended
}

func newTap(t *testing.T, target string) *tap {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	f := &tap{ln: ln, target: target, done: make(chan struct{})}
	go f.serve()
	return f
}

// serve passes one connection on.
func (f *tap) serve() {
	defer close(f.done)
	client, err := f.ln.Accept()
	if err != nil {
		return
	}
	defer client.Close()
	server, err := net.Dial("tcp", f.target)
	if err != nil {
		return
	}
	defer server.Close()
	var wg sync.WaitGroup
	wg.Go(func() { f.pass(server, client, true) })
	wg.Go(func() { f.pass(client, server, false) })
	wg.Wait()
}

// pass copies until the end, and then ends the sending half.
func (f *tap) pass(to, from net.Conn, toServer bool) {
	buf := make([]byte, 1000) // small, so that frames are cut
	for {
		n, err := from.Read(buf)
		if n > 0 {
			f.mu.Lock()
			f.pieces = append(f.pieces, piece{toServer, append([]byte(nil), buf[:n]...)})
			f.mu.Unlock()
			if _, werr := to.Write(buf[:n]); werr != nil {
				err = werr
			}
		}
		if err != nil {
			_ = to.(*net.TCPConn).CloseWrite()
			return
		}
	}
}

// bytes gives all that went one way.
func (f *tap) bytes(toServer bool) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []byte
	for _, p := range f.pieces {
		if p.toServer == toServer {
			out = append(out, p.data...)
		}
	}
	return out
}

// pcap writes the pieces as segments, with a FIN each way.
func (f *tap) pcap() *capture {
	c := newCapture()
	client := &end{addr: [4]byte{127, 0, 0, 1}, port: 40000, seq: 1}
	server := &end{addr: [4]byte{127, 0, 0, 1}, port: port, seq: 1}
	for _, p := range f.pieces {
		from, to := server, client
		if p.toServer {
			from, to = client, server
		}
		c.send(from, to, p.data, false)
	}
	c.send(client, server, nil, true)
	c.send(server, client, nil, true)
	return c
}

// listen serves the routes of the dialogue, and gives the address.
func listen(t *testing.T, pushed chan<- string) string {
	t.Helper()
	tp.SetLogger(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { tp.SetLogger(nil) })
	server := tp.NewPeer(tp.PeerConfig{})
	server.PullRouter.RegFunc("/div", func(_ tp.PullCtx, args *[2]int) (int, *tp.Rerror) {
		if args[1] == 0 {
			return 0, tp.NewRerror(1001, "division by zero", fmt.Sprintf("of %d", args[0]))
		}
		return args[0] / args[1], nil
	})
	server.PullRouter.RegFunc("/upper", func(_ tp.PullCtx, args *string) (string, *tp.Rerror) { return strings.ToUpper(*args), nil })
	server.PullRouter.RegFunc("/ask/back", func(ctx tp.PullCtx, _ *struct{}) (string, *tp.Rerror) {
		var name string
		rerr := ctx.Session().Pull("/name", nil, &name).Rerror()
		return name, rerr
	})
	server.PushRouter.RegFunc("/news", func(_ tp.PushCtx, args *string) *tp.Rerror {
		pushed <- *args
		return nil
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		if conn, err := ln.Accept(); err == nil {
			_, _ = server.ServeConn(conn)
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		<-accepted
		server.Close()
	})
	return ln.Addr().String()
}

// speak has a live dialogue of two peers through a tap: plain and gzipped PULLs, one after the other and at once, a PUSH,
// error REPLYs, and a PULL of the server's. It gives the tap when the connection has ended.
func speak(t *testing.T, f *tap, pushed <-chan string) {
	t.Helper()
	client := tp.NewPeer(tp.PeerConfig{})
	defer client.Close()
	client.PullRouter.RegFunc("/name", func(tp.PullCtx, *struct{}) (string, *tp.Rerror) { return "ann", nil })
	conn, err := net.Dial("tcp", f.ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	sess, err := client.ServeConn(conn)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	var s string
	long := strings.Repeat("teleport ", 500)
	check := func(what string, rerr *tp.Rerror, code int32) {
		t.Helper()
		if rerr == nil && code != 0 || rerr != nil && rerr.Code != code {
			t.Fatalf("%s: expected code %d, got %v", what, code, rerr)
		}
	}
	check("div", sess.Pull("/div?unit=1", [2]int{42, 6}, &n, socket.WithSetMeta("lang", "en & de"), socket.WithAddMeta("lang", "fr")).Rerror(), 0)
	check("gzip", sess.Pull("/upper", long, &s, socket.WithXferPipe('g'), socket.WithBodyCodec('s')).Rerror(), 0)
	check("twice", sess.Pull("/upper", long, &s, socket.WithXferPipe('g', 'g')).Rerror(), 0)
	check("long", sess.Pull("/upper", long, &s).Rerror(), 0)
	check("error", sess.Pull("/div", [2]int{1, 0}, &n).Rerror(), 1001)
	check("nowhere", sess.Pull("/nowhere", nil, nil).Rerror(), 404)
	check("back", sess.Pull("/ask/back", nil, &s).Rerror(), 0)
	check("push", sess.Push("/news", "hello"), 0)
	if got := <-pushed; got != "hello" || s != "ann" || n != 7 {
		t.Fatalf("expected hello, ann and 7, got %q, %q and %d", got, s, n)
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			var out int
			if rerr := sess.Pull("/div", [2]int{i * 3, 3}, &out).Rerror(); rerr != nil || out != i {
				t.Errorf("pull %d at once: expected %d, got %d (%v)", i, i, out, rerr)
			}
		})
	}
	wg.Wait()
	client.Close()
	<-f.done
}
