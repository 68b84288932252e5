package tp

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// closeServer closes the rig's server; the channel is closed when that is done.
func (r *rig) closeServer() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := r.srv.Close(); err != nil {
			r.t.Error(err)
		}
	}()
	return done
}

func expectAnnouncement(t *testing.T, raw *tptest.RawPeer) {
	t.Helper()
	if p := raw.ExpectPacket(); p.Ptype() != packet.TypePush || p.Uri() != closingUri {
		t.Fatalf("got a %s of %s, want the announcement", TypeText(p.Ptype()), p.Uri())
	}
}

// What was on its way when the server began to close is served, and the end of
// the client's stream ends the session at once.
func TestClosing_ServesWhatStillComes(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		raw := r.raw()
		synctest.Wait()
		start := time.Now()
		done := r.closeServer()
		expectAnnouncement(t, raw)
		for range 3 {
			time.Sleep(closingWait * 9 / 10)
			raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/null"))
			if p := raw.ExpectPacket(); p.Ptype() != packet.TypeReply || NewRerrorFromMeta(p.Meta()) != nil {
				t.Errorf("got %s", p)
			}
		}
		raw.CloseWrite()
		raw.ExpectEOF()
		<-done
		if took := time.Since(start); took != 3*closingWait*9/10 {
			t.Errorf("Close took %v", took)
		}
	})
}

// One that says nothing is waited for, but not for long.
func TestClosing_SilentPeer(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		raw := r.raw()
		synctest.Wait()
		start := time.Now()
		done := r.closeServer()
		expectAnnouncement(t, raw)
		raw.ExpectEOF()
		<-done
		if took := time.Since(start); took != 2*closingWait {
			t.Errorf("Close took %v", took)
		}
	})
}

// One that calls without end is served until CloseTimeout has passed.
func TestClosing_EndsThoughCallsGoOn(t *testing.T) {
	inBubble(t, PeerConfig{CloseTimeout: 5 * time.Second}, func(r *rig) {
		raw := r.raw()
		synctest.Wait()
		start := time.Now()
		done := r.closeServer()
		expectAnnouncement(t, raw)
		for range 9 {
			raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/null"))
			if p := raw.ExpectPacket(); NewRerrorFromMeta(p.Meta()) != nil {
				t.Errorf("got %s", p)
			}
			time.Sleep(600 * time.Millisecond)
		}
		raw.ExpectEOF()
		<-done
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("Close took %v", took)
		}
	})
}

// A client that redials goes to the next server with new calls at once, while
// the old one still answers the old ones: nothing is lost.
func TestClosing_ClientGoesOnElsewhere(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (string, *Rerror) { g.pass(); return "old", nil })
		cli, sess := r.dial(PeerConfig{RedialTimes: -1})
		defer cli.Close()
		var got string
		slow := sess.AsyncPull("/slow", nil, &got, nil)
		<-g.came
		done := r.closeServer()
		synctest.Wait()
		next := NewPeer(PeerConfig{})
		defer next.Close()
		next.PullRouter.RegFunc("/where", func(*packet.RawBody) (string, *Rerror) { return "new", nil })
		lis, served := r.listen(), make(chan error, 1)
		go func() { served <- next.ServeListener(lis) }()
		for range 100 {
			var where string
			if rerr := sess.Pull("/where", nil, &where).Rerror(); rerr != nil || where != "new" {
				t.Fatalf("got %q, %v", where, rerr)
			}
		}
		time.Sleep(time.Hour)
		close(g.open)
		if rerr := slow.Rerror(); rerr != nil || got != "old" {
			t.Errorf("the old call: %q, %v", got, rerr)
		}
		<-done
		if n := cli.Stats().Redials; n != 1 {
			t.Errorf("%d redials", n)
		}
	})
}

// Close of a session that has left a link does not wait for its calls for ever.
func TestClosing_CloseAfterLeaving(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (string, *Rerror) { g.pass(); return "old", nil })
		for _, redials := range []int{0, -1} {
			cli, sess := r.dial(PeerConfig{RedialTimes: redials, CloseTimeout: 5 * time.Second})
			slow := sess.AsyncPull("/slow", nil, nil, nil)
			<-g.came
			synctest.Wait()
			r.srv.RangeSession(func(s Session) bool { s.(*session).beginClose(errClosedHere); return true })
			synctest.Wait()
			start := time.Now()
			sess.Close()
			if took := time.Since(start); took != 5*time.Second {
				t.Errorf("redials %d: Close took %v", redials, took)
			}
			wantCode(t, "the call", slow.Rerror(), 102)
			cli.Close()
		}
		close(g.open)
	})
}

// The other side may announce its end, too: what it has sent is answered, then
// this side ends its stream.
func TestClosing_AnnouncedByTheDialer(t *testing.T) {
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (string, *Rerror) { g.pass(); return "done", nil })
		raw := r.raw()
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/slow"))
		raw.SendPacket(packet.WithPtype(packet.TypePush), packet.WithUri(closingUri))
		<-g.came
		r.mode.settle()
		if n := r.srv.Stats().PushesDropped; n != 0 {
			t.Errorf("%d pushes dropped", n)
		}
		r.srv.RangeSession(func(s Session) bool {
			wantCode(t, "a new call", s.Pull("/x", nil, nil).Rerror(), 102)
			return true
		})
		raw.SendPacket(packet.WithSeq(1), packet.WithPtype(packet.TypePull), packet.WithUri("/null"))
		raw.ExpectPacket() // late, but served
		close(g.open)
		raw.ExpectPacket()
		raw.ExpectEOF()
	})
}

// Nothing is announced to peers of Teleport v3 where the bytes must be theirs.
func TestClosing_V3CompatSaysNothing(t *testing.T) {
	inBubble(t, PeerConfig{V3Compat: true}, func(r *rig) {
		raw := r.raw()
		synctest.Wait()
		done := r.closeServer()
		raw.ExpectEOF()
		<-done
	})
}

// A connection that was accepted when the peer began to close is served.
func TestClosing_AcceptedAtTheLastMoment(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		accepting, accepted := make(chan struct{}), make(chan struct{})
		p := NewPeer(PeerConfig{})
		p.PullRouter.RegFunc("/x", func(*packet.RawBody) (int, *Rerror) { return 1, nil })
		lis, err := r.net.Listen("late:1")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() {
			served <- p.ServeListener(&lateListener{Listener: lis, accepting: accepting, accepted: accepted})
		}()
		nc, err := r.net.Dial(context.Background(), "late:1")
		if err != nil {
			t.Fatal(err)
		}
		raw := tptest.NewRawPeer(r.t, nc)
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/x"))
		<-accepting
		done := make(chan error, 1)
		go func() { done <- p.Close() }()
		synctest.Wait()
		close(accepted)
		replies := 0
		for range 2 { // the announcement and the REPLY, in any order
			if raw.ExpectPacket().Ptype() == packet.TypeReply {
				replies++
			}
		}
		nc.CloseWrite()
		raw.ExpectEOF()
		if err := <-done; err != nil || replies != 1 {
			t.Errorf("Close: %v; %d replies", err, replies)
		}
		if err := <-served; !errors.Is(err, ErrListenClosed) {
			t.Error(err)
		}
	})
}
