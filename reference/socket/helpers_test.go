package socket

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

var background = context.Background()

// plainFast is fast/1 without its Framer, for the plain path.
func plainFast(rw io.ReadWriter) packet.Proto { return struct{ packet.Proto }{fast.New(rw)} }

// paths are the two ways of a Conn.
var paths = []struct {
	name string
	pf   packet.ProtoFunc
}{{"framer", fast.New}, {"plain", plainFast}}

// push makes a packet whose body has n bytes; its frame has n+24.
func push(seq uint64, n int) *packet.Packet {
	return packet.NewPacket(packet.WithSeq(seq), packet.WithPtype(packet.TypePush), packet.WithBody(packet.RawBody(make([]byte, n))))
}

// frameOf is the wire of push.
func frameOf(t testing.TB, seq uint64, n int) []byte {
	return tptest.Frame(t, packet.WithSeq(seq), packet.WithPtype(packet.TypePush), packet.WithBody(packet.RawBody(make([]byte, n))))
}

// tcpPair gives the two ends of a loopback connection.
func tcpPair(t testing.TB) (client, server net.Conn) { return pair(t, "tcp", "127.0.0.1:0") }

func pair(t testing.TB, network, addr string) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if client, err = net.Dial(network, l.Addr().String()); err == nil {
		server, err = l.Accept()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

// gate is a net.Conn without Readiness that counts its writes and holds them up
// until it is opened.
type gate struct {
	net.Conn
	open chan struct{}

	mu     sync.Mutex
	writes [][]byte
}

func newGate(nc net.Conn) *gate { return &gate{Conn: nc, open: make(chan struct{})} }

func (g *gate) Write(b []byte) (int, error) {
	g.mu.Lock()
	g.writes = append(g.writes, append([]byte(nil), b...))
	g.mu.Unlock()
	<-g.open
	return g.Conn.Write(b)
}

func (g *gate) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.writes)
}

// drain reads packets until the end and gives their seqs.
func drain(t testing.TB, nc net.Conn) []uint64 {
	t.Helper()
	c := NewConn(nc, nil, Options{})
	var seqs []uint64
	for {
		var p packet.Packet
		if err := c.ReadPacket(&p); err != nil {
			if err != io.EOF {
				t.Errorf("after %d packets: %v", len(seqs), err)
			}
			return seqs
		}
		seqs = append(seqs, p.Seq())
	}
}

// must fails the test unless the packet was accepted.
func must(t testing.TB) func(Ticket, error) Ticket {
	return func(tk Ticket, err error) Ticket {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return tk
	}
}
