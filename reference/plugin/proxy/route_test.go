package proxy_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
)

// whereAmI makes an upstream at addr that answers every PULL with its address
// and the uri that came.
func (r *rig) whereAmI(addr string) {
	peer := tp.NewPeer(tp.PeerConfig{})
	peer.PullRouter.SetUnknown(func(c tp.UnknownPullCtx) (any, *tp.Rerror) { return addr + c.Uri(), nil })
	r.serve(addr, peer, peer.Close)
}

func TestRoute_Chooses(t *testing.T) {
	cfg := proxy.Config{Route: proxy.ByMeta("zone", map[string]proxy.Target{"z": {Addr: "z:1"}},
		proxy.ByPrefix(map[string]proxy.Target{
			"/a":    {Addr: "a:1"},
			"/a/b/": {Addr: "b:1"},
			"/c":    {Addr: "a:1", Uri: "/instead?of=it"},
		}))}
	inBubble(t, cfg, func(t *testing.T, r *rig) {
		r.whereAmI("a:1")
		r.whereAmI("b:1")
		r.whereAmI("z:1")
		r.front.PullRouter.RegFunc("/a/own", func(*packet.RawBody) (string, *tp.Rerror) { return "front", nil })
		client := r.dial()
		for _, tt := range []struct{ uri, zone, want string }{
			{"/a", "", "a:1/a"},
			{"/a/x?y=1", "", "a:1/a/x?y=1"},
			{"/a/b", "", "b:1/a/b"},
			{"/a/b/c", "", "b:1/a/b/c"},
			{"/a/bc", "", "a:1/a/bc"},
			{"/ab", "", ""},
			{"/", "", ""},
			{"/c/d", "", "a:1/instead?of=it"},
			{"/any", "z", "z:1/any"},
			{"/a", "other", "a:1/a"},
			{"/a/own", "z", "front"},
		} {
			var got string
			var set []packet.PacketSetting
			if tt.zone != "" {
				set = append(set, packet.WithAddMeta("zone", tt.zone))
			}
			rerr := client.Pull(tt.uri, nil, &got, set...).Rerror()
			if tt.want == "" {
				wantCode(t, tt.uri, rerr, tp.CodeNotFound)
			} else if rerr != nil || got != tt.want {
				t.Errorf("%s in zone %q: got %q, %v, want %q", tt.uri, tt.zone, got, rerr, tt.want)
			}
		}
		if s := r.px.Stats(); s.Unrouted != 2 {
			t.Errorf("got %+v, want two without a target", s)
		}
	})
}

func TestRoute_ErrorIsTheAnswer(t *testing.T) {
	cfg := proxy.Config{Route: func(c proxy.Request) (proxy.Target, *tp.Rerror) {
		return proxy.Target{Addr: upAddr}, tp.NewRerror(1234, "not you", c.Session().Id())
	}}
	inBubble(t, cfg, func(t *testing.T, r *rig) {
		client := r.dial()
		wantCode(t, "a PULL", client.Pull("/x", nil, nil).Rerror(), 1234)
		if rerr := client.Push("/x", nil); rerr != nil {
			t.Error(rerr)
		}
		synctest.Wait()
		if s := r.px.Stats(); s.Unrouted != 2 || s.PushesDropped != 1 || s.Dials+s.DialsFailed != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

// A packet that comes in a circle is stopped where it comes by again, one in a
// spiral when it has gone too far.
func TestProxy_Circle(t *testing.T) {
	for _, tt := range []struct {
		name   string
		hops   int
		routes map[string]string // from a proxy to an address
		want   string
	}{
		{"to itself", 0, map[string]string{frontAddr: frontAddr}, "this proxy already"},
		{"over another", 0, map[string]string{frontAddr: "b:1", "b:1": frontAddr}, "this proxy already"},
		{"over two", 0, map[string]string{frontAddr: "b:1", "b:1": "c:1", "c:1": "b:1"}, "this proxy already"},
		{"too far", 2, map[string]string{frontAddr: "b:1", "b:1": "c:1", "c:1": upAddr}, "MaxHops"},
		{"far enough", 3, map[string]string{frontAddr: "b:1", "b:1": "c:1", "c:1": upAddr}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := func(addr string) proxy.Config {
				return proxy.Config{MaxHops: tt.hops, Route: proxy.To(proxy.Target{Addr: tt.routes[addr]})}
			}
			inBubble(t, config(frontAddr), func(t *testing.T, r *rig) {
				r.upstream(upAddr)
				for addr := range tt.routes {
					if addr != frontAddr {
						r.proxyAt(addr, tp.PeerConfig{}, config(addr))
					}
				}
				client := r.dial()
				if tt.want == "" {
					r.echo(client, "through")
					return
				}
				rerr := client.Pull("/x", nil, nil).Rerror()
				wantCode(t, "a PULL", rerr, tp.CodeBadGateway)
				if rerr != nil && !strings.Contains(rerr.Detail, tt.want) {
					t.Errorf("the detail is %q, want something about %q", rerr.Detail, tt.want)
				}
			})
		})
	}
}

// Close waits for what is under way, for as long as it may.
func TestProxy_Close(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after time.Duration // when the upstream answers
		code  int32         // what the call gets; 0: its result
		ends  time.Duration
	}{
		{"waits for an answer", 3 * time.Second, 0, 3 * time.Second},
		{"gives up", time.Hour, tp.CodeOverload, 10 * time.Second},
	} {
		for _, frontOnly := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				inBubble(t, proxy.Config{Timeout: -1, CloseTimeout: 10 * time.Second}, func(t *testing.T, r *rig) {
					accept := r.rawUpstream()
					client := r.dial()
					cmd := client.AsyncPull("/x", nil, nil, nil)
					up := accept()
					p := up.ExpectPacket()
					start := time.Now()
					timer := time.AfterFunc(tt.after, func() {
						up.SendPacket(packet.WithPtype(packet.TypeReply), packet.WithSeq(p.Seq()))
					})
					defer timer.Stop()
					if frontOnly {
						if err := r.front.Close(); err != nil {
							t.Error(err)
						}
					} else if err := r.px.Close(); err != nil {
						t.Error(err)
					}
					if rerr := cmd.Rerror(); tt.code != 0 {
						wantCode(t, "the call", rerr, tt.code)
					} else if rerr != nil {
						t.Errorf("the call got %v", rerr)
					}
					<-r.px.Done()
					if d := time.Since(start); d < tt.ends || d > tt.ends+5*time.Second {
						t.Errorf("it took %v, want about %v", d, tt.ends)
					}
				})
			})
		}
	}
}

func TestNew_Refuses(t *testing.T) {
	route := proxy.To(proxy.Target{Addr: upAddr})
	for field, cfg := range map[string]proxy.Config{
		"Route":           {},
		"MaxCalls":        {Route: route, MaxCalls: -1},
		"MaxBytes":        {Route: route, MaxBytes: -1},
		"MaxSessionCalls": {Route: route, MaxSessionCalls: -1},
		"MaxSessionBytes": {Route: route, MaxSessionBytes: -1},
		"MaxUpstreams":    {Route: route, MaxUpstreams: -1},
		"MaxHops":         {Route: route, MaxHops: -1},
		"DialTimeout":     {Route: route, DialTimeout: -1},
	} {
		front := tp.NewPeer(tp.PeerConfig{})
		_, err := proxy.New(front, cfg)
		var bad *proxy.ConfigError
		if !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
		front.Close()
	}
	if _, err := proxy.New(nil, proxy.Config{Route: route}); err == nil {
		t.Error("a nil front was taken")
	}
	front := tp.NewPeer(tp.PeerConfig{})
	px, err := proxy.New(front, proxy.Config{Route: route})
	if err != nil {
		t.Fatal(err)
	}
	var plugin *tp.PluginError
	if _, err := proxy.New(front, proxy.Config{Route: route}); !errors.As(err, &plugin) {
		t.Errorf("a second proxy of one front: got %v", err)
	}
	var config *tp.ConfigError
	if _, err := proxy.New(front, proxy.Config{Route: route, Upstream: tp.PeerConfig{Network: "pigeon"}}); !errors.As(err, &config) {
		t.Errorf("an upstream configuration that cannot work: got %v", err)
	}
	if px.Front() != front {
		t.Error("Front is another")
	}
	if err := px.Close(); err != nil {
		t.Error(err)
	}
}

// The addresses in use are bounded; one that is idle makes room.
func TestProxy_MaxUpstreams(t *testing.T) {
	cfg := proxy.Config{MaxUpstreams: 2, Route: func(c proxy.Request) (proxy.Target, *tp.Rerror) {
		return proxy.Target{Addr: strings.TrimPrefix(c.Path(), "/")}, nil
	}}
	inBubble(t, cfg, func(t *testing.T, r *rig) {
		r.whereAmI("a:1")
		r.whereAmI("b:1")
		client := r.dial()
		for _, tt := range []struct {
			addr string
			code int32
		}{{"nobody:1", tp.CodeBadGateway}, {"a:1", 0}, {"b:1", 0}, {"nobody:1", tp.CodeOverload}, {"a:1", 0}} {
			rerr := client.Pull("/"+tt.addr, nil, nil).Rerror()
			if tt.code != 0 {
				wantCode(t, tt.addr, rerr, tt.code)
			} else if rerr != nil {
				t.Errorf("%s: %v", tt.addr, rerr)
			}
		}
		if ups := r.px.Upstreams(); len(ups) != 2 || ups[0].Addr != "a:1" || ups[1].Addr != "b:1" {
			t.Errorf("got the upstreams %+v", ups)
		}
	})
}

// What a session sends at once, while there is no upstream session yet, goes
// through one: an upstream that looks at its session sees all of it.
func TestRoute_PerSessionDialsOnce(t *testing.T) {
	cfg := proxy.Config{Route: proxy.To(proxy.Target{Addr: upAddr, PerSession: true})}
	inBubble(t, cfg, func(t *testing.T, r *rig) {
		r.upstream(upAddr)
		const clients, calls = 200, 16
		for range clients {
			client := r.dial()
			cmds := make(chan *tp.PullCmd, calls)
			for range calls {
				client.AsyncPull("/echo", packet.RawBody("x"), new(packet.RawBody), cmds)
			}
			for range calls {
				cmd := <-cmds
				if rerr := cmd.Rerror(); rerr != nil {
					t.Fatal(rerr)
				}
			}
		}
		if got := len(r.ups); got != clients {
			t.Errorf("%d sessions have %d upstream sessions", clients, got)
		}
	})
}
