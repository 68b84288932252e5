package tp

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A redialed session keeps its id, its data and its counters; the call in
// flight ends at once with 102 (bug 21).
func TestRedial_KeepsIdDataAndSeq(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/hang", func(*packet.RawBody) (int, *Rerror) { g.pass(); return 1, nil })
		dials := 0
		cli, sess := r.dial(PeerConfig{RedialTimes: 3}, &hooks{postDial: func(PreSession) *Rerror { dials++; return nil }})
		defer cli.Close()
		sess.Public().Store("k", "v")
		id := sess.Id()
		for range 3 {
			sess.Pull("/add", nil, nil)
		}
		inFlight := sess.AsyncPull("/hang", nil, nil, nil)
		<-g.came
		start := time.Now()
		(<-r.ends)[1].Abort()
		wantCode(t, "the call in flight", inFlight.Rerror(), 102)
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
		var sum int
		cmd := sess.Pull("/add", [2]int{1, 2}, &sum)
		if rerr := cmd.Rerror(); rerr != nil || sum != 3 || cmd.Output().Seq() != 4 {
			t.Errorf("after the redial: %d, %v, seq %d", sum, rerr, cmd.Output().Seq())
		}
		if took := time.Since(start); took < 50*time.Millisecond || took > 100*time.Millisecond {
			t.Errorf("the redial came after %v", took)
		}
		if sess.Id() != id || sess.PublicLen() != 1 || dials != 2 || cli.Stats().Redials != 1 || cli.CountSession() != 1 {
			t.Errorf("got id %s, want %s; %d dials", sess.Id(), id, dials)
		}
		close(g.open)
	})
}

// A clean end redials too; the calls of all who wait go through.
func TestRedial_AfterACleanEnd(t *testing.T) {
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		cli, sess := r.dial(PeerConfig{RedialTimes: -1})
		defer cli.Close()
		for range 5 {
			synctest.Wait()
			(<-r.ends)[1].CloseWrite()
			r.mode.settle()
			if sess.Health() {
				t.Error("healthy without a connection")
			}
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
						t.Error(rerr)
					}
				})
			}
			wg.Wait()
		}
	})
}

// Attempts wait longer and longer, with jitter, and are counted (bugs 22, 23).
func TestRedial_BacksOffAndGivesUp(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		ended := make(chan time.Time, 1)
		cli, sess := r.dial(PeerConfig{RedialTimes: 6, RedialInterval: 500 * time.Millisecond, RedialMaxInterval: 5 * time.Second},
			&hooks{postDisconnect: func(PostSession) *Rerror { ended <- time.Now(); return nil }})
		defer cli.Close()
		refused := errors.New("refused")
		r.net.FailDials(slices.Repeat([]error{refused}, 6)...)
		start := time.Now()
		(<-r.ends)[1].Abort()
		synctest.Wait()
		waiting := make(chan *Rerror, 1)
		go func() { waiting <- sess.Pull("/add", nil, nil).Rerror() }()
		took := (<-ended).Sub(start)
		// 0.5 + 1 + 2 + 4 + 5 + 5 seconds, each between its half and its whole.
		if took < 8750*time.Millisecond || took > 17500*time.Millisecond {
			t.Errorf("it gave up after %v", took)
		}
		wantCode(t, "a call that waited", <-waiting, 102)
		wantCode(t, "a call after that", sess.Pull("/add", nil, nil).Rerror(), 102)
	})
}

// A call does not wait for ever for a link.
func TestRedial_CallsWaitForALinkButNotForEver(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{RedialTimes: -1})
		defer cli.Close()
		r.net.FailDials(slices.Repeat([]error{errTest}, 1000)...)
		(<-r.ends)[1].Abort()
		synctest.Wait()
		start := time.Now()
		wantCode(t, "a pull", sess.Pull("/add", nil, nil).Rerror(), 102)
		if took := time.Since(start); took != redialWait {
			t.Errorf("it took %v", took)
		}
		wantCode(t, "a push", sess.Push("/add", nil), 102)
	})
}

// Bug 22: Close ends the redialing at once, whatever it is doing.
func TestRedial_EndsWithClose(t *testing.T) {
	for _, name := range []string{"waiting", "dialing", "in the handshake"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				dials := 0
				cli, sess := r.dial(PeerConfig{RedialTimes: -1, RedialInterval: time.Minute, RedialMaxInterval: time.Minute}, &hooks{postDial: func(s PreSession) *Rerror {
					if dials++; dials > 1 {
						return rerrorOfBody(s.Receive(packet.NewPacket())) // which does not come
					}
					return nil
				}})
				(<-r.ends)[1].Abort()
				synctest.Wait()
				switch name {
				case "dialing":
					r.net.DialDelay(time.Hour)
					time.Sleep(time.Minute)
				case "in the handshake":
					time.Sleep(time.Minute)
				}
				synctest.Wait()
				start := time.Now()
				sess.Close()
				if took := time.Since(start); took != 0 {
					t.Errorf("Close took %v", took)
				}
				wantCode(t, "a call after that", sess.Pull("/add", nil, nil).Rerror(), 102)
				cli.Close()
			})
		})
	}
}

// A server that accepts and closes at once is not dialed in a storm, and the
// attempts count.
func TestRedial_LinksThatDieYoungCountAsFailures(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		ended := make(chan time.Time, 1)
		cli, _ := r.dial(PeerConfig{RedialTimes: 5, RedialInterval: time.Second, RedialMaxInterval: time.Hour},
			&hooks{postDisconnect: func(PostSession) *Rerror { ended <- time.Now(); return nil }})
		defer cli.Close()
		r.net.OnDial(func(c, s *tptest.Conn) { s.Abort() })
		start := time.Now()
		(<-r.ends)[1].Abort()
		if took := (<-ended).Sub(start); took < 15*time.Second || took > 31*time.Second {
			t.Errorf("it gave up after %v", took)
		}
	})
}

// A link on which something came is a success: the attempts count from there.
func TestRedial_LinksThatWorkedCountAnew(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		cli, sess := r.dial(PeerConfig{RedialTimes: 1})
		defer cli.Close()
		for range 5 {
			wantGood(t, sess)
			(<-r.ends)[1].Abort()
			r.mode.settle()
		}
		wantGood(t, sess)
		if n := cli.Stats().Redials; n != 5 {
			t.Errorf("it was redialed %d times", n)
		}
	})
}

// A PULL of which no byte has left is sent again on the next link, once; one
// of which any byte has left is not (TP-SESS-029).
func TestRedial_SendsAgainOnlyWhatWasNotSent(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		handled := make(chan int, 100)
		r.srv.PullRouter.RegFunc("/count", func(n *int) (int, *Rerror) { handled <- *n; return *n, nil })
		cli, sess := r.dial(PeerConfig{RedialTimes: 3, DefaultWriteTimeout: -1})
		defer cli.Close()
		client := (<-r.ends)[0]
		client.Out().SetBuffer(20)
		client.Out().Stall()
		var cmds []*PullCmd
		for i := range 10 {
			cmds = append(cmds, sess.AsyncPull("/count", i, nil, nil))
			if i == 0 {
				synctest.Wait() // 20 bytes of the first have left; the others wait for it
			}
		}
		client.Abort()
		for i, cmd := range cmds {
			rerr := cmd.Rerror()
			if rerr == nil && i > 0 {
				continue
			}
			if i > 0 || codeOf(rerr) != 102 {
				t.Errorf("call %d: %v", i, rerr)
			}
		}
		synctest.Wait()
		close(handled)
		got := slices.Sorted(chanValues(handled))
		if !slices.Equal(got, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("handled %v", got)
		}
	})
}

// A handler of the broken link does not hold the redial up.
func TestRedial_DoesNotWaitForHandlersOfTheOldLink(t *testing.T) {
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		g := newGate()
		cli, sess := r.dial(PeerConfig{RedialTimes: 1})
		cli.PullRouter.RegFunc("/slow", func(*packet.RawBody) (int, *Rerror) { g.pass(); return 1, nil })
		synctest.Wait()
		var back Session
		r.srv.RangeSession(func(s Session) bool { back = s; return false })
		slow := back.AsyncPull("/slow", nil, nil, nil)
		<-g.came
		(<-r.ends)[1].CloseWrite()
		r.mode.settle()
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Error(rerr)
		}
		close(g.open)
		if rerr := slow.Rerror(); rerr != nil {
			t.Errorf("the old link could still carry the reply: %v", rerr)
		}
		cli.Close()
	})
}

func TestBackoff_GrowsWithJitterUpToItsBound(t *testing.T) {
	for attempt := range 100 {
		want := min(100*time.Millisecond<<min(attempt, 20), 10*time.Second)
		for range 20 {
			if d := backoff(100*time.Millisecond, 10*time.Second, attempt); d < want/2 || d > want {
				t.Fatalf("attempt %d: %v, want between %v and %v", attempt, d, want/2, want)
			}
		}
	}
}
