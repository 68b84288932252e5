package socket

import (
	"errors"
	"io"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestParker_ClosedAndTimedOut(t *testing.T) {
	const idle = time.Minute
	runParkCases(t, []parkCase{
		{"by bytes that come later", idle, func(t *testing.T, r *parkRig) {
			r.peer.Out().Delay(idle - 1)
			r.peer.Write(frameOf(t, 1, 10))
		}, 1, 1, nil, idle - 1},
		{"by Close", idle, func(t *testing.T, r *parkRig) { r.c.Close() }, 1, 0, ErrConnClosed, 0},
		{"by the idle timeout", idle, func(t *testing.T, r *parkRig) {}, 1, 0, os.ErrDeadlineExceeded, idle},
		{"by an idle timeout that is set later", 0, func(t *testing.T, r *parkRig) {
			time.Sleep(time.Hour)
			r.c.SetReadTimeout(idle)
		}, 1, 0, os.ErrDeadlineExceeded, time.Hour + idle},
		{"by one that is changed", time.Hour, func(t *testing.T, r *parkRig) {
			time.Sleep(idle / 2)
			r.c.SetReadTimeout(idle)
		}, 1, 0, os.ErrDeadlineExceeded, idle/2 + idle},
		{"not by one that is taken away", idle, func(t *testing.T, r *parkRig) {
			r.c.SetReadTimeout(0)
			time.Sleep(time.Hour)
		}, 0, 0, nil, 0},
		{"by one that nobody can live to see", 1<<63 - 1, func(t *testing.T, r *parkRig) {
			time.Sleep(time.Hour)
			r.peer.Close()
		}, 1, 0, io.EOF, time.Hour},
	})
}

// The idle timeout counts from the last packet, however often the wait for the
// next is handed over.
func TestParker_IdleTimeGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pk Parker
		a, b := tptest.Pipe()
		c := NewConn(a, nil, Options{ReadTimeout: time.Minute})
		read := func() error { return c.ReadPacket(new(packet.Packet)) }
		time.Sleep(time.Hour)
		b.Write(frameOf(t, 1, 1))
		if err := read(); err != nil {
			t.Fatal(err)
		}
		last := time.Now()
		for range 3 {
			if !pk.Park(c, func() { t.Error("woken") }) {
				t.Fatal("not parked")
			}
			time.Sleep(10 * time.Second)
			if !pk.Unpark(c) {
				t.Fatal("not unparked")
			}
		}
		if err := read(); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(last) != time.Minute {
			t.Errorf("after %v: %v", time.Since(last), err)
		}
		c.Close()
		b.Close()
	})
}

// A packet that comes at the last moment is in time, though its reader begins
// later; and the next wait is a new one.
func TestParker_BytesInTimeWin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pk Parker
		a, b := tptest.Pipe()
		c := NewConn(a, nil, Options{ReadTimeout: time.Minute})
		woke := make(chan bool, 1)
		park := func() {
			if !pk.Park(c, func() { woke <- true }) {
				t.Fatal("not parked")
			}
		}
		for range 2 {
			park()
			time.Sleep(time.Minute - 1)
			b.Write(frameOf(t, 1, 1))
			<-woke
			time.Sleep(time.Second) // the reader's goroutine is late
			if err := c.ReadPacket(new(packet.Packet)); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		park()
		<-woke
		var re *ReadError
		if err := c.ReadPacket(new(packet.Packet)); !errors.As(err, &re) || re.Timeout != time.Minute || time.Since(start) != time.Minute {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		c.Close()
		b.Close()
	})
}

// Many timeouts in any order, some changed and some taken away.
func TestParker_TimeoutsInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pk Parker
		start := time.Now()
		late := make(chan int, 100)
		var conns []*Conn
		for i := range 100 {
			nc, peer := tptest.Pipe()
			d := time.Duration(i*37%100+1) * time.Second
			c := NewConn(nc, nil, Options{ReadTimeout: d})
			conns = append(conns, c)
			pk.Park(c, func() {
				if err := c.ReadPacket(new(packet.Packet)); time.Since(start) != c.ReadTimeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("%d: after %v of %v: %v", i, time.Since(start), c.ReadTimeout(), err)
				}
				c.Close()
				peer.Close()
				late <- i
			})
		}
		for i, c := range conns {
			if i%10 == 3 {
				c.SetReadTimeout(time.Duration(200-i) * time.Second)
			}
		}
		for range 100 {
			<-late
		}
		if pk.Parked() != 0 || pk.next != 0 {
			t.Errorf("%d parked, timer at %v", pk.Parked(), pk.next)
		}
	})
}
