package heartbeat

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

const interval = 10 * time.Second

// idle sessions live on when one side asks, whichever it is, and when both do
// at rates of their own.
func TestHeartbeat_IdleSessionsLive(t *testing.T) {
	tests := map[string]struct{ server, client *Config }{
		"only the accepting side": {&Config{Interval: interval}, nil},
		"only the dialing side":   {nil, &Config{Interval: interval}},
		"both at one rate":        {&Config{Interval: interval}, &Config{Interval: interval}},
		"one much slower":         {&Config{Interval: interval}, &Config{Interval: 60 * interval}},
		"no jitter, least factor": {&Config{Interval: interval, Factor: 2, Jitter: -1}, &Config{Interval: interval, Factor: 2, Jitter: -1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plugins := func(cfg *Config) (*Heartbeat, []tp.Plugin) {
				if cfg == nil {
					return nil, nil
				}
				h := New(*cfg)
				return h, []tp.Plugin{h}
			}
			sh, sp := plugins(test.server)
			ch, cp := plugins(test.client)
			inBubble(t, func(r *rig) {
				cli := r.peer(tp.PeerConfig{}, cp...)
				defer cli.Close()
				sess, ends := r.dial(cli)
				pass(100 * interval)
				if !sess.Health() || r.srv.CountSession() != 1 {
					t.Error("the session has ended")
				}
				var asked uint64
				for _, h := range []*Heartbeat{sh, ch} {
					if h == nil {
						continue
					}
					st := h.Stats()
					if st.Dead != 0 || st.Sessions != 1 {
						t.Errorf("got %+v", st)
					}
					asked += st.Asked
				}
				// Once per interval where one side asks; two sides share it, or
				// ask at the same time. Jitter makes it up to a third more.
				if asked < 95 || asked > 270 {
					t.Errorf("%d questions in 100 intervals", asked)
				}
				if in := ends[0].In(); in.Unread() != 0 {
					t.Error("something is left unread")
				}
			}, sp...)
		})
	}
}

// A peer that falls silent is found in time, and not too early, whatever the
// moment; its calls end.
func TestHeartbeat_FindsTheDead(t *testing.T) {
	for _, cfg := range []Config{
		{Interval: interval, Factor: 3},
		{Interval: interval, Factor: 2},
		{Interval: interval, Factor: 7, Jitter: MaxJitter},
		{Interval: interval, Factor: 3, Jitter: -1},
	} {
		h := New(cfg)
		inBubble(t, func(r *rig) {
			cli := r.peer(tp.PeerConfig{}, h)
			defer cli.Close()
			most := time.Duration(cfg.Factor) * interval
			least := most - interval/2 - 2*interval/ticksPerInterval
			for i := range 40 {
				sess, ends := r.dial(cli)
				pass(time.Duration(i) * interval / 13)
				ends[0].In().Stall() // nothing comes any more; what is sent is taken
				start := time.Now()
				cmd := sess.AsyncPull("/x", nil, nil, nil)
				rerr := cmd.Rerror()
				took := time.Since(start)
				// The last sign of life may be as old as one answered question.
				if rerr.Code != tp.CodeConnClosed || took > most || took < least-interval {
					t.Errorf("%+v: after %v: %v", cfg, took, rerr)
				}
				synctest.Wait()
				if sess.Health() {
					t.Error("the session goes on")
				}
			}
			if st := h.Stats(); st.Dead != 40 || st.Sessions != 0 {
				t.Errorf("got %+v", st)
			}
		})
	}
}

// The bound counts from the last packet, of any kind.
func TestHeartbeat_AnyPacketIsLife(t *testing.T) {
	h := New(Config{Interval: interval})
	inBubble(t, func(r *rig) {
		raw := r.raw()
		raw.Patience = time.Hour
		for i := range 60 {
			switch i % 3 {
			case 0:
				raw.SendPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/nobody"))
			case 1:
				raw.SendPacket(packet.WithPtype(packet.TypeReply), packet.WithSeq(999))
			case 2:
				raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/nobody"), packet.WithSeq(uint64(i)))
				if p := raw.ExpectPacket(); p.Ptype() != packet.TypeReply {
					t.Fatalf("a %s came", packet.TypeText(p.Ptype()))
				}
			}
			pass(interval / 3)
		}
		if st := h.Stats(); st.Asked != 0 || st.Dead != 0 {
			t.Errorf("a busy session: %+v", st)
		}
		// Life by other packets, questions unanswered: it is not dead.
		start := time.Now()
		for range 5 {
			raw.SendPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/nobody"))
			pass(2 * interval)
		}
		if st := h.Stats(); st.Asked != 5 || st.Dead != 0 {
			t.Errorf("a slow session that does not answer: %+v", st)
		}
		last := start.Add(8 * interval)
		for range 5 {
			if p := raw.ExpectPacket(); p.Ptype() != packet.TypePull || p.Uri() != Uri || len(p.RawBody()) != 0 {
				t.Errorf("the question is %s", p)
			}
		}
		raw.ExpectEnd()
		if took := time.Since(last); took > 3*interval || took < 5*interval/2-interval/32 {
			t.Errorf("ended %v after the last packet", took)
		}
	}, h)
}

// A session that redials goes on, on its new connection, as often as need be.
func TestHeartbeat_RedialedSessionsGoOn(t *testing.T) {
	h := New(Config{Interval: interval})
	inBubble(t, func(r *rig) {
		r.srv.PullRouter.RegFunc("/ok", func(*[]byte) (bool, *tp.Rerror) { return true, nil })
		cli := r.peer(tp.PeerConfig{RedialTimes: -1}, h)
		defer cli.Close()
		sess, ends := r.dial(cli)
		for i := range 5 {
			pass(10 * interval)
			ends[0].In().Stall()
			ends[0].Out().Stall()
			pass(3*interval + time.Second) // found, and redialed
			if rerr := sess.Pull("/ok", nil, nil).Rerror(); rerr != nil {
				t.Fatalf("round %d: %v", i, rerr)
			}
			ends = <-r.ends
			if st := h.Stats(); st.Dead != uint64(i+1) || st.Sessions != 1 {
				t.Fatalf("round %d: %+v", i, st)
			}
		}
	})
}

// While a session has no connection it is not asked and not taken for dead.
func TestHeartbeat_NothingToAskWhileRedialing(t *testing.T) {
	h := New(Config{Interval: interval})
	inBubble(t, func(r *rig) {
		cli := r.peer(tp.PeerConfig{RedialTimes: -1, RedialInterval: 20 * interval, RedialMaxInterval: 20 * interval}, h)
		defer cli.Close()
		sess, ends := r.dial(cli)
		ends[1].Abort()
		synctest.Wait()
		before := h.Stats()
		pass(9 * interval)
		if st := h.Stats(); sess.Health() || st.Asked != before.Asked || st.Dead != 0 {
			t.Errorf("while it redials: %+v", st)
		}
		pass(40 * interval)
		if st := h.Stats(); !sess.Health() || st.Asked == before.Asked || st.Dead != 0 {
			t.Errorf("after that: %+v", st)
		}
	})
}

// A peer that does not read holds up its own question only: others are asked,
// and it is found.
func TestHeartbeat_ASlowReaderHoldsUpNobody(t *testing.T) {
	h := New(Config{Interval: interval})
	inBubble(t, func(r *rig) {
		cli := r.peer(tp.PeerConfig{DefaultWriteTimeout: -1, MaxQueued: 1 << 10}, h)
		defer cli.Close()
		stuck, ends := r.dial(cli)
		var others []tp.Session
		for range 20 {
			sess, _ := r.dial(cli)
			others = append(others, sess)
		}
		ends[0].Out().SetBuffer(1)
		ends[1].In().Stall()
		pushed := make(chan *tp.Rerror, 4)
		for range 4 {
			go func() { pushed <- stuck.Push("/x", make([]byte, 1<<10)) }()
		}
		synctest.Wait()
		pass(3 * interval)
		if stuck.Health() {
			t.Error("the one that does not read was not found")
		}
		for range 4 {
			<-pushed
		}
		for _, sess := range others {
			if !sess.Health() {
				t.Error("another session has ended")
			}
		}
		if st := h.Stats(); st.Dead != 1 || st.Sessions != 20 {
			t.Errorf("got %+v", st)
		}
	})
}

// An idle session has no goroutine of the plugin's; the timer ends with the
// last session, and begins again with the next. (The bubble would not end with
// a timer left.)
func TestHeartbeat_NoGoroutines(t *testing.T) {
	h := New(Config{Interval: interval})
	inBubble(t, func(r *rig) {
		cli := r.peer(tp.PeerConfig{}, h)
		for range 2 {
			for range 50 {
				r.dial(cli)
			}
			pass(5 * interval)
			if stacks := allStacks(); strings.Contains(stacks, "(*Heartbeat)") || !strings.Contains(stacks, "(*session).run") {
				t.Errorf("a goroutine of the plugin's among these:\n%s", stacks)
			}
			cli.RangeSession(func(s tp.Session) bool { s.Close(); return true })
		}
		cli.Close()
	})
	if st := h.Stats(); st.Sessions != 0 || st.Asked < 100 || h.timer != nil || len(h.peers) != 0 || h.wheel.n != 0 {
		t.Errorf("something is left: %+v, %d peers", st, len(h.peers))
	}
}

// allStacks gives the stacks of all goroutines.
func allStacks() string {
	for n := 1 << 20; ; n *= 2 {
		b := make([]byte, n)
		if k := runtime.Stack(b, true); k < n {
			return string(b[:k])
		}
	}
}

// One value may serve both ends, and a path that is taken stays the user's.
func TestHeartbeat_SharedAndTakenPath(t *testing.T) {
	h := New(Config{Interval: interval})
	inBubble(t, func(r *rig) {
		mine := 0
		r.srv.PullRouter.RegFunc(Uri, func(*[]byte) (string, *tp.Rerror) { mine++; return "mine", nil })
		unknown := 0
		cli := r.peer(tp.PeerConfig{}, h)
		defer cli.Close()
		cli.PullRouter.SetUnknown(func(tp.UnknownPullCtx) (any, *tp.Rerror) { unknown++; return nil, nil })
		sess, _ := r.dial(cli)
		var got string
		if rerr := sess.Pull(Uri, nil, &got).Rerror(); rerr != nil || got != "mine" {
			t.Errorf("got %q, %v", got, rerr)
		}
		pass(50 * interval)
		if st := h.Stats(); st.Sessions != 2 || st.Dead != 0 || st.Asked < 20 {
			t.Errorf("got %+v", st)
		}
		if mine < 2 || unknown != 0 {
			t.Errorf("the user's handler ran %d times, the unknown one %d times", mine, unknown)
		}
	}, h)
}

// A process that was stopped does not take the others for dead.
func TestHeartbeat_OwnPausesDoNotCount(t *testing.T) {
	h := New(Config{Interval: interval})
	inBubble(t, func(r *rig) {
		cli := r.peer(tp.PeerConfig{}, h)
		defer cli.Close()
		sess, _ := r.dial(cli)
		h.mu.Lock() // what a pause looks like: turns come late
		h.timer.Stop()
		<-time.After(time.Hour)
		h.due = time.Now().Add(-time.Hour)
		h.timer.Reset(0)
		h.mu.Unlock()
		pass(3 * interval)
		if st := h.Stats(); !sess.Health() || st.Dead != 0 || st.Asked == 0 || st.Asked > 4 {
			t.Errorf("got %+v", st)
		}
	})
}

func TestTryNew_Refuses(t *testing.T) {
	zero := 0.0
	tests := []struct {
		cfg   Config
		field string
	}{
		{Config{Interval: -1}, "Interval"},
		{Config{Interval: MinInterval - 1}, "Interval"},
		{Config{Factor: 1}, "Factor"},
		{Config{Factor: -3}, "Factor"},
		{Config{Factor: 1<<20 + 1}, "Factor"},
		{Config{Jitter: 0.6}, "Jitter"},
		{Config{Jitter: zero / zero}, "Jitter"},
	}
	for _, test := range tests {
		_, err := TryNew(test.cfg)
		var ce *ConfigError
		if !errors.As(err, &ce) || ce.Field != test.field || ce.Error() == "" {
			t.Errorf("%+v: got %v, want an error of %s", test.cfg, err, test.field)
		}
	}
	defer func() {
		if _, ok := recover().(*ConfigError); !ok {
			t.Error("New did not panic with a *ConfigError")
		}
	}()
	New(Config{Factor: 1})
}
