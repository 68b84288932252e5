package tp

import (
	"testing"
	"testing/synctest"
)

// User code may end the goroutine that the engine runs it on: t.FailNow does,
// in a hook as in a handler. Calls end all the same, and so do sessions.

func TestReply_CodeThatEndsItsGoroutineIsAnswered500(t *testing.T) {
	quiet(t)
	for _, what := range []string{"PreWriteReply", "the encoding", "both", "PreWriteReply after a panic"} {
		t.Run(what, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				r.srv.PullRouter.RegFunc("/exit", func(*int) (any, *Rerror) { return exitsWhenCoded{}, nil })
				if what != "the encoding" {
					exit := &everyHook{name: "exits", do: func(h string, _ any) *Rerror {
						if h == "PreWriteReply" {
							exitGoroutine()
						}
						return nil
					}}
					if err := r.srv.PluginContainer().Add(exit); err != nil {
						t.Fatal(err)
					}
				}
				uri := "/exit"
				switch what {
				case "PreWriteReply":
					uri = "/add"
				case "PreWriteReply after a panic":
					uri = "/panic"
				}
				for range 3 { // the handler's slot comes back, too
					wantCode(t, what, sess.Pull(uri, nil, nil).Rerror(), 500)
				}
			})
		})
	}
}

func TestSession_CodeThatEndsTheReaderEndsTheSession(t *testing.T) {
	quiet(t)
	for _, what := range []string{"PreReadHeader", "the decoding", "PostDisconnect"} {
		for _, redial := range []int{0, 3} {
			t.Run(what, func(t *testing.T) {
				inBubble(t, PeerConfig{}, func(r *rig) {
					cli, sess := r.dial(PeerConfig{RedialTimes: redial})
					defer cli.Close()
					cli.PullRouter.RegFunc("/decode", func(*exitsWhenCoded) (any, *Rerror) { return nil, nil })
					exit := &everyHook{name: "exits", do: func(h string, _ any) *Rerror {
						if h == what {
							exitGoroutine()
						}
						return nil
					}}
					r.srv.PullRouter.RegFunc("/hang", func(ctx PullCtx, _ *int) (any, *Rerror) {
						if what == "the decoding" {
							return nil, ctx.Session().Pull("/decode", 1, nil).Rerror()
						}
						if what == "PostDisconnect" {
							(<-r.ends)[1].Abort()
						}
						<-r.hang
						return nil, nil
					})
					r.hang = make(chan struct{})
					defer r.openHang()
					synctest.Wait()
					if err := cli.PluginContainer().Add(exit); err != nil {
						t.Fatal(err)
					}
					if what == "PreReadHeader" { // the reader waits already: let it run into the hook
						sess.Pull("/add", nil, nil)
					}
					if rerr := sess.Pull("/hang", nil, nil).Rerror(); rerr == nil {
						t.Error("a call on a session without a reader ended well")
					}
					r.openHang()
					sess.Close() // must return
					if n := cli.CountSession(); n != 0 {
						t.Errorf("%d sessions are left", n)
					}
				})
			})
		}
	}
}

func TestSession_HandshakeThatEndsItsGoroutineEndsTheSession(t *testing.T) {
	quiet(t)
	exit := func(PreSession) *Rerror { exitGoroutine(); return nil }
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli := r.client(PeerConfig{}, &hooks{name: " dial", postDial: exit})
		go cli.Dial(rigAddr)
		synctest.Wait()
		if n := len(cli.allSessions()); n != 0 {
			t.Errorf("%d sessions are left of a PostDial that ended its goroutine", n)
		}
		cli.Close()
		if err := r.srv.PluginContainer().Add(&hooks{name: " accept", postAccept: exit}); err != nil {
			t.Fatal(err)
		}
		c2, sess := r.dial(PeerConfig{})
		defer c2.Close()
		// 104: the end was seen before the write had begun.
		if rerr := sess.Pull("/add", nil, nil).Rerror(); codeOf(rerr) != 102 && codeOf(rerr) != 104 {
			t.Errorf("a call to who does not accept: got %v, want 102 or 104", rerr)
		}
		synctest.Wait()
		if n := len(r.srv.allSessions()); n != 0 {
			t.Errorf("%d sessions are left of a PostAccept that ended its goroutine", n)
		}
	})
	inBubble(t, PeerConfig{}, func(r *rig) {
		dials := 0
		cli, sess := r.dial(PeerConfig{RedialTimes: 3}, &hooks{postDial: func(s PreSession) *Rerror {
			if dials++; dials > 1 {
				return exit(s)
			}
			return nil
		}})
		(<-r.ends)[1].Abort()
		if rerr := sess.Pull("/add", nil, nil).Rerror(); codeOf(rerr) != 102 && codeOf(rerr) != 104 {
			t.Errorf("a call while a redial ends its goroutine: %v", rerr)
		}
		cli.Close()
	})
}
