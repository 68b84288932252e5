package tp

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The order of the twenty hooks, flow by flow: the peer's first, then the
// group's, then the handler's.
func TestHooks_Order(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		var srv, cli hookTrace
		if err := r.srv.PluginContainer().Add(srv.plugin("peer")); err != nil {
			t.Fatal(err)
		}
		pull := r.srv.PullRouter.Group("g", srv.plugin("group"))
		pull.RegFunc("pull", func(*packet.RawBody) (int, *Rerror) { return 1, nil }, srv.plugin("own"))
		pull.RegFunc("fail", func(*packet.RawBody) (any, *Rerror) { return nil, NewRerror(1001, "", "") })
		push := r.srv.PushRouter.Group("g", srv.plugin("group"))
		push.RegFunc("push", func(*packet.RawBody) {}, srv.plugin("own"))
		wantHooks(t, "registration", srv.take(), "peer:PostReg group:PostReg own:PostReg peer:PostReg group:PostReg peer:PostReg group:PostReg own:PostReg")

		c := r.client(PeerConfig{}, cli.plugin("cli"))
		defer c.Close()
		sess, rerr := c.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		synctest.Wait()
		wantHooks(t, "dial", cli.take(), "cli:PostDial cli:PreReadHeader")
		wantHooks(t, "accept", srv.take(), "peer:PostAccept peer:PreReadHeader")

		sess.Pull("/g/pull", nil, nil)
		synctest.Wait()
		got := cli.take()
		// The reply's way and the launch's end meet nowhere.
		wantHooks(t, "pull launch", without(got, "Reply", "ReadHeader"), "cli:PreWritePull cli:PostWritePull")
		wantHooks(t, "reply", only(got, "Reply"), "cli:PostReadReplyHeader cli:PreReadReplyBody cli:PostReadReplyBody")
		wantHooks(t, "pull handle", without(srv.take(), "PreReadHeader"),
			"peer:PostReadPullHeader group:PostReadPullHeader "+
				"peer:PreReadPullBody group:PreReadPullBody own:PreReadPullBody "+
				"peer:PostReadPullBody group:PostReadPullBody own:PostReadPullBody "+
				"peer:PreWriteReply group:PreWriteReply own:PreWriteReply "+
				"peer:PostWriteReply group:PostWriteReply own:PostWriteReply")

		sess.Push("/g/push", nil)
		synctest.Wait()
		wantHooks(t, "push launch", cli.take(), "cli:PreWritePush cli:PostWritePush")
		wantHooks(t, "push handle", without(srv.take(), "PreReadHeader"),
			"peer:PostReadPushHeader group:PostReadPushHeader "+
				"peer:PreReadPushBody group:PreReadPushBody own:PreReadPushBody "+
				"peer:PostReadPushBody group:PostReadPushBody own:PostReadPushBody")

		sess.Pull("/g/fail", nil, nil)
		synctest.Wait()
		wantHooks(t, "error reply", only(cli.take(), "Reply"), "cli:PostReadReplyHeader cli:PreReadReplyBody")
		srv.take()
		sess.Pull("/nowhere", nil, nil)
		synctest.Wait()
		wantHooks(t, "not found", without(srv.take(), "PreReadHeader"), "peer:PostReadPullHeader group:PostReadPullHeader peer:PreWriteReply peer:PostWriteReply")
		cli.take()
		sess.Close()
		synctest.Wait()
		wantHooks(t, "close", cli.take(), "cli:PostDisconnect")
		wantHooks(t, "drop", srv.take(), "peer:PostDisconnect")
	})
}

// What an error of each hook does.
func TestHooks_Errors(t *testing.T) {
	no := NewRerror(1999, "no", "")
	tests := []struct {
		hook string
		side string
		pull int32  // what Pull gives; 0 is success
		push int32  // what Push gives
		ran  string // which handlers ran
	}{
		{"PreWritePull", "cli", 1999, 0, "push"},
		{"PostWritePull", "cli", 0, 0, "pull push"},
		{"PreWriteReply", "srv", 0, 0, "pull push"},
		{"PostWriteReply", "srv", 0, 0, "pull push"},
		{"PreWritePush", "cli", 0, 1999, "pull"},
		{"PostWritePush", "cli", 0, 0, "pull push"},
		{"PostReadPullHeader", "srv", 1999, 0, "push"},
		{"PreReadPullBody", "srv", 1999, 0, "push"},
		{"PostReadPullBody", "srv", 1999, 0, "push"},
		{"PostReadPushHeader", "srv", 0, 0, "pull"},
		{"PreReadPushBody", "srv", 0, 0, "pull"},
		{"PostReadPushBody", "srv", 0, 0, "pull"},
		{"PostReadReplyHeader", "cli", 1999, 0, "pull push"},
		{"PreReadReplyBody", "cli", 1999, 0, "pull push"},
		{"PostReadReplyBody", "cli", 1999, 0, "pull push"},
	}
	for _, panics := range []bool{false, true} {
		for _, tt := range tests {
			name := tt.hook
			if panics {
				name += " panics"
			}
			t.Run(name, func(t *testing.T) {
				inBubble(t, PeerConfig{}, func(r *rig) {
					var ran = make(chan string, 10)
					r.srv.PullRouter.RegFunc("/h", func(*packet.RawBody) (any, *Rerror) { ran <- "pull"; return nil, nil })
					r.srv.PushRouter.RegFunc("/h", func(*packet.RawBody) { ran <- "push" })
					cli, sess := r.dial(PeerConfig{})
					defer cli.Close()
					on := map[string]*Peer{"srv": r.srv, "cli": cli}[tt.side]
					err := on.PluginContainer().Add(&everyHook{name: "refuses", do: func(h string, _ any) *Rerror {
						if h != tt.hook {
							return nil
						}
						if panics {
							panic("asked to")
						}
						return no
					}})
					if err != nil {
						t.Fatal(err)
					}
					wantPull, wantPush := tt.pull, tt.push
					if panics {
						wantPull, wantPush = wantPull/1999*500, wantPush/1999*500
					}
					if got := sess.Pull("/h", nil, nil).Rerror(); codeOf(got) != wantPull {
						t.Errorf("Pull gave %v, want %d", got, wantPull)
					}
					if got := sess.Push("/h", nil); codeOf(got) != wantPush {
						t.Errorf("Push gave %v, want %d", got, wantPush)
					}
					synctest.Wait()
					close(ran)
					if got := strings.Join(slices.Sorted(chanValues(ran)), " "); got != tt.ran {
						t.Errorf("ran: %q, want %q", got, tt.ran)
					}
					if rerr := sess.Push("/other", nil); codeOf(rerr) != wantPush || !sess.Health() {
						t.Errorf("the session suffered: %v", rerr)
					}
				})
			})
		}
	}
}

// Errors around the beginning of a session, and of PreReadHeader, end it.
func TestHooks_ErrorsThatEndTheSession(t *testing.T) {
	no := NewRerror(1999, "no", "")
	inBubble(t, PeerConfig{}, func(r *rig) {
		c := r.client(PeerConfig{}, &hooks{postDial: func(PreSession) *Rerror { return no }})
		defer c.Close()
		if sess, rerr := c.Dial(rigAddr); rerr != no || sess != nil {
			t.Errorf("Dial gave %v, %v", sess, rerr)
		}
		if n := c.CountSession(); n != 0 {
			t.Errorf("%d sessions", n)
		}
		for _, hook := range []string{"PostAccept", "PreReadHeader"} {
			name := "refuses in " + hook
			if err := r.srv.PluginContainer().Add(&everyHook{name: name, do: func(h string, _ any) *Rerror {
				if h == hook {
					return no
				}
				return nil
			}}); err != nil {
				t.Fatal(err)
			}
			r.raw().ExpectEnd()
			if err := r.srv.PluginContainer().Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := r.srv.CountSession(); n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}

// A header hook rewrites the uri before routing; the reply carries the uri of
// the PULL as it came.
func TestHooks_RewriteTheUri(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		notes := make(chan string, 1)
		rewrite := &everyHook{name: "alias", do: func(h string, ctx any) *Rerror {
			if h == "PostReadPullHeader" || h == "PostReadPushHeader" {
				if in := ctx.(ReadCtx).Input(); strings.HasPrefix(in.Uri(), "/alias") {
					in.SetUri("/g/real?" + ctx.(ReadCtx).RawQuery() + "&n=1")
				}
			}
			return nil
		}}
		see := func(ctx PushCtx) string { return ctx.Uri() + " " + ctx.Path() + " " + ctx.RawQuery() }
		r.srv.PullRouter.Group("g", rewrite).RegFunc("real", func(ctx PullCtx, _ *packet.RawBody) (string, *Rerror) { return see(ctx), nil })
		r.srv.PushRouter.Group("g", rewrite).RegFunc("real", func(ctx PushCtx, _ *packet.RawBody) { notes <- see(ctx) })
		raw := r.raw()
		defer raw.Close()
		const want = "/alias?q=2 /g/real q=2&n=1"
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/alias?q=2"), packet.WithBodyCodec('s'))
		if p := raw.ExpectPacket(); p.Uri() != "/alias?q=2" || string(p.RawBody()) != want {
			t.Errorf("got %v %q", p, p.RawBody())
		}
		raw.SendPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/alias?q=2"))
		if got := <-notes; got != want {
			t.Errorf("got %q", got)
		}
	})
}

// A handshake in PostDial and PostAccept, before anything else is read.
func TestHooks_HandshakeWithSendAndReceive(t *testing.T) {
	accept := &hooks{postAccept: func(s PreSession) *Rerror {
		in := packet.NewPacket()
		in.SetNewBody(func(uint64, byte, string) any { return new(string) })
		if err := s.Receive(in); err != nil {
			return NewRerror(CodeUnauthorized, "no token", err.Error())
		}
		if in.Uri() != "/auth" || *in.Body().(*string) != "token" {
			return NewRerror(CodeUnauthorized, "wrong token", "")
		}
		s.SetId("ann")
		s.Public().Store("user", "ann")
		return rerrorOfBody(s.Send(packet.NewPacket(packet.WithUri("/welcome"), packet.WithBodyCodec('j'), packet.WithBody("hello"))))
	}}
	inBubble(t, PeerConfig{}, func(r *rig) {
		var kept PreSession
		c := r.client(PeerConfig{}, &hooks{postDial: func(s PreSession) *Rerror {
			kept = s
			if err := s.Send(packet.NewPacket(packet.WithUri("/auth"), packet.WithBodyCodec('j'), packet.WithBody("token"))); err != nil {
				return NewRerror(1, err.Error(), "")
			}
			in := packet.NewPacket()
			if err := s.Receive(in); err != nil || in.Uri() != "/welcome" || string(in.RawBody()) != `"hello"` {
				return NewRerror(2, in.String(), "")
			}
			return nil
		}})
		defer c.Close()
		sess, rerr := c.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Error(rerr)
		}
		if s, ok := r.srv.GetSession("ann"); !ok || s.PublicLen() != 1 {
			t.Error("the session has not the id and data of its handshake")
		}
		if err := kept.Send(packet.NewPacket()); err != ErrHandshakeOver {
			t.Errorf("Send after the handshake: %v", err)
		}
		if err := kept.Receive(packet.NewPacket()); err != ErrHandshakeOver {
			t.Errorf("Receive after the handshake: %v", err)
		}
		silent := r.raw()
		silent.Patience = 11e9
		silent.ExpectEnd() // HandshakeTimeout, 10 s
	}, accept)
}

func codeOf(rerr *Rerror) int32 {
	if rerr == nil {
		return 0
	}
	return rerr.Code
}

func chanValues[T any](ch chan T) func(func(T) bool) {
	return func(yield func(T) bool) {
		for v := range ch {
			if !yield(v) {
				return
			}
		}
	}
}

func wantHooks(t *testing.T, what string, got []string, want string) {
	t.Helper()
	if g := strings.Join(got, " "); g != want {
		t.Errorf("%s:\n got %s\nwant %s", what, g, want)
	}
}

func without(names []string, parts ...string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(n, p) })
	})
}

func only(names []string, part string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.Contains(n, part) })
}
