package proxy_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
)

// named makes a client that answers /who with its name and notes pushes to /news.
func (r *rig) named(name, addr string) (tp.Session, chan string) {
	news := make(chan string, 10)
	sess := r.dialAt(addr, func(p *tp.Peer) {
		p.PullRouter.RegFunc("/who", func(*packet.RawBody) (string, *tp.Rerror) { return name, nil })
		p.PushRouter.RegFunc("/news", func(s *string) { news <- *s })
	})
	return sess, news
}

// callsBack makes an upstream whose /ask pushes to its caller, pulls from it and
// answers what that said. With marks it copies the pairs of MetaSession.
func (r *rig) callsBack(marks bool) *tp.Peer {
	srv := r.upstream(upAddr)
	tp.HandlePull(srv.PullRouter, "/ask", func(c tp.PullCtx, _ *packet.RawBody) (string, *tp.Rerror) {
		mark := func(out *packet.Packet) {
			c.Input().Meta().VisitAll(func(k, v []byte) {
				if marks && string(k) == proxy.MetaSession {
					out.Meta().Add(string(k), string(v))
				}
			})
		}
		if rerr := c.Session().Push("/news", "asked", mark); rerr != nil {
			return "", rerr
		}
		var who string
		rerr := c.Session().Pull("/who", nil, &who, mark).Rerror()
		return who, rerr
	})
	return srv
}

// What an upstream calls back reaches the session that it is meant for: with a
// session for each, or by MetaSession, through one proxy or two.
func TestProxy_CallsBack(t *testing.T) {
	for _, tt := range []struct {
		name           string
		inner, outer   bool // PerSession
		marks, through bool
	}{
		{name: "per session", inner: true},
		{name: "shared", marks: true},
		{name: "per session through two", inner: true, outer: true, through: true},
		{name: "shared through two", marks: true, through: true},
		{name: "per session behind shared", inner: true, marks: true, through: true},
		{name: "shared behind per session", outer: true, marks: true, through: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, proxy.Config{Route: proxy.To(proxy.Target{Addr: upAddr, PerSession: tt.inner})}, func(t *testing.T, r *rig) {
				r.callsBack(tt.marks)
				addr := frontAddr
				if tt.through {
					addr = "outer:1"
					r.proxyAt(addr, tp.PeerConfig{}, proxy.Config{Route: proxy.To(proxy.Target{Addr: frontAddr, PerSession: tt.outer})})
				}
				var ends sync.WaitGroup
				for i := range 5 {
					name := fmt.Sprint("client ", i)
					sess, news := r.named(name, addr)
					ends.Go(func() {
						for range 3 {
							var who string
							if rerr := sess.Pull("/ask", nil, &who).Rerror(); rerr != nil || who != name {
								t.Errorf("%s was called back as %q, %v", name, who, rerr)
							}
							if s := <-news; s != "asked" {
								t.Errorf("%s got the news %q", name, s)
							}
						}
						if len(news) > 0 {
							t.Errorf("%s got somebody else's news", name)
						}
					})
				}
				ends.Wait()
			})
		})
	}
}

// On a shared session nobody is called back whom nobody knows.
func TestProxy_CallbackToNobody(t *testing.T) {
	inBubble(t, proxy.Config{}, func(t *testing.T, r *rig) {
		r.callsBack(false)
		sess, news := r.named("one", frontAddr)
		wantCode(t, "a call whose handler calls back", sess.Pull("/ask", nil, nil).Rerror(), tp.CodeNotFound)
		synctest.Wait()
		if s := r.px.Stats(); s.Unrouted != 2 || s.PushesDropped != 1 || len(news) != 0 {
			t.Errorf("got %+v, %d news; want a PULL and a PUSH for nobody", s, len(news))
		}
	})
}

// Unless Config.Callback does. A MetaSession that is nobody's is never guessed at.
func TestProxy_CallbackChosen(t *testing.T) {
	var chosen tp.Session
	cfg := proxy.Config{Callback: func(c proxy.Request) tp.Session {
		if c.Path() != "/news" && c.Path() != "/who" {
			t.Errorf("asked about %s", c.Path())
		}
		return chosen
	}}
	inBubble(t, cfg, func(t *testing.T, r *rig) {
		srv := r.callsBack(false)
		sess, news := r.named("one", frontAddr)
		r.echo(sess, "hello")
		r.front.RangeSession(func(s tp.Session) bool { chosen = s; return false })
		var who string
		if rerr := sess.Pull("/ask", nil, &who).Rerror(); rerr != nil || who != "one" || <-news != "asked" {
			t.Errorf("called back %q, %v", who, rerr)
		}
		srv.RangeSession(func(s tp.Session) bool {
			wantCode(t, "a made-up MetaSession", s.Pull("/who", nil, nil, packet.WithAddMeta(proxy.MetaSession, "x")).Rerror(), tp.CodeNotFound)
			return true
		})
	})
}

// Each downstream session has an upstream session, which ends after it: what it
// has sent last arrives.
func TestProxy_PerSessionEnds(t *testing.T) {
	inBubble(t, proxy.Config{Route: proxy.To(proxy.Target{Addr: upAddr, PerSession: true})}, func(t *testing.T, r *rig) {
		srv := r.upstream(upAddr)
		last := make(chan string, 10)
		srv.PushRouter.RegFunc("/last", func(s *string) { last <- *s })
		clients := make([]tp.Session, 3)
		for i := range clients {
			clients[i] = r.dial()
			r.echo(clients[i], "hello")
			r.echo(clients[i], "again")
		}
		if n := srv.CountSession(); n != len(clients) {
			t.Errorf("the upstream has %d sessions, want %d", n, len(clients))
		}
		for i, sess := range clients {
			if rerr := sess.Push("/last", fmt.Sprint(i)); rerr != nil {
				t.Error(rerr)
			}
			sess.Close()
			if got := <-last; got != fmt.Sprint(i) {
				t.Errorf("got the last words %q, want %d", got, i)
			}
			time.Sleep(time.Minute) // virtual: the upstream session has closed in order
			if n := srv.CountSession(); n != len(clients)-1-i {
				t.Errorf("after %d have gone the upstream has %d sessions", i+1, n)
			}
		}
		if s := r.px.Stats(); s.Dials != 3 {
			t.Errorf("got %+v, want 3 dials", s)
		}
	})
}
