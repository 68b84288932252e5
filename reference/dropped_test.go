package tp

import (
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Each PUSH that reaches no handler, or fails, is counted, once; one that is
// handled is not.
func TestStats_EachDroppedPushIsCountedOnce(t *testing.T) {
	quiet(t)
	hooked := func(hook string) []Plugin {
		return []Plugin{&everyHook{name: "refuses", do: func(h string, _ any) *Rerror {
			if h == hook {
				return NewRerror(1001, "no", "")
			}
			return nil
		}}}
	}
	tests := []struct {
		name    string
		cfg     PeerConfig
		plugins []Plugin
		uri     string
		body    packet.RawBody
		set     []packet.PacketSetting
		before  func(r *rig, s Session)
		want    uint64
	}{
		{name: "handled", uri: "/note", want: 0},
		{name: "handler's error", uri: "/error", want: 1},
		{name: "handler panics", uri: "/panic", want: 1},
		{name: "no route", uri: "/nobody", want: 1},
		{name: "bad uri", uri: "/%zz", want: 1},
		{name: "bad body", uri: "/note", body: packet.RawBody("{"), want: 1},
		{name: "unknown codec", uri: "/note", set: []packet.PacketSetting{packet.WithBodyCodec('?')}, want: 1},
		{name: "deadline passed", uri: "/note", set: []packet.PacketSetting{packet.WithSetMeta(MetaTimeoutKey, "0")}, want: 1},
		{name: "header hook", uri: "/note", plugins: hooked("PostReadPushHeader"), want: 1},
		{name: "hook before the body", uri: "/note", plugins: hooked("PreReadPushBody"), want: 1},
		{name: "hook after the body", uri: "/note", plugins: hooked("PostReadPushBody"), want: 1},
		{name: "no slot", uri: "/note", cfg: PeerConfig{MaxHandlers: 1}, before: func(_ *rig, s Session) { s.AsyncPull("/hang", nil, nil, nil) }, want: 1},
		{name: "no room", uri: "/note", cfg: PeerConfig{MaxInflightBytes: 1}, before: func(_ *rig, s Session) { s.AsyncPull("/hang", nil, nil, nil) }, want: 1},
		{name: "closing", uri: "/note", cfg: PeerConfig{V3Compat: true}, before: func(r *rig, s Session) {
			s.AsyncPull("/hang", nil, nil, nil)
			r.mode.settle()
			go s.Pull("/close", nil, nil)
			synctest.Wait()
		}, want: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inModes(t, tt.cfg, func(t *testing.T, r *rig) {
				r.faultyRoutes()
				defer r.openHang()
				r.srv.PullRouter.RegFunc("/close", func(ctx PullCtx, _ *packet.RawBody) (any, *Rerror) {
					ctx.Session().Close()
					return nil, nil
				})
				r.srv.PushRouter.RegFunc("/note", func(*int) {})
				r.srv.PushRouter.RegFunc("/error", func(*int) *Rerror { return NewRerror(1001, "no", "") })
				r.srv.PushRouter.RegFunc("/panic", func(*int) { panic("asked to") })
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				if tt.before != nil {
					tt.before(r, sess)
					r.mode.settle()
				}
				body := tt.body
				if body == nil {
					body = packet.RawBody("1")
				}
				if rerr := sess.Push(tt.uri, body, tt.set...); rerr != nil {
					t.Fatal(rerr)
				}
				r.mode.settle()
				if n := r.srv.Stats().PushesDropped; n != tt.want {
					t.Errorf("%d pushes were counted as dropped, want %d", n, tt.want)
				}
			}, tt.plugins...)
		})
	}
}
