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
