package tp

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// secondHeader holds the reader before its second packet.
type secondHeader struct {
	g    *gate
	came int
}

func (*secondHeader) Name() string { return "secondHeader" }

func (h *secondHeader) PreReadHeader(BackgroundCtx) *Rerror {
	if h.came++; h.came == 2 {
		h.g.pass()
	}
	return nil
}

// A hook that holds the reader does not hold the replies of what was read before.
func TestReading_PreReadHeaderHoldsNoReply(t *testing.T) {
	quiet(t)
	h := new(secondHeader)
	inBubble(t, PeerConfig{}, func(r *rig) {
		h.g = newGate()
		raw := r.raw()
		defer raw.Close()
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/echo"))
		synctest.Wait()
		if n := raw.Conn().(*tptest.Conn).In().Unread(); n == 0 {
			t.Error("no reply while the hook waits")
		}
		close(h.g.open)
		raw.ExpectPacket()
	}, h)
}

// However many handlers of one batch overstay, one after the other: a reply held
// back before them waits for the first of them only.
func TestReading_HeldReplyWaitsForOneHandlerOnly(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		var batch []byte
		add := func(seq int, uri string) {
			batch = append(batch, tptest.Frame(t, packet.WithSeq(uint64(seq)), packet.WithPtype(packet.TypePull), packet.WithUri(uri))...)
		}
		add(0, "/echo")
		for i := range 20 {
			uri := fmt.Sprintf("/block%d", i)
			r.srv.PullRouter.RegFunc(uri, func(*packet.RawBody) (any, *Rerror) { g.pass(); return nil, nil })
			add(i+1, uri)
		}
		raw := r.raw()
		defer raw.Close()
		synctest.Wait()
		start := time.Now()
		raw.Send(batch)
		if in := raw.ExpectPacket(); in.Seq() != 0 {
			t.Errorf("the reply to %d came first", in.Seq())
		}
		if d := time.Since(start); d > defaultMaxInlineTime {
			t.Errorf("the reply came after %v, the bound is %v", d, defaultMaxInlineTime)
		}
		close(g.open)
	})
}

// What the reader has answered before a packet that ends the session leaves
// before it ends.
func TestReading_RepliesLeaveBeforeABadFrame(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		for range 10 {
			raw := r.raw()
			var batch []byte
			for seq := range uint64(5) {
				batch = append(batch, r.addFrame(seq)...)
			}
			raw.Send(append(batch, tptest.Frame(t, packet.WithPtype(9))...))
			for range 5 {
				raw.ExpectPacket()
			}
			raw.ExpectEnd()
			raw.Close()
		}
	})
}

// countHeaders counts PreReadHeader.
type countHeaders struct{ n int }

func (*countHeaders) Name() string { return "count-headers" }

func (c *countHeaders) PreReadHeader(BackgroundCtx) *Rerror { c.n++; return nil }

// PreReadHeader runs once for each packet, before it, though a caller waits that
// could read, or the wait for the packet changes hands; and once for the packet
// that does not come.
func TestReading_PreReadHeaderOncePerPacket(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		hook := new(countHeaders)
		cli, sess := r.dial(PeerConfig{ParkAfter: time.Second}, hook)
		const n = 50
		for i := range n {
			if i%10 == 0 {
				wantParked(t, cli, 1)
			}
			wantGood(t, sess)
		}
		synctest.Wait()
		if hook.n != n+1 {
			t.Errorf("it ran %d times for %d packets", hook.n, n)
		}
		cli.Close()
	})
}
