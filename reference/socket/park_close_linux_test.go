package socket

import (
	"errors"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Whoever of Close, Unpark, the timer, the other side and the set is first wins
// alone, also while Park is under way.
func TestParker_EverybodyAtOnce(t *testing.T) {
	tptest.CheckLeaks(t)
	var pk Parker
	before := fds(t)
	for i := range 400 {
		client, server := tcpPair(t)
		var o Options
		if i%4 == 1 {
			o.ReadTimeout = time.Duration(i%3) * 100 * time.Microsecond
		}
		c := NewConn(server, nil, o)
		var readies, unparks atomic.Int64
		woke := make(chan bool, 2)
		begin := make(chan bool)
		var wg sync.WaitGroup
		run := func(f func()) { wg.Go(func() { <-begin; f() }) }
		var parked bool
		run(func() { parked = pk.Park(c, func() { readies.Add(1); woke <- true }) })
		run(func() { c.Close() })
		run(func() { client.Write([]byte{0}) })
		run(func() {
			for range 3 {
				if pk.Unpark(c) {
					unparks.Add(1)
				}
				runtime.Gosched()
			}
		})
		run(func() { c.SetReadTimeout(time.Millisecond) })
		close(begin)
		wg.Wait()
		want := int64(0)
		if parked {
			want = 1
		}
		if want == 1 && unparks.Load() == 0 {
			<-woke
		}
		if got := readies.Load() + unparks.Load(); got != want {
			t.Fatalf("parked %t, %d readies, %d unparks", parked, readies.Load(), unparks.Load())
		}
		client.Close()
	}
	checkParker(t, &pk)
	if after := fds(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// All are closed at once, and most of them have just been written to.
func TestParker_CloseStorm(t *testing.T) {
	const conns = 200
	tptest.CheckLeaks(t)
	var pk Parker
	var all []*echo
	var wg sync.WaitGroup
	for i := range conns {
		client, server := tcpPair(t)
		e := newEcho(&pk, server, Options{ReadTimeout: time.Hour})
		if !pk.Park(e.c, e.ready) {
			t.Fatal("not parked")
		}
		all = append(all, e)
		wg.Go(func() {
			if i%3 > 0 {
				client.Write(make([]byte, i%3))
			}
			e.c.Close()
		})
	}
	wg.Wait()
	for _, e := range all {
		if err := <-e.ended; !errors.Is(err, ErrConnClosed) || e.wakes.Load() != 1 {
			t.Errorf("woken %d times, ended with %v", e.wakes.Load(), err)
		}
	}
	checkParker(t, &pk)
}

// Descriptors close while parked and their numbers are taken by new
// connections at once: nobody is woken for another, and nobody is forgotten.
func TestParker_DescriptorsAreUsedAgain(t *testing.T) {
	const width, rounds = 20, 30
	tptest.CheckLeaks(t)
	var pk Parker
	type member struct {
		client net.Conn
		e      *echo
	}
	join := func() *member {
		client, server := tcpPair(t)
		m := &member{client, newEcho(&pk, server, Options{})}
		if !pk.Park(m.e.c, m.e.ready) {
			t.Fatal("not parked")
		}
		return m
	}
	var all []*member
	for range width {
		all = append(all, join())
	}
	for range rounds {
		var gone []*member
		for i := range all {
			if i%2 == 0 {
				m := all[i]
				m.client.Write([]byte{1}) // may be reported, or be forgotten with the descriptor
				m.e.c.Close()
				gone = append(gone, m)
				all[i] = join()
			}
		}
		for _, m := range gone {
			if err := <-m.e.ended; !errors.Is(err, ErrConnClosed) || m.e.wakes.Load() != 1 {
				t.Fatalf("woken %d times, ended with %v", m.e.wakes.Load(), err)
			}
			m.client.Close()
		}
	}
	for _, m := range all {
		if n := m.e.wakes.Load(); n != 0 {
			t.Errorf("woken %d times by nothing", n)
		}
		m.client.Close()
		if err := <-m.e.ended; err != io.EOF {
			t.Error(err)
		}
		m.e.c.Close()
	}
	checkParker(t, &pk)
}

// A descriptor that lives on in a copy is not forgotten by the kernel.
func TestParker_CopiedDescriptor(t *testing.T) {
	tptest.CheckLeaks(t)
	var pk Parker
	client, server := tcpPair(t)
	copied, err := server.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	other, third := tcpPair(t)
	keep := newEcho(&pk, other, Options{}) // keeps the set open
	pk.Park(keep.c, keep.ready)
	e := newEcho(&pk, server, Options{})
	pk.Park(e.c, e.ready)
	e.c.Close()
	if err := <-e.ended; !errors.Is(err, ErrConnClosed) {
		t.Error(err)
	}
	client.Write([]byte{0})
	again := NewConn(client, nil, Options{})
	woke := make(chan bool, 1)
	pk.Park(again, func() { woke <- true })
	copied.Write([]byte{0})
	<-woke
	third.Close()
	<-keep.ended
	keep.c.Close()
	again.Close()
	checkParker(t, &pk)
	if n := e.wakes.Load(); n != 1 {
		t.Errorf("woken %d times", n)
	}
}
