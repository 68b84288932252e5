package tp

import (
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

func TestShutdown_ClosesAllPeersGracefully(t *testing.T) {
	defer SetShutdown(0, nil, nil)
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (int, *Rerror) { g.pass(); return 1, nil })
		cli, sess := r.dial(PeerConfig{})
		slow := sess.AsyncPull("/slow", nil, nil, nil)
		<-g.came
		var mu sync.Mutex
		var order []string
		step := func(s string, err error) func() error {
			return func() error {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, s)
				return err
			}
		}
		SetShutdown(-1, step("first", nil), step("last", errTest))
		time.AfterFunc(time.Hour, func() { step("handler", nil)(); close(g.open) })
		// The client waits for its own PULL for 30 s only, then it is cut off.
		if err := Shutdown(); !errors.Is(err, errTest) {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(order, []string{"first", "handler", "last"}) {
			t.Errorf("order: %v", order)
		}
		wantCode(t, "the call", slow.Rerror(), 102)
		if cli.CountSession()+r.srv.CountSession() != 0 {
			t.Error("sessions are left")
		}
	})
}

func TestShutdown_TimesOut(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (int, *Rerror) { g.pass(); return 1, nil })
		raw := r.raw()
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/slow"))
		<-g.came
		start := time.Now()
		if err := Shutdown(time.Second); !errors.Is(err, ErrShutdownTimeout) || time.Since(start) != 15*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		if p := raw.ExpectPacket(); p.Uri() != closingUri {
			t.Errorf("got a %s of %s", TypeText(p.Ptype()), p.Uri())
		}
		close(g.open)
		raw.ExpectPacket()
		raw.ExpectEOF()
	})
}

func TestShutdown_InsideAHandler(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/shutdown", func(*packet.RawBody) (int, *Rerror) {
			if err := Shutdown(); err != nil {
				return 0, NewRerror(2000, err.Error(), "")
			}
			return 1, nil
		})
		_, sess := r.dial(PeerConfig{})
		start := time.Now()
		if rerr := sess.Pull("/shutdown", nil, nil).Rerror(); rerr != nil || time.Since(start) != 0 {
			t.Errorf("got %v after %v", rerr, time.Since(start))
		}
		synctest.Wait()
	})
}

// breakReboot makes sure that no test starts the test program again.
func breakReboot(t *testing.T) {
	name := os.Args[0]
	os.Args[0] = "/nonexistent/program"
	t.Cleanup(func() { os.Args[0] = name })
}

func TestGraceSignal_ShutsDownAndExits(t *testing.T) {
	breakReboot(t)
	var exited []int
	SetExitFunc(func(code int) { exited = append(exited, code) })
	defer SetExitFunc(nil)
	defer SetShutdown(0, nil, nil)
	for _, want := range []int{0, 1} {
		SetShutdown(0, nil, func() error {
			if want == 1 {
				return errTest
			}
			return nil
		})
		p := NewPeer(PeerConfig{})
		signals := make(chan os.Signal, 2)
		if len(graceSignals) > 2 {
			signals <- graceSignals[2] // asks for a reboot, which fails: nothing happens
		}
		signals <- os.Interrupt
		graceLoop(signals)
		if !p.isDone() {
			t.Error("the peer is not closed")
		}
	}
	if !slices.Equal(exited, []int{0, 1}) {
		t.Errorf("exits: %v", exited)
	}
}
