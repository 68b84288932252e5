package tp

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// heldConn is a connection whose writes wait until it is let go.
type heldConn struct {
	net.Conn
	goOn chan struct{}
}

func (c heldConn) Write(b []byte) (int, error) { <-c.goOn; return c.Conn.Write(b) }

// lateSizeProto is a jsonProto that says how large a packet is after it was
// written, and waits before it does, where the uri is /late.
type lateSizeProto struct {
	*jsonProto
	g *gate
}

func (p lateSizeProto) Pack(out *packet.Packet) error {
	err := p.jsonProto.Pack(out)
	if out.Uri() == "/late" {
		p.g.pass()
		out.SetSize(4321)
	}
	return err
}

// sentBytes is a Metrics that notes what was sent of PULLs to /late.
type sentBytes struct {
	mu    sync.Mutex
	bytes []uint32
}

func (m *sentBytes) CallDone(c CallInfo) {
	if c.Kind == PullLaunch && c.Route == "/late" {
		m.mu.Lock()
		m.bytes = append(m.bytes, c.OutBytes)
		m.mu.Unlock()
	}
}

func (m *sentBytes) SessionChanged(SessionEvent) {}

// The REPLY can be there while Pack has not returned: another goroutine may have
// flushed what it has written. The call ends then, but its run log line and its
// metrics wait for Pack, whose packet it is. (Under -race this also shows that
// nobody reads the packet before.)
func TestCallLog_WaitsForThePacketToBePacked(t *testing.T) {
	lines := captureLog(t)
	own := new(sentBytes)
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/late", func(*int) (int, *Rerror) { return 1, nil })
		a, b := tptest.Pipe()
		if _, err := r.srv.ServeConn(a, newJSONProto); err != nil {
			t.Fatal(err)
		}
		g, nc := newGate(), heldConn{b, make(chan struct{})}
		cli := NewPeer(PeerConfig{Metrics: own})
		defer cli.Close()
		sess, err := cli.ServeConn(nc, func(rw io.ReadWriter) packet.Proto { return lateSizeProto{&jsonProto{rw}, g} })
		if err != nil {
			t.Fatal(err)
		}
		go sess.AsyncPull("/add", nil, nil, nil) // flushes, and is held there
		synctest.Wait()
		done := make(chan *PullCmd, 1)
		go sess.AsyncPull("/late", 1, nil, done)
		<-g.came // written, and Pack has not returned
		close(nc.goOn)
		cmd := <-done
		if rerr := cmd.Rerror(); rerr != nil {
			t.Error(rerr)
		}
		synctest.Wait()
		if got := lines.with("[pull-launch]"); len(got) != 1 || strings.Contains(got[0], "/late") {
			t.Errorf("logged %q while the packet was being packed", got)
		}
		if len(own.bytes) != 0 {
			t.Errorf("the metrics were told of a packet that was being packed: %d", own.bytes)
		}
		close(g.open)
		synctest.Wait()
		got := lines.with("uri: /late")
		if n := len(lines.with("[pull-launch]")); n != 2 || len(got) == 0 || !strings.Contains(strings.Join(got, ""), "SEND:\n size: 4321\n") {
			t.Errorf("logged %d launches; of this one %q", n, got)
		}
		if len(own.bytes) != 1 || own.bytes[0] != 4321 {
			t.Errorf("the metrics were told of %d, want [4321]", own.bytes)
		}
	})
}

// The run log may be switched on while a call goes on whose packet is used again
// already: its line is there all the same.
func TestCallLog_SwitchedOnDuringTheCall(t *testing.T) {
	quiet(t)
	for name, call := range map[string]func(Session, string) *Rerror{
		"Session.Pull": func(sess Session, uri string) *Rerror { return sess.Pull(uri, 7, nil).Rerror() },
		"tp.Pull": func(sess Session, uri string) *Rerror {
			_, rerr := Pull[int, int](sess, uri, 7)
			return rerr
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				var lines *logLines
				r.srv.PullRouter.RegFunc("/switch", func(n *int) (int, *Rerror) {
					lines = captureLog(t)
					return *n, nil
				})
				cli, sess := r.dial(PeerConfig{PrintBody: true})
				defer cli.Close()
				if rerr := call(sess, "/switch?n=1"); rerr != nil {
					t.Fatal(rerr)
				}
				got := lines.with("[pull-launch]")
				if len(got) != 1 || !strings.Contains(got[0], "uri: /switch?n=1") || !strings.Contains(got[0], "SEND:\n size: 36\n body-json: 7\n") {
					t.Errorf("logged %q", got)
				}
			})
		})
	}
}
