package socket

import (
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A timeout that was changed while somebody waited counts from the change, also
// for the wait that goes on after an interrupt.
func TestInterrupt_AfterSetReadTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := tptest.Pipe()
		c := NewConn(a, fast.New, Options{ReadTimeout: time.Hour})
		start := time.Now()
		end := make(chan error, 1)
		go func() {
			for c.WaitPacket() == ErrInterrupted {
			}
			end <- c.ReadPacket(new(packet.Packet))
		}()
		time.Sleep(time.Minute)
		c.SetReadTimeout(10 * time.Second)
		time.Sleep(time.Second)
		c.Interrupt()
		if err := <-end; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if d := time.Since(start); d != 70*time.Second {
			t.Errorf("ended after %v, want %v", d, 70*time.Second)
		}
		c.Close()
	})
}
