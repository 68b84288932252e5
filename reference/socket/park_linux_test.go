package socket

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// fds counts the process's open descriptors.
func fds(t testing.TB) int {
	t.Helper()
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(d)
}

// checkParker fails the test if the Parker holds anything at the end.
func checkParker(t testing.TB, pk *Parker) {
	t.Helper()
	if pk.Parked() != 0 || pk.poll != nil || pk.held.places != nil || len(pk.due) != 0 {
		t.Errorf("%d parked, set %v, %d due", pk.Parked(), pk.poll, len(pk.due))
	}
}

// echo serves a parked connection: woken, it answers what is there and parks
// again, until reading ends.
type echo struct {
	pk    *Parker
	c     *Conn
	wakes atomic.Int64
	ended chan error
}

func newEcho(pk *Parker, nc net.Conn, o Options) *echo {
	return &echo{pk: pk, c: NewConn(nc, nil, o), ended: make(chan error, 1)}
}

func (e *echo) ready() {
	e.wakes.Add(1)
	go e.serve()
}

func (e *echo) serve() {
	var p packet.Packet
	for {
		if err := e.c.ReadPacket(&p); err != nil {
			e.ended <- err
			return
		}
		e.c.WritePacket(background, push(p.Seq(), 10))
		if !e.c.Buffered() && e.pk.Park(e.c, e.ready) {
			return
		}
	}
}

func TestParker_ManyConnectionsWakeAtOnce(t *testing.T) {
	const conns, rounds = 100, 20
	for _, network := range []string{"tcp", "unix", "unixpacket"} {
		t.Run(network, func(t *testing.T) {
			tptest.CheckLeaks(t)
			before := fds(t)
			var pk Parker
			var clients []*Conn
			var servers []*echo
			for range conns {
				addr := "127.0.0.1:0"
				if network != "tcp" {
					addr = filepath.Join(t.TempDir(), "s")
				}
				client, server := pair(t, network, addr)
				e := newEcho(&pk, server, Options{})
				servers, clients = append(servers, e), append(clients, NewConn(client, nil, Options{}))
				if !pk.Park(e.c, e.ready) {
					t.Fatal("not parked")
				}
			}
			for round := range uint64(rounds) {
				var wg sync.WaitGroup
				for _, c := range clients {
					wg.Go(func() {
						must(t)(c.WritePacket(background, push(round, 10)))
						var p packet.Packet
						if err := c.ReadPacket(&p); err != nil || p.Seq() != round {
							t.Errorf("round %d: seq %d, %v", round, p.Seq(), err)
						}
					})
				}
				wg.Wait()
			}
			for _, c := range clients {
				c.Close()
			}
			for i, e := range servers {
				if err := <-e.ended; err != io.EOF {
					t.Errorf("%d ended with %v", i, err)
				}
				e.c.Close()
			}
			checkParker(t, &pk)
			if after := fds(t); after > before {
				t.Errorf("%d descriptors before, %d after", before, after)
			}
		})
	}
}

func TestParker_CloseGivesEverythingBack(t *testing.T) {
	tptest.CheckLeaks(t)
	var pk Parker
	var all []*echo
	for range 20 {
		_, server := tcpPair(t)
		e := newEcho(&pk, server, Options{ReadTimeout: time.Hour})
		pk.Park(e.c, e.ready)
		all = append(all, e)
	}
	pk.Close()
	for _, e := range all {
		e.c.Close()
		if err := <-e.ended; !errors.Is(err, ErrConnClosed) {
			t.Error(err)
		}
	}
	checkParker(t, &pk)
}

// The goroutine that waits for the set waits in Go's own poller.
func TestParker_HoldsNoThread(t *testing.T) {
	tptest.CheckLeaks(t)
	var pk Parker
	_, server := tcpPair(t)
	c := NewConn(server, nil, Options{})
	pk.Park(c, func() {})
	var stacks string
	for range 1000 {
		buf := make([]byte, 1<<20)
		stacks = string(buf[:runtime.Stack(buf, true)])
		for g := range strings.SplitSeq(stacks, "\n\n") {
			if strings.Contains(g, "(*poller).run") && strings.Contains(g, "[IO wait") {
				pk.Unpark(c)
				return
			}
		}
		runtime.Gosched()
	}
	t.Errorf("it does not wait in the poller:\n%s", stacks)
	pk.Unpark(c)
}

func BenchmarkParker_ParkAndUnpark(b *testing.B) {
	for _, timeout := range []time.Duration{0, time.Hour} {
		b.Run("timeout="+timeout.String(), func(b *testing.B) {
			var pk Parker
			_, server := tcpPair(b)
			_, other := tcpPair(b)
			c, keep := NewConn(server, nil, Options{ReadTimeout: timeout}), NewConn(other, nil, Options{})
			pk.Park(keep, func() {})
			b.ReportAllocs()
			for b.Loop() {
				if !pk.Park(c, func() {}) || !pk.Unpark(c) {
					b.Fatal("not parked")
				}
			}
			pk.Unpark(keep)
		})
	}
}
