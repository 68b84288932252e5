package socket

import (
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// HoldPacket does not wait for the wire, however much is held, on a connection
// whose writes may block.
func TestHoldPacket_NeverWaitsForTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := tptest.Pipe()
		defer b.Close()
		g := newGate(a)
		c := NewConn(g, fast.New, Options{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for i := range 20 {
				must(t)(c.HoldPacket(push(uint64(i), 10<<10)))
			}
		}()
		synctest.Wait()
		select {
		case <-done:
		default:
			t.Errorf("HoldPacket waits for a write")
		}
		c.Close()
		close(g.open)
		<-done
	})
}
