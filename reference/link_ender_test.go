package tp

import (
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// EndLink is a failure of the connection, not the end of the session.
func TestEndLink_TheSessionRedials(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/hang", func(*[]byte) (int, *Rerror) { g.pass(); return 1, nil })
		cli, sess := r.dial(PeerConfig{RedialTimes: 1})
		defer cli.Close()
		defer close(g.open)
		inFlight := sess.AsyncPull("/hang", nil, nil, nil)
		<-g.came
		sess.(LinkEnder).EndLink(errTest)
		wantCode(t, "the call in flight", inFlight.Rerror(), CodeConnClosed)
		sess.(LinkEnder).EndLink(errTest) // there is none: nothing happens
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Errorf("after the redial: %v", rerr)
		}
	})
}

// In a hook EndLink interrupts Receive; after the hook it does nothing.
func TestEndLink_InterruptsAHandshake(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		silent, err := r.net.Listen("silent:1")
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		var pre PreSession
		wait := true
		cli := r.client(PeerConfig{}, &hooks{postDial: func(s PreSession) *Rerror {
			pre = s
			if !wait {
				return nil
			}
			time.AfterFunc(time.Second, func() { s.(LinkEnder).EndLink(errTest) })
			if err := s.Receive(packet.NewPacket()); err != nil {
				return NewRerror(CodeUnauthorized, "", err.Error())
			}
			return nil
		}})
		defer cli.Close()
		start := time.Now()
		_, rerr := cli.Dial("silent:1")
		wantCode(t, "the dial that was interrupted", rerr, CodeUnauthorized)
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %v", took)
		}
		wait = false
		sess, rerr := cli.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		pre.(LinkEnder).EndLink(errTest)
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Errorf("EndLink after the hook: %v", rerr)
		}
	})
}
