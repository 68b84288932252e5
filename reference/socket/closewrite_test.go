package socket

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// What was accepted before CloseWrite leaves, what comes after is refused and
// provably not sent, and reading goes on.
func TestCloseWrite_FlushesThenRefuses(t *testing.T) {
	for _, path := range paths {
		t.Run(path.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := tptest.Pipe()
				c := NewConn(a, path.pf, Options{MaxQueued: 10 << 10})
				a.Out().SetBuffer(100)
				a.Out().Stall()
				for i := range 3 {
					must(t)(c.WritePacket(background, push(uint64(i), 2000)))
				}
				waiting := make(chan error, 1)
				go func() { // there is no room for it, and will be none
					_, err := c.WritePacket(background, push(9, 9<<10))
					waiting <- err
				}()
				synctest.Wait()
				if path.name == "plain" { // a plain Proto packs without waiting
					if err := <-waiting; err != nil {
						t.Error(err)
					}
				}
				closed := make(chan error, 1)
				go func() { closed <- c.CloseWrite(background) }()
				synctest.Wait()
				tk, err := c.WritePacket(background, push(10, 1))
				if !errors.Is(err, ErrWriteClosed) || !errors.Is(err, ErrConnClosed) || !c.Untouched(tk) {
					t.Errorf("after CloseWrite: %v, untouched %t", err, c.Untouched(tk))
				}
				if path.name == "framer" {
					if err := <-waiting; !errors.Is(err, ErrWriteClosed) {
						t.Errorf("who waited for room: %v", err)
					}
				}
				a.Out().Resume()
				want := []uint64{0, 1, 2}
				if path.name == "plain" {
					want = append(want, 9)
				}
				if seqs := drain(t, b); !slices.Equal(seqs, want) {
					t.Errorf("the other side read %v, want %v", seqs, want)
				}
				if err := <-closed; err != nil {
					t.Error(err)
				}
				b.Write(frameOf(t, 5, 5))
				var p packet.Packet
				if err := c.ReadPacket(&p); err != nil || p.Seq() != 5 {
					t.Errorf("reading after CloseWrite: %v", err)
				}
				b.Close()
				if err := c.ReadPacket(&p); err != io.EOF {
					t.Errorf("the end: %v", err)
				}
				c.Close()
			})
		})
	}
}

func TestCloseWrite_GoesByItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		c := NewConn(a, nil, Options{})
		a.Out().SetBuffer(100)
		a.Out().Stall()
		must(t)(c.WritePacket(background, push(0, 2000)))
		ctx, cancel := context.WithTimeout(background, time.Second)
		defer cancel()
		if err := c.CloseWrite(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		c.Close()
		if err := c.CloseWrite(background); !errors.Is(err, ErrConnClosed) {
			t.Errorf("after Close: %v", err)
		}
		b.Close()
	})
}

// bare is a net.Conn that cannot be closed by half.
type bare struct{ net.Conn }

func TestCloseWrite_Unsupported(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	c := NewConn(bare{a}, nil, Options{})
	defer c.Close()
	if err := c.CloseWrite(background); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	if _, err := c.WritePacket(background, push(0, 0)); !errors.Is(err, ErrWriteClosed) {
		t.Errorf("then %v", err)
	}
}
