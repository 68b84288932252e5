package socket

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestWriter_CoalescesWhatComesDuringAFlush(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := tptest.Pipe()
				g := newGate(a)
				c := NewConn(g, path.pf, Options{})
				var wg sync.WaitGroup
				for i := range 100 {
					wg.Go(func() {
						if _, err := c.WritePacket(background, push(uint64(i), 10)); err != nil {
							t.Error(err)
						}
					})
				}
				synctest.Wait() // one is in Write, the others have gone
				if frames, bytes := c.Unflushed(); frames != 100 || bytes != 3400 {
					t.Errorf("unflushed: %d frames, %d bytes", frames, bytes)
				}
				close(g.open)
				wg.Wait()
				if err := c.Flush(background); err != nil {
					t.Error(err)
				}
				if n := g.count(); n != 2 {
					t.Errorf("100 frames took %d writes, want 2", n)
				}
				if frames, bytes := c.Unflushed(); frames != 0 || bytes != 0 {
					t.Errorf("unflushed at the end: %d frames, %d bytes", frames, bytes)
				}
				c.Close()
				if seqs := drain(t, b); len(seqs) != 100 {
					t.Errorf("%d packets came", len(seqs))
				}
			})
		})
	}
}

func TestWriter_OneFrameIsOneWrite(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			a, b := tptest.Pipe()
			a.Out().SetBuffer(4 << 20)
			c := NewConn(a, path.pf, Options{})
			for i, size := range []int{0, 100, copyMax, tailMax, 1 << 20} {
				must(t)(c.WritePacket(background, push(uint64(i), size)))
			}
			if err := c.Flush(background); err != nil {
				t.Fatal(err)
			}
			if n := a.Out().Writes(); n != 5 {
				t.Errorf("5 frames, one after the other, took %d writes", n)
			}
			c.Close()
			drain(t, b)
		})
	}
}

func TestWriter_FullQueueMakesWritersWaitInOrder(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := tptest.Pipe()
				a.Out().SetBuffer(1)
				c := NewConn(a, path.pf, Options{MaxQueued: 100})
				// The first is larger than the bound and passes alone.
				must(t)(c.WritePacket(background, push(0, 500)))
				var wg sync.WaitGroup
				for i := range 5 {
					wg.Go(func() { must(t)(c.WritePacket(background, push(uint64(i+1), 50))) })
					synctest.Wait()
				}
				if frames, _ := c.Unflushed(); frames != 1 {
					t.Errorf("%d frames were accepted beyond the bound", frames)
				}
				ctx, cancel := context.WithTimeout(background, time.Minute)
				defer cancel()
				start := time.Now()
				_, err := c.WritePacket(ctx, push(99, 1))
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
				a.Out().SetBuffer(1 << 20)
				wg.Wait()
				c.Flush(background)
				c.Close()
				for i, seq := range drain(t, b) {
					if seq != uint64(i) {
						t.Fatalf("packet %d came in place of %d", seq, i)
					}
				}
			})
		})
	}
}

func TestWriter_LargeFrameIsNotOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := tptest.Pipe()
		a.Out().SetBuffer(1)
		c := NewConn(a, nil, Options{MaxQueued: 100})
		must(t)(c.WritePacket(background, push(0, 46)))
		ctx, cancel := context.WithCancel(background)
		large, small := make(chan error, 1), make(chan error, 1)
		go func() { _, err := c.WritePacket(ctx, push(1, 56)); large <- err }()
		synctest.Wait()
		go func() { _, err := c.WritePacket(background, push(2, 0)); small <- err }()
		synctest.Wait()
		if len(small) != 0 {
			t.Error("the small frame would fit, but came later")
		}
		cancel() // with the large one gone the small one has room
		if err := <-large; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if err := <-small; err != nil {
			t.Error(err)
		}
		c.Close()
		synctest.Wait()
	})
}

func TestWriter_PatienceOfAFlusherEndsWithItsContext(t *testing.T) {
	// The peer reads nothing. A caller whose own frame is stuck in the flush must
	// still come back: with Readiness at once, without it because a goroutine
	// flushes for callers with a context.
	for _, test := range []struct {
		name string
		wrap func(*tptest.Conn) *Conn
	}{
		{"readiness", func(nc *tptest.Conn) *Conn { return NewConn(nc, nil, Options{}) }},
		{"blocking", func(nc *tptest.Conn) *Conn { return NewConn(newGate(nc), nil, Options{}) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, _ := tptest.Pipe()
				a.Out().SetBuffer(1)
				c := test.wrap(a)
				ctx, cancel := context.WithCancel(background)
				defer cancel()
				tk := must(t)(c.WritePacket(ctx, push(1, 100)))
				short, cancel := context.WithTimeout(background, time.Second)
				defer cancel()
				if err := c.Flush(short); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("flush: %v", err)
				}
				if c.Untouched(tk) {
					t.Error("untouched while the connection is healthy")
				}
				if g, ok := c.NetConn().(*gate); ok {
					close(g.open)
				}
				c.Close()
				synctest.Wait()
			})
		})
	}
}

func TestTryWritePacket_NeverWaitsAndHasItsOwnRoom(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := tptest.Pipe()
				a.Out().SetBuffer(1)
				c := NewConn(a, path.pf, Options{MaxQueued: 5000})
				must(t)(c.WritePacket(background, push(0, 20000))) // fills the writers' room
				n := 0
				for ; ; n++ {
					if _, err := c.TryWritePacket(push(uint64(n+1), 1000)); err != nil {
						if !errors.Is(err, ErrQueueFull) {
							t.Fatal(err)
						}
						break
					}
				}
				if path.name == "framer" && n != 4 || n < 1 || n > 5 {
					t.Errorf("%d packets of 1024 bytes were accepted into 5000", n)
				}
				a.Out().SetBuffer(1 << 20)
				if err := c.Flush(background); err != nil {
					t.Fatal(err)
				}
				must(t)(c.TryWritePacket(push(uint64(n+1), 1000)))
				c.Flush(background)
				c.Close()
				if seqs := drain(t, b); len(seqs) != n+2 {
					t.Errorf("%d packets came, want %d", len(seqs), n+2)
				}
			})
		})
	}
}

func TestWriter_WriteTimeoutEndsWriting(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, _ := tptest.Pipe()
				a.Out().SetBuffer(30)
				bound := 200
				if path.name == "plain" {
					bound = packReserve + 104 // room to pack a second packet, not a third
				}
				c := NewConn(a, path.pf, Options{WriteTimeout: time.Minute, MaxQueued: bound})
				told := make(chan error, 2)
				c.OnWriteError(func(err error) {
					c.Unflushed() // no lock is held
					told <- err
				})
				start := time.Now()
				first := must(t)(c.WritePacket(background, push(1, 76)))  // 100 bytes: torn
				second := must(t)(c.WritePacket(background, push(2, 26))) // 50 bytes
				_, err := c.WritePacket(background, push(3, 150))         // waits for room
				var we *WriteError
				if !errors.As(err, &we) || !errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(err.Error(), "WriteTimeout") {
					t.Errorf("the waiting writer got %v", err)
				}
				if d := time.Since(start); d != time.Minute {
					t.Errorf("after %v", d)
				}
				synctest.Wait()
				if len(told) != 1 || <-told != err {
					t.Error("OnWriteError is called once, with the same error")
				}
				if we.Flushed != 30 || we.Lost != 120 || c.Err() != err {
					t.Errorf("flushed %d, lost %d, Err %v", we.Flushed, we.Lost, c.Err())
				}
				if frames, bytes := c.Unflushed(); frames != 2 || bytes != 120 {
					t.Errorf("unflushed: %d frames, %d bytes", frames, bytes)
				}
				if c.Untouched(first) || !c.Untouched(second) || !c.Untouched(Ticket{}) {
					t.Errorf("untouched: %v %v", c.Untouched(first), c.Untouched(second))
				}
				if _, err := c.TryWritePacket(push(4, 1)); err != c.Err() {
					t.Errorf("later write: %v", err)
				}
				if err := c.Flush(background); err != c.Err() {
					t.Errorf("later flush: %v", err)
				}
				late := make(chan error, 1)
				c.OnWriteError(func(err error) { late <- err })
				if len(late) != 1 {
					t.Error("a late OnWriteError is called at once")
				}
				c.Close()
			})
		})
	}
}

func TestUntouched_TornAtEveryByte(t *testing.T) {
	broken := errors.New("broken")
	const frames, size = 3, 30
	for _, path := range paths {
		for cut := range frames*size + 1 {
			synctest.Test(t, func(t *testing.T) {
				a, _ := tptest.Pipe()
				a.Out().FailWrite(int64(cut), broken)
				g := newGate(a)
				c := NewConn(g, path.pf, Options{})
				tickets := make([]Ticket, frames)
				for i := range frames { // the first hangs in Write, the others go together
					go func() { tickets[i], _ = c.WritePacket(background, push(uint64(i), size-24)) }()
					synctest.Wait()
				}
				close(g.open)
				err := c.Flush(background)
				synctest.Wait()
				if cut < frames*size && !errors.Is(err, broken) {
					t.Errorf("cut at %d: %v", cut, err)
				}
				for i, tk := range tickets {
					// Frame i begins at i*size. With all of them out nothing fails.
					if want := cut < frames*size && cut <= i*size; c.Untouched(tk) != want {
						t.Errorf("cut at %d: frame %d untouched %v, want %v", cut, i, !want, want)
					}
				}
				if n := int(a.Out().Written()); n != cut {
					t.Errorf("cut at %d: %d bytes went out", cut, n)
				}
				if frames, bytes := c.Unflushed(); bytes != 3*size-cut || frames != (bytes+size-1)/size {
					t.Errorf("cut at %d: %d frames, %d bytes unflushed", cut, frames, bytes)
				}
				c.Close()
			})
		}
	}
}

func TestWriter_ShortWriteWithoutErrorEndsWriting(t *testing.T) {
	a, _ := tptest.Pipe()
	a.Out().FailWrite(5, nil)
	g := newGate(a)
	close(g.open)
	c := NewConn(g, nil, Options{})
	tk, err := c.WritePacket(background, push(1, 10))
	if !errors.Is(err, io.ErrShortWrite) || c.Untouched(tk) {
		t.Errorf("got %v, untouched %v", err, c.Untouched(tk))
	}
}

func TestWriter_EncodingErrorLeavesTheConnectionHealthy(t *testing.T) {
	env := &packet.Env{Limits: packet.Limits{MaxPacket: 100}}
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			a, b := tptest.Pipe()
			c := NewConn(a, path.pf, Options{Env: env, MaxQueued: 64})
			bad := map[packet.Class]*packet.Packet{
				packet.ClassLimit:        push(1, 200),
				packet.ClassCodecUnknown: packet.NewPacket(packet.WithBodyCodec(200), packet.WithBody(1)),
				packet.ClassBody:         packet.NewPacket(packet.WithBodyCodec('j'), packet.WithBody(make(chan int))),
			}
			for range 3 { // a plain Proto's reservation must come back each time
				for class, p := range bad {
					if tk, err := c.WritePacket(background, p); packet.ClassOf(err) != class || !c.Untouched(tk) {
						t.Errorf("%s: %v", class, err)
					}
				}
			}
			must(t)(c.WritePacket(background, push(7, 10)))
			c.Flush(background)
			c.Close()
			if seqs := drain(t, b); len(seqs) != 1 || seqs[0] != 7 {
				t.Errorf("got %v", seqs)
			}
		})
	}
}

func TestWriter_FlusherIsNotKeptByOthers(t *testing.T) {
	// Each write makes room for another frame, for ever: the first caller must
	// come back all the same.
	synctest.Test(t, func(t *testing.T) {
		a, _ := tptest.Pipe()
		a.Out().SetBuffer(1 << 30)
		c := NewConn(&refill{Conn: a}, nil, Options{})
		c.NetConn().(*refill).again = func() { c.TryWritePacket(push(1, 1)) }
		must(t)(c.WritePacket(background, push(0, 1)))
		c.Close()
		synctest.Wait()
	})
}

// refill is a connection on which each write brings another packet.
type refill struct {
	*tptest.Conn
	again func()
}

func (r *refill) Write(b []byte) (int, error)    { return r.TryWrite(b) }
func (r *refill) TryWrite(b []byte) (int, error) { r.again(); return r.Conn.TryWrite(b) }
