package tp

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Timeouts are what they were set to, however long. The original kept them in an
// int32 of nanoseconds: what was longer than 2.1 seconds became something else.
func TestBug14_LongTimeouts(t *testing.T) {
	quiet(t)
	for _, long := range []time.Duration{3 * time.Second, 100 * time.Hour, 1 << 33, 1 << 32} {
		inBubble(t, PeerConfig{}, func(r *rig) {
			cli, sess := r.dial(PeerConfig{DefaultWriteTimeout: long, DefaultReadTimeout: 2 * long})
			defer cli.Close()
			if sess.WriteTimeout() != long || sess.ReadTimeout() != 2*long {
				t.Errorf("set to %v and twice that, and is %v and %v", long, sess.WriteTimeout(), sess.ReadTimeout())
			}
			client := (<-r.ends)[0]
			client.Out().SetBuffer(1)
			client.Out().Stall()
			start := time.Now()
			wantCode(t, "a call that cannot be written", sess.Pull("/add", nil, nil).Rerror(), 102)
			if took := time.Since(start); took != long {
				t.Errorf("the write timeout of %v took %v", long, took)
			}
		})
		inBubble(t, PeerConfig{}, func(r *rig) {
			cli, sess := r.dial(PeerConfig{})
			defer cli.Close()
			sess.SetReadTimeout(long)
			sess.SetWriteTimeout(long)
			if sess.WriteTimeout() != long || sess.ReadTimeout() != long {
				t.Errorf("set to %v, and is %v and %v", long, sess.WriteTimeout(), sess.ReadTimeout())
			}
			time.Sleep(long - 1)
			synctest.Wait()
			early := !sess.Health()
			time.Sleep(2 * time.Nanosecond)
			synctest.Wait()
			if early || sess.Health() {
				t.Errorf("the read timeout of %v: ended early %v, never %v", long, early, sess.Health())
			}
		})
	}
}

// However a connection says that it is broken, the session dials again and sends
// what was not sent. The original did that for io.EOF and its own error only; a
// broken pipe or a reset gave 104 and a session that never came back.
func TestBug25_AnyBreakIsRedialed(t *testing.T) {
	quiet(t)
	sys := func(errno syscall.Errno) error {
		return &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", errno)}
	}
	for _, broken := range []error{sys(syscall.EPIPE), sys(syscall.ECONNRESET), sys(syscall.ETIMEDOUT), net.ErrClosed, io.ErrClosedPipe, errors.New("another")} {
		inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
			cli, sess := r.dial(PeerConfig{RedialTimes: 3})
			defer cli.Close()
			(<-r.ends)[0].Out().FailWrite(0, broken)
			var sum int
			if rerr := sess.Pull("/add", [2]int{1, 2}, &sum).Rerror(); rerr != nil || sum != 3 {
				t.Errorf("%v in a write: got %d, %v", broken, sum, rerr)
			}
			(<-r.ends)[0].In().FailRead(broken)
			r.mode.settle()
			if rerr := sess.Pull("/add", [2]int{1, 2}, &sum).Rerror(); rerr != nil {
				t.Errorf("%v in a read: got %v", broken, rerr)
			}
			if n := cli.Stats().Redials; n != 2 {
				t.Errorf("%v: %d redials, want 2", broken, n)
			}
		})
	}
}

// Peers are made and closed, once and again, by any number of goroutines. The
// original took them from the process's list without its lock, which ends the
// process ("concurrent map writes"), and panicked in a second Close.
func TestBug26_PeersComeAndGoConcurrently(t *testing.T) {
	quiet(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			p := NewPeer(PeerConfig{})
			a, b := net.Pipe()
			defer b.Close()
			if _, err := p.ServeConn(a); err != nil {
				t.Error(err)
			}
			for range 2 {
				wg.Go(func() {
					if err := p.Close(); err != nil {
						t.Error(err)
					}
				})
			}
		})
	}
	wg.Wait()
}

// Handlers that begin while Close waits for those that run are fine. The original
// added to a WaitGroup that was being waited for, which panics where the last one
// has just gone.
func TestBug39_HandlersBeginWhileCloseWaits(t *testing.T) {
	quiet(t)
	for range 20 {
		inBubble(t, PeerConfig{V3Compat: true}, func(r *rig) {
			cli, sess := r.dial(PeerConfig{})
			synctest.Wait()
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for sess.Pull("/add", [2]int{1, 2}, nil).Rerror() == nil {
						sess.Push("/nobody", nil)
					}
				})
			}
			wg.Go(func() {
				r.srv.RangeSession(func(s Session) bool { return s.Close() == nil })
			})
			wg.Wait()
			cli.Close()
		})
	}
}
