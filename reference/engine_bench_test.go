package tp

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/perf/message"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// benchConn is a connection without a kernel: what is written is answered by
// what answer says. Who reads waits until something is there, or the end.
type benchConn struct {
	mu     sync.Mutex // guards in and ended
	come   sync.Cond
	in     bytes.Buffer
	ended  bool
	answer func(b []byte) []byte
	remote benchAddr
}

func newBenchConn(answer func(b []byte) []byte) *benchConn {
	c := &benchConn{answer: answer}
	c.come.L = &c.mu
	return c
}

type benchAddr int

func (benchAddr) Network() string  { return "bench" }
func (a benchAddr) String() string { return "bench:" + strconv.Itoa(int(a)) }

func (c *benchConn) WaitRead() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.in.Len() == 0 && !c.ended {
		c.come.Wait()
	}
	return nil
}

func (c *benchConn) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in.Read(b)
}

func (c *benchConn) put(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in.Write(b)
	c.ended = len(b) == 0
	c.come.Broadcast()
}

func (c *benchConn) Write(b []byte) (int, error) {
	if a := c.answer(b); a != nil {
		c.put(a)
	}
	return len(b), nil
}

func (c *benchConn) Close() error {
	c.put(nil)
	return nil
}

func (c *benchConn) TryWrite(b []byte) (int, error)     { return c.Write(b) }
func (c *benchConn) LocalAddr() net.Addr                { return benchAddr(0) }
func (c *benchConn) RemoteAddr() net.Addr               { return c.remote }
func (c *benchConn) SetDeadline(t time.Time) error      { return nil }
func (c *benchConn) SetReadDeadline(t time.Time) error  { return nil }
func (c *benchConn) SetWriteDeadline(t time.Time) error { return nil }

// benchFrame is a packet of the measured loop on the wire.
func benchFrame(b *testing.B, ptype byte, uri string, body any) []byte {
	var out bytes.Buffer
	p := packet.NewPacket(packet.WithPtype(ptype), packet.WithUri(uri), packet.WithBodyCodec('p'), packet.WithBody(body))
	if err := fast.New(&out).Pack(p); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

type benchCtrl struct{ PullCtx }

func (*benchCtrl) Echo(m *message.BenchmarkMessage) (*message.BenchmarkMessage, *Rerror) {
	message.Handle(m)
	return m, nil
}

func benchEcho(_ PullCtx, m *message.BenchmarkMessage) (*message.BenchmarkMessage, *Rerror) {
	message.Handle(m)
	return m, nil
}

// BenchmarkServe is what a server does for one call beside the kernel: read,
// decode, route, handle, encode, write. With many connections, of which each has
// its turn, what belongs to a connection is not in the processor's caches.
func BenchmarkServe(b *testing.B) {
	quietBench(b)
	for _, conns := range []int{1, 5000} {
		for _, uri := range []string{"/typed", "/bench_ctrl/echo"} {
			b.Run(fmt.Sprintf("conns=%d%s", conns, uri), func(b *testing.B) { benchServe(b, conns, uri) })
		}
	}
}

func benchServe(b *testing.B, conns int, uri string) {
	p := NewPeer(PeerConfig{})
	p.PullRouter.Reg(new(benchCtrl))
	HandlePull(p.PullRouter, "/typed", benchEcho)
	frame := benchFrame(b, packet.TypePull, uri, message.New())
	left := b.N
	over := make(chan struct{})
	ring := make([]*benchConn, conns)
	for i := range ring {
		ring[i] = newBenchConn(func([]byte) []byte {
			if left--; left > 0 {
				ring[(i+1)%conns].put(frame)
			} else if left == 0 {
				close(over)
			}
			return nil
		})
		ring[i].remote = benchAddr(i)
		if _, rerr := p.ServeConn(ring[i]); rerr != nil {
			b.Fatal(rerr)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	ring[0].put(frame)
	<-over
	b.StopTimer()
	p.Close()
}

// BenchmarkCall is what a caller does for one call beside the kernel.
func BenchmarkCall(b *testing.B) {
	quietBench(b)
	b.Run("typed", func(b *testing.B) {
		benchCall(b, func(sess Session, m *message.BenchmarkMessage) *Rerror {
			_, rerr := Pull[*message.BenchmarkMessage, *message.BenchmarkMessage](sess, "/typed", m)
			return rerr
		})
	})
	b.Run("session", func(b *testing.B) {
		benchCall(b, func(sess Session, m *message.BenchmarkMessage) *Rerror {
			return sess.Pull("/typed", m, new(message.BenchmarkMessage)).Rerror()
		})
	})
}

func benchCall(b *testing.B, call func(Session, *message.BenchmarkMessage) *Rerror) {
	frame := benchFrame(b, packet.TypeReply, "/typed", message.New())
	conn := newBenchConn(func(req []byte) []byte {
		copy(frame[6:14], req[6:14]) // the seq
		return frame
	})
	p := NewPeer(PeerConfig{DialFunc: func(context.Context, string, string) (net.Conn, error) { return conn, nil }, DefaultBodyCodec: "protobuf"})
	sess, rerr := p.Dial("bench:1")
	if rerr != nil {
		b.Fatal(rerr)
	}
	m := message.New()
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if rerr := call(sess, m); rerr != nil {
			b.Fatal(rerr)
		}
	}
	b.StopTimer()
	p.Close()
}

// quietBench switches the log off until the benchmark ends.
func quietBench(b *testing.B) {
	level := GetRawlogLevel()
	if err := SetRawlogLevel("OFF"); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { SetRawlogLevel(level) })
}
