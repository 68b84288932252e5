package tp

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// blockRoutes serves /block0, /block1, ... which wait at the gate.
func (r *rig) blockRoutes(n int) *gate {
	g := newGate()
	for i := range n {
		r.srv.PullRouter.RegFunc(fmt.Sprintf("/block%d", i), func(*packet.RawBody) (any, *Rerror) { g.pass(); return nil, nil })
	}
	return g
}

// wantWithin fails the test when more time has passed since start.
func wantWithin(t *testing.T, what string, start time.Time, most time.Duration) {
	t.Helper()
	if took := time.Since(start); took > most {
		t.Errorf("%s: it took %v, allowed are %v", what, took, most)
	}
}

// A call behind a handler that blocks is answered within the bound, whatever it is.
func TestWatch_CallBehindABlockedHandler(t *testing.T) {
	quiet(t)
	for _, bound := range []time.Duration{-1, 0, time.Nanosecond, 30 * time.Microsecond, time.Second} {
		m := engineMode{"", bound}
		synctest.Test(t, func(t *testing.T) {
			inBubbleOf(t, m, PeerConfig{}, func(r *rig) {
				g := r.blockRoutes(1)
				defer close(g.open)
				raw := r.raw()
				defer raw.Close()
				start := time.Now()
				raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/block0"))
				<-g.came
				raw.SendPacket(packet.WithSeq(1), packet.WithPtype(packet.TypePull), packet.WithUri("/echo"))
				if in := raw.ExpectPacket(); in.Seq() != 1 {
					t.Errorf("the reply to %d came first", in.Seq())
				}
				wantWithin(t, fmt.Sprint("bound ", bound), start, max(m.late(), 2*time.Microsecond))
				start = time.Now()
				for seq := range 1000 { // the route is known to be slow now
					raw.SendPacket(packet.WithSeq(uint64(seq+2)), packet.WithPtype(packet.TypePull), packet.WithUri("/block0"))
				}
				raw.SendPacket(packet.WithSeq(2000), packet.WithPtype(packet.TypePull), packet.WithUri("/echo"))
				raw.ExpectPacket()
				wantWithin(t, fmt.Sprint("behind 1000 that block, bound ", bound), start, 0)
			})
		})
	}
}

// A hook that reads headers waits: calls behind many that wait in it are held up
// by one of them, not by each.
func TestWatch_BlockedHeaderHooksDoNotAddUp(t *testing.T) {
	quiet(t)
	g := new(gate)
	hook := &everyHook{name: "waits", do: func(hook string, ctx any) *Rerror {
		if c, ok := ctx.(ReadCtx); ok && hook == "PostReadPullHeader" && c.Uri() == "/null" {
			<-g.open
		}
		return nil
	}}
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		g.open = make(chan struct{})
		defer close(g.open)
		raw := r.raw()
		defer raw.Close()
		start := time.Now()
		for seq := range 20 {
			raw.SendPacket(packet.WithSeq(uint64(seq)), packet.WithPtype(packet.TypePull), packet.WithUri("/null"))
		}
		raw.SendPacket(packet.WithSeq(100), packet.WithPtype(packet.TypePull), packet.WithUri("/echo"))
		raw.ExpectPacket()
		wantWithin(t, "the call behind 20", start, r.mode.late())
	}, hook)
}

// What comes unasked for while nobody reads is seen within the bound; a second
// one at once, for somebody reads then.
func TestWatch_UnsolicitedWhileTheTokenIsFree(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		noted := make(chan int, 10)
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		cli.PushRouter.RegFunc("/note", func(n *int) { noted <- *n })
		cli.PullRouter.RegFunc("/mine", func(n *int) (int, *Rerror) { return *n, nil })
		back := r.accepted()
		for i := range 3 * servingFor { // replies enough make it a link of calls alone again
			if i%servingFor == 0 {
				for range servingFor {
					sess.Pull("/add", [2]int{1, 2}, nil)
				}
				if r.mode.inline == 0 {
					wantFree(t, sess)
				}
			}
			start := time.Now()
			switch i % 2 {
			case 0:
				back.Push("/note", i)
				<-noted
			default:
				if got, rerr := Pull[int, int](back, "/mine", i); rerr != nil || got != i {
					t.Errorf("got %d, %v", got, rerr)
				}
			}
			most := time.Duration(0)
			if i%servingFor == 0 {
				most = r.mode.late()
			}
			wantWithin(t, fmt.Sprint("packet ", i), start, most)
		}
	})
}

// A call that its handler makes to who called is not held up by the handler.
func TestWatch_CallBackFromAHandler(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		r.srv.PullRouter.RegFunc("/back", func(ctx PullCtx, n *int) (int, *Rerror) {
			got, rerr := Pull[int, int](ctx.Session(), "/mine", *n)
			return got, rerr
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		cli.PullRouter.RegFunc("/mine", func(n *int) (int, *Rerror) { return *n + 1, nil })
		start := time.Now()
		for i := range 100 {
			if got, rerr := Pull[int, int](sess, "/back", i); rerr != nil || got != i+1 {
				t.Errorf("got %d, %v", got, rerr)
			}
		}
		wantWithin(t, "100 calls", start, 0)
	})
}

// The small PULLs of one batch are answered in one write.
func TestReading_BatchIsAnsweredInOneWrite(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		const n = 20
		var batch []byte
		for i := range n {
			batch = append(batch, r.addFrame(uint64(i))...)
		}
		raw := r.raw()
		defer raw.Close()
		out := (<-r.ends)[1].Out()
		for range 3 {
			synctest.Wait()
			before := out.Writes()
			raw.Send(batch)
			for i := range n {
				if in := raw.ExpectPacket(); in.Seq() != uint64(i) {
					t.Errorf("reply %d is to %d", i, in.Seq())
				}
			}
			if w := out.Writes() - before; w != 1 {
				t.Errorf("%d replies took %d writes", n, w)
			}
		}
	})
}

// Where calls are far apart the goroutine that reads between them stays for the
// next ones: to end it with each reply and to start it with each gap would cost
// more than a caller that reads saves. Where they are close together it goes, and
// one gap among them has it back for one reply.
func TestWatch_ReaderStaysWhereCallsAreFarApart(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		l := sess.(*session).cur.Load()
		gap := func() { time.Sleep(4 * cli.cfg.MaxInlineTime) }
		call := func() {
			if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
				t.Fatal(rerr)
			}
			synctest.Wait()
		}
		call() // the reader that was there from the beginning goes
		changed := 0
		for range 4 * servingFor {
			gap()
			before := l.token.load()
			call()
			if l.token.load() != before {
				changed++
			}
		}
		if changed > 12 {
			t.Errorf("%d calls far apart: %d readers", 4*servingFor, changed)
		}
		for range servingFor {
			call() // as many as a reader stays for
		}
		wantFree(t, sess)
		for range 10 {
			call() // they read themselves
		}
		gap()
		if now := l.token.load(); !now.is(tokenHeld) {
			t.Errorf("nobody reads in the gap: state %d", now)
		}
		call()
		wantFree(t, sess)
	})
}

// Who calls while a goroutine is on its way that would read reads itself, and the
// goroutine has come for nothing; where nobody calls it reads.
func TestWatch_OfferedTokenIsACallersToo(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		noted := make(chan int)
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		cli.PushRouter.RegFunc("/note", func(n *int) { noted <- *n })
		back := r.accepted()
		l := sess.(*session).cur.Load()
		offer := func() tokenState {
			wantFree(t, sess)
			free := l.token.load()
			if !l.token.change(free, free.after(tokenOffered)) {
				t.Fatal("the token has changed meanwhile")
			}
			return free.after(tokenOffered)
		}
		sess.Pull("/echo", nil, nil) // the reader that was there from the beginning goes
		first := offer()
		for range 2 {
			if l.overdue() {
				t.Error("the watch looks again at a token that was offered")
			}
		}
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Error(rerr)
		}
		if l.accept(first) {
			t.Error("the goroutine that comes too late reads")
		}
		l.sess.startFor(l, offer())
		back.Push("/note", 7)
		if n := <-noted; n != 7 {
			t.Errorf("noted %d", n)
		}
	})
}

// The watch ends with its peer, whatever it looks at then.
func TestWatch_EndsWithThePeer(t *testing.T) {
	quiet(t)
	for _, end := range []func(*Peer) error{(*Peer).Close, func(p *Peer) error { return p.Shutdown(context.Background()) }} {
		watchEnds(t, end)
	}
}

func watchEnds(t *testing.T, end func(*Peer) error) {
	t.Helper()
	for _, bound := range []time.Duration{0, time.Hour} {
		m := engineMode{"", bound}
		synctest.Test(t, func(t *testing.T) {
			inBubbleOf(t, m, PeerConfig{}, func(r *rig) {
				g := r.blockRoutes(1)
				cli, sess := r.dial(PeerConfig{CloseTimeout: time.Second})
				sess.Pull("/echo", nil, nil)
				cmd := sess.AsyncPull("/block0", nil, nil, nil)
				<-g.came
				start := time.Now()
				if err := end(cli); err != nil {
					t.Error(err)
				}
				wantCode(t, "the call", cmd.Rerror(), CodeConnClosed)
				wantWithin(t, "the end of the caller", start, time.Second+2*closingWait)
				cli.watch.mu.Lock()
				if n := len(cli.watch.links); n != 0 || cli.watch.stop != nil {
					t.Errorf("bound %v: the watch looks at %d links", bound, n)
				}
				cli.watch.mu.Unlock()
				close(g.open)
			})
		})
	}
}

// Handlers of which nothing is known and that block, one after the other in one
// batch, hold up what is behind them for one bound, not for one each.
func TestWatch_UnknownHandlersDoNotAddUp(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		const n = 20
		g := r.blockRoutes(n)
		defer close(g.open)
		raw := r.raw()
		defer raw.Close()
		var batch []byte
		for i := range n {
			batch = append(batch, tptest.Frame(t, packet.WithSeq(uint64(i)), packet.WithPtype(packet.TypePull), packet.WithUri(fmt.Sprint("/block", i)))...)
		}
		start := time.Now()
		raw.Send(append(batch, r.addFrame(1000)...))
		if in := raw.ExpectPacket(); in.Seq() != 1000 {
			t.Errorf("the reply is to %d", in.Seq())
		}
		wantWithin(t, "the call behind 20", start, r.mode.late())
	})
}
