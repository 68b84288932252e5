package tp

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Bug 19: Close inside one of the session's own handlers, through any of the
// ways that lead there, returns; the reply still goes out.
func TestClose_InsideAHandler(t *testing.T) {
	ways := map[string]func(ctx PullCtx) error{
		"session": func(ctx PullCtx) error { return ctx.Session().Close() },
		"found by id": func(ctx PullCtx) error {
			s, ok := ctx.Peer().GetSession(ctx.Session().Id())
			if !ok {
				return errors.New("not in the hub")
			}
			return s.Close()
		},
		"peer": func(ctx PullCtx) error { return ctx.Peer().Close() },
		"deep in the stack": func(ctx PullCtx) error {
			var dive func(n int) error
			dive = func(n int) error {
				if n == 0 {
					return ctx.Session().Close()
				}
				return dive(n - 1)
			}
			return dive(500)
		},
	}
	for name, closeIt := range ways {
		t.Run(name, func(t *testing.T) {
			inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
				r.srv.PullRouter.RegFunc("/close", func(ctx PullCtx, _ *packet.RawBody) (string, *Rerror) {
					if err := closeIt(ctx); err != nil {
						return "", NewRerror(2000, err.Error(), "")
					}
					return "closed", nil
				})
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				var got string
				start := time.Now()
				if rerr := sess.Pull("/close", nil, &got).Rerror(); rerr != nil || got != "closed" {
					t.Fatalf("got %q, %v", got, rerr)
				}
				r.mode.settle()
				wantCode(t, "after that", sess.Pull("/add", nil, nil).Rerror(), 102)
				if took := time.Since(start); took != r.mode.late() { // what settle took
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// Bug 20: a drop while a handler waits in Pull on the same session.
func TestDrop_WhileAHandlerWaitsInPull(t *testing.T) {
	drops := map[string]func(raw *tptest.RawPeer){
		"clean end": func(raw *tptest.RawPeer) { raw.Close() },
		"half":      func(raw *tptest.RawPeer) { raw.CloseWrite() },
		"reset":     func(raw *tptest.RawPeer) { raw.Conn().(*tptest.Conn).Abort() },
		"garbage":   func(raw *tptest.RawPeer) { raw.Send([]byte{0, 0, 0, 1}) },
	}
	for name, drop := range drops {
		t.Run(name, func(t *testing.T) {
			ended := make(chan string, 2)
			inBubble(t, PeerConfig{}, func(r *rig) {
				got := make(chan *Rerror, 1)
				r.srv.PullRouter.RegFunc("/callback", func(ctx PullCtx, _ *packet.RawBody) (any, *Rerror) {
					rerr := ctx.Session().Pull("/never", nil, nil).Rerror()
					got <- rerr
					return nil, rerr
				})
				raw := r.raw()
				raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/callback"))
				raw.ExpectPacket() // the PULL of /never, which stays without an answer
				drop(raw)
				wantCode(t, "the handler's call", <-got, 102)
				<-ended
				synctest.Wait()
				if n := r.srv.CountSession(); n != 0 {
					t.Errorf("%d sessions are left", n)
				}
			}, &hooks{postDisconnect: func(s PostSession) *Rerror { ended <- s.Id(); return nil }})
			if len(ended) != 0 {
				t.Error("PostDisconnect ran twice")
			}
		})
	}
}

func TestClose_LetsHandlersFinishAndReply(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (string, *Rerror) {
			g.pass()
			return "done", nil
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		var got string
		slow := sess.AsyncPull("/slow", nil, &got, nil)
		<-g.came
		closed := make(chan error, 1)
		go func() { closed <- r.srv.Close() }()
		synctest.Wait()
		wantCode(t, "a PULL while closing", sess.Pull("/add", [2]int{1, 2}, nil).Rerror(), 102)
		select {
		case <-closed:
			t.Error("Close did not wait for the handler")
		default:
		}
		time.Sleep(time.Hour)
		close(g.open)
		if rerr := slow.Rerror(); rerr != nil || got != "done" {
			t.Errorf("got %q, %v", got, rerr)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := r.srv.Close(); err != nil {
			t.Errorf("the second Close: %v", err)
		}
	})
}

func TestClose_WaitsForOwnPullsButNotForEver(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (string, *Rerror) { g.pass(); return "done", nil })
		cli, sess := r.dial(PeerConfig{})
		var got string
		slow := sess.AsyncPull("/slow", nil, &got, nil)
		<-g.came
		time.AfterFunc(20*time.Second, func() { close(g.open) })
		sess.Close()
		if rerr := slow.Rerror(); rerr != nil || got != "done" {
			t.Errorf("got %q, %v", got, rerr)
		}
		cli.Close()

		g.open = make(chan struct{})
		cli, sess = r.dial(PeerConfig{CloseTimeout: 5 * time.Second})
		slow = sess.AsyncPull("/slow", nil, &got, nil)
		<-g.came
		start := time.Now()
		cli.Close()
		wantCode(t, "no reply before the timeout", slow.Rerror(), 102)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("Close took %v", took)
		}
		close(g.open)
	})
}

// Close and Peer.Close inside hooks return, wherever the engine runs them.
func TestClose_InsideAHook(t *testing.T) {
	for _, hook := range []string{"PostDial", "PostAccept", "PreReadHeader", "PreWriteReply", "PostReadReplyBody", "PostReadPushHeader", "PostDisconnect"} {
		for _, whole := range []bool{false, true} {
			name := hook
			if whole {
				name += ", the peer"
			}
			t.Run(name, func(t *testing.T) {
				var ran atomic.Bool
				inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
					ran.Store(false)
					plugin := &everyHook{name: "closes", do: func(h string, ctx any) *Rerror {
						if h != hook {
							return nil
						}
						ran.Store(true)
						peer := ctx.(interface{ Peer() *Peer }).Peer()
						closeIt := peer.Close
						if c, ok := ctx.(interface{ Close() error }); ok && !whole {
							closeIt = c.Close
						}
						if c, ok := ctx.(BackgroundCtx); ok && !whole {
							closeIt = c.Session().Close
						}
						if err := closeIt(); err != nil {
							t.Error(err)
						}
						return nil
					}}
					onClient := hook == "PostDial" || hook == "PostReadReplyBody" || hook == "PostDisconnect"
					cli := r.client(PeerConfig{})
					defer cli.Close()
					on := r.srv
					if onClient {
						on = cli
					}
					if err := on.PluginContainer().Add(plugin); err != nil {
						t.Fatal(err)
					}
					start := time.Now()
					if sess, rerr := cli.Dial(rigAddr); rerr == nil {
						sess.Push("/nobody", 1)
						sess.Pull("/add", [2]int{1, 2}, nil)
						sess.Close()
					}
					synctest.Wait()
					if took := time.Since(start); took > r.mode.late() {
						t.Errorf("it took %v", took)
					}
					r.mode.settle()
					if n := on.CountSession(); n != 0 {
						t.Errorf("%d sessions are left", n)
					}
					if !ran.Load() {
						t.Error("the hook did not run")
					}
				})
			})
		}
	}
}
