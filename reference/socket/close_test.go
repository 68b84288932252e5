package socket

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestClose_WakesEverybody(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := tptest.Pipe()
				a.Out().SetBuffer(1)
				c := NewConn(a, path.pf, Options{MaxQueued: 100})
				c.OnWriteError(func(err error) { t.Errorf("Close is no write error, got %v", err) })
				stuck := must(t)(c.WritePacket(background, push(1, 50)))
				queued := must(t)(c.TryWritePacket(push(2, 50)))
				results := make(chan error, 3)
				go func() { _, err := c.WritePacket(background, push(3, 50)); results <- err }()
				go func() { results <- c.Flush(background) }()
				go func() { results <- c.ReadPacket(new(packet.Packet)) }()
				synctest.Wait()
				if err := c.Close(); err != nil {
					t.Error(err)
				}
				for range 3 {
					if err := <-results; !errors.Is(err, ErrConnClosed) {
						t.Errorf("got %v", err)
					}
				}
				synctest.Wait()
				if c.Close() != nil {
					t.Error("Close is idempotent")
				}
				if c.Untouched(stuck) {
					t.Error("a byte of the stuck frame has left")
				}
				if path.name == "framer" && !c.Untouched(queued) {
					t.Error("nothing of the queued frame has left")
				}
				if frames, _ := c.Unflushed(); frames != 2 {
					t.Errorf("%d frames unflushed", frames)
				}
				if _, err := c.WritePacket(background, push(4, 1)); !errors.Is(err, ErrConnClosed) {
					t.Errorf("write after Close: %v", err)
				}
				if err := c.ReadPacket(new(packet.Packet)); !errors.Is(err, ErrConnClosed) {
					t.Errorf("read after Close: %v", err)
				}
				b.Close()
			})
		})
	}
}

func TestConn_NoLockAcrossASystemCall(t *testing.T) {
	// A connection that hangs in Write: everything else must still answer.
	synctest.Test(t, func(t *testing.T) {
		a, _ := tptest.Pipe()
		g := newGate(a)
		c := NewConn(g, nil, Options{})
		hung := make(chan error, 1)
		var inWrite Ticket
		go func() { var err error; inWrite, err = c.WritePacket(background, push(1, 1)); hung <- err }()
		synctest.Wait()
		queued := must(t)(c.WritePacket(background, push(2, 1)))
		must(t)(c.TryWritePacket(push(3, 1)))
		if frames, _ := c.Unflushed(); frames != 3 || c.Err() != nil {
			t.Errorf("%d frames, %v", frames, c.Err())
		}
		c.Close()
		if c.Err() != ErrConnClosed {
			t.Errorf("Err %v", c.Err())
		}
		// Nobody knows yet what the write under way has sent.
		if c.Untouched(Ticket{0, queued.start}) || !c.Untouched(queued) {
			t.Error("a frame in a write counts as left, one in the queue does not")
		}
		close(g.open)
		if err := <-hung; err != ErrConnClosed {
			t.Errorf("got %v", err)
		}
		if !c.Untouched(inWrite) {
			t.Error("the write has sent nothing, and that is known now")
		}
	})
}

func TestConn_ClosesOverTCPWhileTheKernelIsFull(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			tptest.CheckLeaks(t)
			client, _ := tcpPair(t)
			c := NewConn(client, path.pf, Options{MaxQueued: 1 << 20})
			var wg sync.WaitGroup
			var full atomic.Int32
			for range 4 {
				wg.Go(func() {
					for {
						if _, err := c.WritePacket(background, push(1, 64<<10)); err != nil {
							if !errors.Is(err, ErrConnClosed) {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			wg.Go(func() {
				for { // until nobody takes anything any more
					if _, err := c.TryWritePacket(push(2, 32<<10)); err == ErrQueueFull {
						if full.Add(1) == 3 {
							c.Close()
							return
						}
					}
				}
			})
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := c.ReadPacket(new(packet.Packet)); !errors.Is(err, ErrConnClosed) {
					t.Error(err)
				}
			}()
			wg.Wait()
		})
	}
}

func TestConn_FloodFromBothSidesNeverBlocksAReader(t *testing.T) {
	// Both readers answer each packet with TryWritePacket, and nobody reads fast:
	// no reader may ever wait for the wire.
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		a.Out().SetBuffer(100)
		b.Out().SetBuffer(100)
		var ended sync.WaitGroup
		for _, nc := range []*tptest.Conn{a, b} {
			c := NewConn(nc, nil, Options{MaxQueued: 2000, WriteTimeout: time.Hour})
			ended.Go(func() {
				for i := range 1000 {
					if _, err := c.WritePacket(background, push(uint64(i), 100)); err != nil {
						return
					}
				}
			})
			ended.Go(func() {
				for {
					if err := c.ReadPacket(new(packet.Packet)); err != nil {
						return
					}
					if _, err := c.TryWritePacket(push(0, 100)); err == ErrQueueFull {
						c.Close() // what a session does
						return
					}
				}
			})
		}
		start := time.Now()
		ended.Wait()
		if d := time.Since(start); d != 0 {
			t.Errorf("somebody waited for %v", d)
		}
		a.Close()
		b.Close()
		synctest.Wait()
	})
}
