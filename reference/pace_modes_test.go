package tp

import (
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The option closest to a handler counts: its own, its group's, the peer's.
func TestPace_NearestOptionWins(t *testing.T) {
	quiet(t)
	fn := func(*packet.RawBody) (any, *Rerror) { return nil, nil }
	for _, tt := range []struct {
		name                 string
		peer, group, handler []Plugin
		want                 paceMode
	}{
		{"none", nil, nil, nil, paceMeasured},
		{"peer", []Plugin{Blocking()}, nil, nil, paceBlocking},
		{"group", nil, []Plugin{Blocking()}, nil, paceBlocking},
		{"handler", nil, nil, []Plugin{Inline()}, paceInline},
		{"group over peer", []Plugin{Blocking()}, []Plugin{Inline()}, nil, paceInline},
		{"handler over group", nil, []Plugin{Inline()}, []Plugin{Blocking()}, paceBlocking},
		{"handler over peer", []Plugin{Inline()}, nil, []Plugin{Blocking()}, paceBlocking},
		{"handler over both", []Plugin{Inline()}, []Plugin{Inline()}, []Plugin{Blocking()}, paceBlocking},
	} {
		p := NewPeer(PeerConfig{}, tt.peer...)
		group := p.PullRouter.Group("/g", tt.group...)
		group.RegFunc("/h", fn, tt.handler...)
		h, _ := p.PullRouter.lookup("/g/h")
		if h == nil || h.pace.mode != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, h.pace.mode, tt.want)
		}
		p.Close()
	}
}

// A slow route has goroutines; when it has become short it comes back.
func TestPace_SlowRouteGoesAndComesBack(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		var nap time.Duration
		r.srv.PullRouter.RegFunc("/nap", func(*int) (any, *Rerror) { time.Sleep(nap); return nil, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		h, _ := r.srv.PullRouter.lookup("/nap")
		calls := func(d time.Duration, short bool) {
			nap = d
			for i := range 40 * paceEvery {
				sess.Pull("/nap", 1, nil)
				if h.pace.short() == short && i > paceEvery {
					return
				}
			}
			t.Errorf("with calls of %v it is short: %v, with a mean of %v", d, !short, time.Duration(h.pace.mean.Load()))
		}
		calls(time.Microsecond, true)
		calls(time.Millisecond, false)
		calls(time.Microsecond, true)
		calls(10*time.Millisecond, false) // overstays
		calls(time.Microsecond, true)
	})
}

// A handler that panics or ends its goroutine while it has the token leaves the
// session as it was.
func TestPace_InlineHandlersThatDoNotReturn(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/exit", func(*packet.RawBody) (any, *Rerror) { exitGoroutine(); return nil, nil }, Inline())
		r.srv.PushRouter.RegFunc("/exit", func(*packet.RawBody) { exitGoroutine() }, Inline())
		r.srv.PushRouter.RegFunc("/panic", func(*packet.RawBody) { panic("asked to") }, Inline())
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		start := time.Now()
		for range 10 {
			wantCode(t, "exit", sess.Pull("/exit", nil, nil).Rerror(), CodeInternal)
			sess.Push("/exit", nil)
			wantCode(t, "panic", sess.Pull("/panic", nil, nil).Rerror(), CodeInternal)
			sess.Push("/panic", nil)
			wantGood(t, sess)
		}
		wantWithin(t, "all", start, 0)
	})
}

// The modes hold wherever handlers are registered.
func TestPace_OfControllersAndUnknown(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		g := newGate()
		r.srv.PullRouter.Reg(&paceCtrl{g: g}, Blocking())
		r.srv.PushRouter.SetUnknown(func(UnknownPushCtx) { g.pass() }, Blocking())
		r.srv.PullRouter.SetUnknown(func(UnknownPullCtx) (any, *Rerror) { g.pass(); return nil, nil }, Blocking())
		raw := r.raw()
		defer raw.Close()
		defer close(g.open)
		start := time.Now()
		for seq := range 30 {
			raw.SendPacket(packet.WithSeq(uint64(seq)), packet.WithPtype(packet.TypePull), packet.WithUri("/pace_ctrl/wait"))
			raw.SendPacket(packet.WithSeq(uint64(seq)), packet.WithPtype(packet.TypePush), packet.WithUri("/nobody/knows"))
			raw.SendPacket(packet.WithSeq(uint64(seq+100)), packet.WithPtype(packet.TypePull), packet.WithUri("/nobody/knows"))
		}
		for range 90 {
			<-g.came
		}
		raw.SendPacket(packet.WithSeq(1000), packet.WithPtype(packet.TypePull), packet.WithUri("/echo"))
		if in := raw.ExpectPacket(); in.Seq() != 1000 {
			t.Errorf("the reply is to %d", in.Seq())
		}
		wantWithin(t, "a call behind 90 that block, of whom it is known", start, 0)
	})
}

type paceCtrl struct {
	PullCtx
	g *gate
}

func (c *paceCtrl) Wait(*packet.RawBody) (any, *Rerror) { c.g.pass(); return nil, nil }
