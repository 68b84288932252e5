package tp

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// bomb is the settings of a packet of n zeros that is small on the wire.
func bomb(n int) (packet.RawBody, []packet.PacketSetting) {
	return make(packet.RawBody, n), []packet.PacketSetting{packet.WithBodyCodec('s'), packet.WithXferPipe('g')}
}

// Handlers that run hold their packets, and gzip makes large ones of nothing:
// the bytes are bounded, not only the number.
//
// req: TP-LIM-014
func TestMaxInflightBytes_BoundsWhatHandlersHold(t *testing.T) {
	quiet(t)
	const size, max = 256 << 10, 1<<20 + 100
	inBubble(t, PeerConfig{MaxInflightBytes: max}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/block", func(ctx PullCtx, b *packet.RawBody) (int, *Rerror) {
			g.pass()
			ctx.SetBodyCodec('j')
			return len(*b), nil
		})
		r.srv.PushRouter.RegFunc("/block", func(*packet.RawBody) {})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		client := (<-r.ends)[0]
		body, set := bomb(size)
		var held []*PullCmd
		for range 4 {
			held = append(held, sess.AsyncPull("/block", body, new(int), nil, set...))
			<-g.came
		}
		before := heapInUse()
		rest := max - 4*(size+len("/block"))
		if rerr := sess.Push("/block", make(packet.RawBody, rest-len("/block")), set...); rerr != nil {
			t.Error(rerr)
		}
		synctest.Wait()
		if n := r.srv.Stats().PushesDropped; n != 0 {
			t.Errorf("%d pushes were dropped that just fit", n)
		}
		for range 60 {
			wantCode(t, "a PULL too much", sess.Pull("/block", body, nil, set...).Rerror(), 503)
		}
		for range 3 {
			sess.Push("/block", body, set...)
		}
		sess.Push("/block", nil, packet.WithAddMeta("k", strings.Repeat("v", rest))) // metadata are memory, too
		synctest.Wait()
		if n := r.srv.Stats().PushesDropped; n != 4 {
			t.Errorf("%d pushes were dropped, want 4", n)
		}
		if n := r.srv.Stats().PullsRefused; n != 60 {
			t.Errorf("%d pulls were refused, want 60", n)
		}
		if grown := int64(heapInUse()) - int64(before); grown > 20*size { // the pools of gzip are some of it
			t.Errorf("refused packets are kept: %d bytes", grown)
		}
		r.srv.RangeSession(func(s Session) bool {
			if st := s.Stats(); st.HandlerBytes != 4*(size+6) || st.Handlers != 4 || st.MaxInflightBytes != max {
				t.Errorf("Stats: %d bytes of %d in %d handlers", st.HandlerBytes, st.MaxInflightBytes, st.Handlers)
			}
			return true
		})
		if sent := client.Out().Written(); sent > 30<<10 {
			t.Errorf("%d bytes on the wire: these were no bombs", sent)
		}
		close(g.open)
		for _, cmd := range held {
			if n, rerr := cmd.Result(); rerr != nil || *n.(*int) != size {
				t.Errorf("got %v", rerr)
			}
		}
		if rerr := sess.Pull("/block", body, nil, set...).Rerror(); rerr != nil {
			t.Errorf("what handlers held is not given back: %v", rerr)
		}
		r.srv.RangeSession(func(s Session) bool {
			synctest.Wait()
			if n := s.Stats().HandlerBytes; n != 0 {
				t.Errorf("%d bytes are held by no handler", n)
			}
			return true
		})
	})
}

// One packet is always let in, and small ones behind it are not.
func TestMaxInflightBytes_LetsOnePacketIn(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{MaxInflightBytes: 1 << 10}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/block", func(*packet.RawBody) (any, *Rerror) { g.pass(); return nil, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		body, set := bomb(512 << 10)
		cmd := sess.AsyncPull("/block", body, nil, nil, set...)
		<-g.came
		wantCode(t, "one more", sess.Pull("/block", nil, nil).Rerror(), 503)
		close(g.open)
		if rerr := cmd.Rerror(); rerr != nil {
			t.Error(rerr)
		}
	})
	if _, err := TryNewPeer(PeerConfig{MaxInflightBytes: -1}); err == nil {
		t.Error("a negative bound is taken")
	}
}
