package tp

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Two peers flood each other with pulls over a connection that holds a few
// bytes, and neither reads fast: both sides' callers wait for the wire, both
// sides' replies do too, and everything ends.
func TestInvariant_ReaderNeverWaits_MutualFlood(t *testing.T) {
	inBubble(t, PeerConfig{MaxQueued: 4 << 10}, func(r *rig) {
		r.net.OnDial(func(c, s *tptest.Conn) {
			for _, l := range []*tptest.Link{c.Out(), c.In()} {
				l.SetBuffer(64)
				l.MaxRead(48)
				l.Delay(time.Millisecond)
			}
		})
		cli, sess := r.dial(PeerConfig{MaxQueued: 4 << 10})
		defer cli.Close()
		cli.PullRouter.RegFunc("/echo", func(b *packet.RawBody) (packet.RawBody, *Rerror) { return *b, nil })
		synctest.Wait()
		var back Session
		r.srv.RangeSession(func(s Session) bool { back = s; return false })
		var wg sync.WaitGroup
		for _, s := range []Session{sess, back} {
			for i := range 100 {
				wg.Go(func() {
					want := fmt.Sprintf("%0*d", 100+i*20, i)
					var got string
					if rerr := s.Pull("/echo", want, &got, packet.WithBodyCodec('s')).Rerror(); rerr != nil || got != want {
						t.Errorf("call %d: %v", i, rerr)
					}
				})
			}
		}
		wg.Wait()
	})
}

// A hostile peer pulls and never reads: handlers wait for room, 503s fill the
// queue, the session ends, and others are served all the while.
func TestInvariant_ReaderNeverWaits_FloodWithoutReading(t *testing.T) {
	ended := make(chan struct{}, 10)
	inBubble(t, PeerConfig{MaxQueued: 2 << 10, MaxHandlers: 10, DefaultWriteTimeout: -1}, func(r *rig) {
		raw := r.raw()
		server := (<-r.ends)[1]
		server.Out().SetBuffer(1)
		frame := tptest.Frame(t, packet.WithPtype(packet.TypePull), packet.WithUri("/echo"), packet.WithBodyCodec('s'), packet.WithBody("some words"))
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		sent := 0
		for ; sent < 10000; sent++ {
			if _, err := raw.Conn().Write(frame); err != nil {
				break
			}
			if sent%100 == 0 {
				if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
					t.Fatal(rerr)
				}
			}
		}
		if sent == 10000 {
			t.Error("the session took 10000 pulls without being able to answer")
		}
		<-ended
		if r.srv.Stats().PullsRefused == 0 {
			t.Error("no PULL was refused")
		}
		raw.Close()
	}, &hooks{postDisconnect: func(PostSession) *Rerror { ended <- struct{}{}; return nil }})
}

// Handlers, slots, hooks and codecs that wait do not keep the reader: replies
// to own pulls still come in.
func TestInvariant_ReaderNeverWaits_BlockedHandlersAndHooks(t *testing.T) {
	g := newGate()
	blocking := map[string]func(r *rig) Plugin{
		"handlers in all slots": func(r *rig) Plugin {
			r.srv.PullRouter.RegFunc("/block", func(*packet.RawBody) (any, *Rerror) { g.pass(); return nil, nil })
			return nil
		},
		"header hook":    func(*rig) Plugin { return blockIn("PostReadPullHeader", g) },
		"pre body hook":  func(*rig) Plugin { return blockIn("PreReadPullBody", g) },
		"post body hook": func(*rig) Plugin { return blockIn("PostReadPullBody", g) },
		"reply hook":     func(*rig) Plugin { return blockIn("PreWriteReply", g) },
		"after a reply":  func(*rig) Plugin { return blockIn("PostWriteReply", g) },
		"codec": func(r *rig) Plugin {
			r.srv.Codecs().Reg(&slowCodec{g})
			return nil
		},
	}
	for name, setUp := range blocking {
		t.Run(name, func(t *testing.T) {
			inModes(t, PeerConfig{MaxHandlers: 4}, func(t *testing.T, r *rig) {
				g.came, g.open = make(chan struct{}, 1000), make(chan struct{})
				plugin := setUp(r)
				if name != "handlers in all slots" {
					r.srv.PullRouter.RegFunc("/block", func(*int) (any, *Rerror) { return nil, nil })
				}
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				cli.PullRouter.RegFunc("/mine", func(n *int) (int, *Rerror) { return *n, nil })
				synctest.Wait()
				var back Session
				r.srv.RangeSession(func(s Session) bool { back = s; return false })
				if plugin != nil {
					if err := r.srv.PluginContainer().Add(plugin); err != nil {
						t.Fatal(err)
					}
				}
				codecId := byte('j')
				if name == "codec" {
					codecId = 'z'
				}
				var blocked []*PullCmd
				for range 6 {
					blocked = append(blocked, sess.AsyncPull("/block", packet.RawBody("1"), nil, nil, packet.WithBodyCodec(codecId)))
				}
				for range 4 { // each hook may have to be found blocked
					r.mode.settle()
				}
				if len(g.came) != 4 {
					t.Errorf("%d wait at the gate, want 4", len(g.came))
				}
				var got int
				if rerr := back.Pull("/mine", 7, &got).Rerror(); rerr != nil || got != 7 {
					t.Errorf("the server's own call: %d, %v", got, rerr)
				}
				refused := 0
				close(g.open)
				for _, cmd := range blocked {
					if rerr := cmd.Rerror(); rerr != nil && rerr.Code == 503 {
						refused++
					} else if rerr != nil {
						t.Errorf("got %v", rerr)
					}
				}
				if refused != 2 {
					t.Errorf("%d were refused, want 2 of 6 with 4 slots", refused)
				}
			})
		})
	}
}

// slowCodec waits at its gate before it decodes.
type slowCodec struct{ g *gate }

func (c *slowCodec) Id() byte                           { return 'z' }
func (c *slowCodec) Name() string                       { return "slow" }
func (c *slowCodec) Marshal(v any) ([]byte, error)      { return []byte("1"), nil }
func (c *slowCodec) Unmarshal(data []byte, v any) error { c.g.pass(); return nil }

// Pushes beyond the slots are dropped and counted; the session lives on.
func TestDispatch_PushesBeyondTheSlotsAreDropped(t *testing.T) {
	inModes(t, PeerConfig{MaxHandlers: 2}, func(t *testing.T, r *rig) {
		g := newGate()
		r.srv.PushRouter.RegFunc("/block", func(*packet.RawBody) { g.pass() })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for range 5 {
			sess.Push("/block", 1)
		}
		r.mode.settle()
		if n := r.srv.Stats().PushesDropped; n != 3 {
			t.Errorf("%d pushes were dropped, want 3", n)
		}
		wantCode(t, "a PULL", sess.Pull("/add", nil, nil).Rerror(), 503)
		close(g.open)
		synctest.Wait()
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Error(rerr)
		}
	})
}
