package tptest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

// read collects what comes until an error.
func read(c net.Conn) (got []byte, reads int, err error) {
	b := make([]byte, 1<<10)
	for {
		n, err := c.Read(b)
		got = append(got, b[:n]...)
		if err != nil {
			return got, reads, err
		}
		reads++
	}
}

func TestPipe_BothDirectionsAndHalfClose(t *testing.T) {
	a, b := tptest.Pipe()
	a.Write([]byte("ping"))
	a.CloseWrite()
	if got, _, err := read(b); string(got) != "ping" || err != io.EOF {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := b.Write([]byte("pong")); err != nil {
		t.Fatalf("the other half must still work: %v", err)
	}
	b.Close()
	if got, _, err := read(a); string(got) != "pong" || err != io.EOF {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Fatalf("write after CloseWrite: %v", err)
	}
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Fatalf("read after Close: %v", err)
	}
}

func TestLink_FullBufferMakesWriterWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		a.Out().SetBuffer(10)
		wrote := make(chan int, 1)
		go func() {
			n, _ := a.Write(make([]byte, 25))
			wrote <- n
		}()
		synctest.Wait()
		if a.Out().Unread() != 10 || len(wrote) != 0 {
			t.Fatalf("unread %d, returned %d", a.Out().Unread(), len(wrote))
		}
		if n, err := io.ReadFull(b, make([]byte, 25)); n != 25 || err != nil {
			t.Fatal(n, err)
		}
		if n := <-wrote; n != 25 {
			t.Fatalf("wrote %d", n)
		}
	})
}

func TestConn_Deadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := tptest.Pipe()
		start := time.Now()
		a.SetReadDeadline(start.Add(time.Hour))
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Hour {
			t.Fatalf("after %v: %v", time.Since(start), err)
		}
		// Moved while a read waits.
		a.SetReadDeadline(time.Time{})
		done := make(chan error, 1)
		go func() { _, err := a.Read(make([]byte, 1)); done <- err }()
		synctest.Wait()
		a.SetReadDeadline(time.Now().Add(time.Minute))
		if err := <-done; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Hour+time.Minute {
			t.Fatalf("after %v: %v", time.Since(start), err)
		}
		a.Out().SetBuffer(3)
		a.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := a.Write([]byte("12345")); n != 3 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("wrote %d, %v", n, err)
		}
	})
}

func TestLink_Faults(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name     string
		set      func(*tptest.Link)
		writes   []string
		got      string
		reads    int
		end      error
		writeErr error
	}{
		{"none", func(*tptest.Link) {}, []string{"abc", "def"}, "abcdef", 1, io.EOF, nil},
		{"one byte at a time", func(l *tptest.Link) { l.MaxRead(1) }, []string{"abc"}, "abc", 3, io.EOF, nil},
		{"segments", func(l *tptest.Link) { l.Segments(1, 4) }, []string{"abc", "def"}, "abcdef", 3, io.EOF, nil},
		{"cut at once", func(l *tptest.Link) { l.CutAfter(0, nil) }, []string{"a"}, "", 0, io.EOF, tptest.ErrCut},
		{"cut inside a write", func(l *tptest.Link) { l.CutAfter(4, nil) }, []string{"abc", "def"}, "abcd", 1, io.EOF, tptest.ErrCut},
		{"cut with an error", func(l *tptest.Link) { l.CutAfter(3, broken) }, []string{"abc"}, "abc", 1, broken, nil},
		{"failing write", func(l *tptest.Link) { l.FailWrite(4, broken) }, []string{"abc", "def"}, "abcd", 1, io.EOF, broken},
		{"failing read", func(l *tptest.Link) { l.FailRead(broken) }, []string{"abc"}, "abc", 1, broken, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := tptest.Pipe()
			test.set(a.Out())
			var werr error
			for _, s := range test.writes {
				if _, err := a.Write([]byte(s)); err != nil {
					werr = err
				}
			}
			a.Close()
			got, reads, err := read(b)
			if string(got) != test.got || reads != test.reads || !errors.Is(err, test.end) {
				t.Errorf("got %q in %d reads, then %v", got, reads, err)
			}
			if !errors.Is(werr, test.writeErr) {
				t.Errorf("write error %v, want %v", werr, test.writeErr)
			}
		})
	}
}

func TestLink_StallHoldsEverythingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		a.Out().Stall()
		a.Write([]byte("late"))
		a.Close()
		var got []byte
		var err error
		go func() { got, _, err = read(b) }()
		synctest.Wait()
		if got != nil || err != nil {
			t.Fatalf("stalled, yet got %q, %v", got, err)
		}
		a.Out().Resume()
		synctest.Wait()
		if string(got) != "late" || err != io.EOF {
			t.Fatalf("got %q, %v", got, err)
		}
	})
}

func TestLink_DelayKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		start := time.Now()
		a.Out().Delay(time.Second)
		a.Write([]byte("1"))
		a.Out().Delay(0)
		a.Write([]byte("2"))
		a.Close()
		got, _, err := read(b)
		if string(got) != "12" || err != io.EOF || time.Since(start) != time.Second {
			t.Fatalf("got %q, %v after %v", got, err, time.Since(start))
		}
	})
}

func TestConn_TryWriteNeverWaits(t *testing.T) {
	a, b := tptest.Pipe()
	a.Out().SetBuffer(8)
	a.Out().MaxWrite(3)
	for _, want := range []int{3, 3, 2, 0} {
		if n, err := a.TryWrite([]byte("xxxxxxxx")); n != want || err != nil {
			t.Fatalf("took %d, %v, want %d", n, err, want)
		}
	}
	if err := b.WaitRead(); err != nil {
		t.Fatal(err)
	}
	if n, _ := b.Read(make([]byte, 100)); n != 8 {
		t.Fatalf("read %d", n)
	}
	b.Abort()
	if _, err := a.TryWrite([]byte("x")); !errors.Is(err, syscall.EPIPE) {
		t.Fatalf("after the other side has gone: %v", err)
	}
	if _, err := a.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("after a reset: %v", err)
	}
}

func TestNetwork_DialAndListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		n := tptest.NewNetwork()
		if _, err := n.Dial(ctx, "s:1"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("nobody listens: %v", err)
		}
		l, err := n.Listen("s:1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Listen("s:1"); !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatalf("listened twice: %v", err)
		}
		n.OnDial(func(client, server *tptest.Conn) { client.Out().MaxRead(1) })
		refused := errors.New("refused")
		n.FailDials(refused)
		n.DialDelay(time.Second)
		if _, err := n.Dial(ctx, "s:1"); !errors.Is(err, refused) {
			t.Fatalf("want the planned failure, got %v", err)
		}
		start := time.Now()
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		if _, err := n.Dial(short, "s:1"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Millisecond {
			t.Fatalf("after %v: %v", time.Since(start), err)
		}
		c, err := n.DialContext(ctx, "mem", "s:1")
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if s.RemoteAddr().String() != c.LocalAddr().String() || c.RemoteAddr().String() != l.Addr().String() {
			t.Fatalf("addresses %v %v %v %v", s.RemoteAddr(), c.LocalAddr(), c.RemoteAddr(), l.Addr())
		}
		c.Write([]byte("ab"))
		if k, _ := s.Read(make([]byte, 9)); k != 1 {
			t.Fatalf("OnDial's fault is not in force: read %d", k)
		}
		waiting, err := n.Dial(ctx, "s:1")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Fatalf("accept after close: %v", err)
		}
		if _, err := waiting.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Fatalf("not accepted: %v", err)
		}
		if _, err := n.Listen("s:1"); err != nil {
			t.Fatalf("the address must be free: %v", err)
		}
	})
}

func TestRawPeer_Script(t *testing.T) {
	a, b := tptest.Pipe()
	left, right := tptest.NewRawPeer(t, a), tptest.NewRawPeer(t, b)
	left.SendHex("00 01 | ff")
	right.Expect([]byte{0, 1, 0xff})
	left.SendPacket()
	if frame := right.ExpectFrame(); len(frame) != 24 {
		t.Fatalf("the smallest frame has 24 bytes, got % x", frame)
	}
	left.SendPacket()
	if p := right.ExpectPacket(); p.Size() != 24 || p.Uri() != "" {
		t.Fatalf("got %v", p)
	}
	left.CloseWrite()
	right.ExpectEOF()
	right.Conn().(*tptest.Conn).Abort()
	left.ExpectEnd()
}

func TestConn_ConcurrentWritesStayWhole(t *testing.T) {
	tptest.CheckLeaks(t)
	a, b := tptest.Pipe()
	a.Out().SetBuffer(7)
	done := make(chan struct{})
	for i := range 4 {
		go func() {
			for range 50 {
				a.Write(bytes.Repeat([]byte{byte('a' + i)}, 10))
			}
			done <- struct{}{}
		}()
	}
	go func() {
		for range 4 {
			<-done
		}
		a.Close()
	}()
	got, _, _ := read(b)
	if len(got) != 2000 {
		t.Fatalf("%d bytes came", len(got))
	}
	for i := 0; i < len(got); i += 10 {
		if !bytes.Equal(got[i:i+10], bytes.Repeat(got[i:i+1], 10)) {
			t.Fatalf("writes got mixed at %d: %s", i, got[i:i+10])
		}
	}
}
