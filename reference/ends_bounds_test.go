package tp

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Handlers in flight: never more than MaxHandlers, the rest is answered 503,
// and the bound and what runs can be seen.
//
// req: TP-LIM-007
func TestBounds_HandlersInFlight(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{MaxHandlers: 4}, func(t *testing.T, r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/block", func(*packet.RawBody) (int, *Rerror) { g.pass(); return 1, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		back := r.accepted()
		for round := range 3 {
			var cmds []*PullCmd
			for range 20 {
				cmds = append(cmds, sess.AsyncPull("/block", nil, nil, nil))
			}
			r.mode.settle()
			if st := back.Stats(); len(g.came) != 4 || st.Handlers != 4 || st.MaxHandlers != 4 {
				t.Errorf("round %d: %d handlers run, Stats says %d of %d", round, len(g.came), st.Handlers, st.MaxHandlers)
			}
			for range 4 {
				<-g.came
				g.open <- struct{}{}
			}
			got := map[int32]int{}
			for _, cmd := range cmds {
				got[endCode(cmd.Rerror())]++
			}
			if got[success] != 4 || got[503] != 16 {
				t.Errorf("round %d: calls ended with %v", round, got)
			}
			synctest.Wait()
		}
		if n := r.srv.Stats().PullsRefused; n != 48 {
			t.Errorf("%d PULLs were refused, want 48", n)
		}
	})
}

// accepted gives the server's session, of one.
func (r *rig) accepted() (s Session) {
	synctest.Wait()
	r.srv.RangeSession(func(x Session) bool { s = x; return false })
	return s
}

// Bytes queued to write: over MaxQueued the sender waits, with its context, and
// goes on when there is room again.
//
// req: TP-LIM-008
func TestBounds_QueuedBytesMakeTheSenderWait(t *testing.T) {
	quiet(t)
	for _, path := range endsPaths {
		t.Run(path.name, func(t *testing.T) {
			cfg := PeerConfig{MaxQueued: 8 << 10, DefaultWriteTimeout: time.Hour}
			endsRig(t, endsKind{}, path, cfg, PeerConfig{}, func(c *endsCell) {
				c.callerConn.Out().SetBuffer(100)
				c.callerConn.Out().Stall()
				var accepted, waiting int
				results := make(chan *Rerror, 100)
				for range 40 { // one after the other, each has time to be accepted
					go func() { results <- c.callerSess.Push("/t/ok", make([]byte, 700)) }()
					synctest.Wait()
				}
				accepted, waiting = len(results), 40-len(results)
				st := c.callerSess.Stats()
				if accepted == 0 || waiting == 0 || st.QueuedBytes > st.MaxQueued+1200 || st.MaxQueued != 8<<10 {
					t.Errorf("%d were accepted, %d wait, Stats says %d of %d bytes", accepted, waiting, st.QueuedBytes, st.MaxQueued)
				}
				start := time.Now()
				ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
				defer cancel()
				wantCode(t, "a PUSH with a context", c.callerSess.PushContext(ctx, "/t/ok", make([]byte, 700)), 408)
				wantCode(t, "a PULL with a context", c.callerSess.PullContext(ctx, "/t/ok", make([]byte, 700), nil).Rerror(), 408)
				if took := time.Since(start); took != 3*time.Second {
					t.Errorf("the context's end took %v", took)
				}
				c.callerConn.Out().Resume()
				for range 40 {
					if rerr := <-results; rerr != nil {
						t.Errorf("a PUSH that waited for room: %v", rerr)
					}
				}
				rerr := c.callerSess.Pull("/t/ok", nil, nil).Rerror()
				synctest.Wait() // the reply may be faster than the goroutine that has written the call
				if n := c.callerSess.Stats().QueuedBytes; rerr != nil || n != 0 {
					t.Errorf("afterwards: %v, %d bytes are queued", rerr, n)
				}
			})
		})
	}
}

// A slow consumer never grows memory: past the write timeout its session ends,
// whether it reads nothing or a byte now and then, and until then no more is
// held than the queue's bound and what each waiting sender brings.
func TestBounds_SlowConsumerHoldsNoMemory(t *testing.T) {
	quiet(t)
	const (
		sessions = 20
		senders  = 3
		frame    = 32 << 10
		queue    = 128 << 10
		timeout  = 10 * time.Second
	)
	tests := []struct {
		name string
		slow func(l *tptest.Link)
		most time.Duration // until the session ends
	}{
		{"reads nothing", func(l *tptest.Link) { l.SetBuffer(1000); l.Stall() }, timeout},
		{"reads a byte now and then", func(l *tptest.Link) { l.SetBuffer(1000); l.MaxRead(1); l.Delay(time.Second) }, 2 * timeout},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := PeerConfig{MaxQueued: queue, DefaultWriteTimeout: timeout}
			inBubble(t, cfg, func(r *rig) {
				r.net.OnDial(func(_, s *tptest.Conn) { tt.slow(s.Out()) })
				var clis []*Peer
				for range sessions {
					cli, _ := r.dial(PeerConfig{DefaultReadTimeout: time.Hour})
					clis = append(clis, cli)
				}
				synctest.Wait()
				body := packet.RawBody(strings.Repeat("x", frame))
				before := heapInUse()
				start := time.Now()
				var wg sync.WaitGroup
				var mu sync.Mutex
				sent, codes := 0, make(map[int32]int)
				r.srv.RangeSession(func(s Session) bool {
					for range senders { // each without end
						wg.Go(func() {
							for {
								rerr := s.Push("/event", body)
								mu.Lock()
								sent++
								codes[endCode(rerr)]++
								mu.Unlock()
								if rerr != nil {
									return
								}
							}
						})
					}
					return true
				})
				synctest.Wait()
				held := int64(heapInUse()) - int64(before)
				allowed := int64(sessions * (2*(queue+senders*frame) + 64<<10)) // buffers come in powers of two
				mu.Lock()
				t.Logf("%d sessions that do not read, %d senders each: %d PUSHes were accepted, %d KiB are held, allowed are %d KiB", sessions, senders, sent, held>>10, allowed>>10)
				mu.Unlock()
				if held > allowed {
					t.Errorf("%d bytes are held, allowed are %d", held, allowed)
				}
				wg.Wait()
				if took := time.Since(start); took > tt.most || codes[102]+codes[104] != sessions*senders {
					t.Errorf("the sessions were over after %v; senders ended with %v", took, codes)
				}
				synctest.Wait()
				if n := r.srv.CountSession(); n != 0 {
					t.Errorf("%d sessions are left", n)
				}
				for _, cli := range clis {
					cli.RangeSession(func(s Session) bool { s.(*session).lastLink().end(errTest); return true })
					cli.Close()
				}
				if left := int64(heapInUse()) - int64(before); left > 1<<20 {
					t.Errorf("%d bytes are left when all is over", left)
				}
			})
		})
	}
}

// Own PULLs in flight: over MaxPending one fails at once with a local 503, one
// with a context waits for room.
//
// req: TP-LIM-013
func TestBounds_PendingPulls(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/block", func(*packet.RawBody) (int, *Rerror) { g.pass(); return 1, nil })
		cli, sess := r.dial(PeerConfig{MaxPending: 3})
		defer cli.Close()
		var cmds []*PullCmd
		for range 5 {
			cmds = append(cmds, sess.AsyncPull("/block", nil, nil, nil))
		}
		r.mode.settle()
		if st := sess.Stats(); st.PendingPulls != 3 || st.MaxPending != 3 || len(g.came) != 3 {
			t.Errorf("Stats says %d of %d", st.PendingPulls, st.MaxPending)
		}
		for _, cmd := range cmds[3:] {
			wantCode(t, "a PULL too many", cmd.Rerror(), 503)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		wantCode(t, "one that waits for room, for a second", sess.PullContext(ctx, "/add", nil, nil).Rerror(), 408)
		ctx2, cancel2 := context.WithTimeout(context.Background(), time.Hour)
		defer cancel2()
		waits := make(chan *Rerror, 1)
		go func() { waits <- sess.PullContext(ctx2, "/add", [2]int{1, 2}, nil).Rerror() }()
		synctest.Wait()
		if len(waits) != 0 {
			t.Error("it did not wait for room")
		}
		g.open <- struct{}{}
		if rerr := <-waits; rerr != nil {
			t.Errorf("once there is room: %v", rerr)
		}
		close(g.open)
		for _, cmd := range cmds[:3] {
			if rerr := cmd.Rerror(); rerr != nil {
				t.Errorf("one that had room: %v", rerr)
			}
		}
	})
}

// A frame must arrive within FrameTimeout once it has begun, however it
// trickles; an idle session may be silent for ever, unless a read timeout is set.
func TestBounds_FrameTimeoutAndSilence(t *testing.T) {
	quiet(t)
	frame := tptest.Frame(t, packet.WithPtype(packet.TypePull), packet.WithUri("/t/ok"))
	for _, path := range endsPaths {
		t.Run(path.name, func(t *testing.T) {
			for _, first := range []int{1, 4, 5, 6, 10, len(frame) - 1} {
				endsRig(t, endsKind{}, path, PeerConfig{}, PeerConfig{FrameTimeout: 9 * time.Second}, func(c *endsCell) {
					// Ten years of silence first.
					time.Sleep(10 * 365 * 24 * time.Hour)
					if rerr := c.callerSess.Pull("/t/ok", nil, nil).Rerror(); rerr != nil {
						t.Errorf("after ten years of silence: %v", rerr)
					}
					start := time.Now()
					c.callerConn.Write(frame[:first])
					var trickle sync.WaitGroup
					trickle.Go(func() { // the rest, a byte every two seconds, but for the last one
						for _, b := range frame[first : len(frame)-1] {
							time.Sleep(2 * time.Second)
							c.callerConn.Write([]byte{b})
						}
					})
					defer trickle.Wait()
					wantCode(t, fmt.Sprintf("a call on a connection with %d bytes of a frame", first), c.backHangs(), 102)
					if took := time.Since(start); took != 9*time.Second {
						t.Errorf("%d bytes at first: the session ended after %v, want 9 s", first, took)
					}
				})
			}
			endsRig(t, endsKind{}, path, PeerConfig{}, PeerConfig{DefaultReadTimeout: time.Minute}, func(c *endsCell) {
				start := time.Now()
				wantCode(t, "a call under a read timeout", c.backHangs(), 102)
				if took := time.Since(start); took != time.Minute {
					t.Errorf("it took %v, want a minute", took)
				}
			})
		})
	}
}

// backHangs calls what nobody answers, from the callee's side.
func (c *endsCell) backHangs() *Rerror {
	c.caller.PullRouter.RegFunc("/hang", func(*packet.RawBody) (int, *Rerror) { <-c.open; return 1, nil })
	rerr := c.calleeSess.Pull("/hang", nil, nil).Rerror()
	c.letGo()
	return rerr
}
