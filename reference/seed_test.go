package tp_test

import (
	"fmt"
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// The design document's snippets, working together: its controllers, both
// forms of unknown handlers, its AliasPlugin where it registers it.

type SeedHome struct{ tp.PullCtx }

func (h *SeedHome) Test(args *[2]int) (int, *tp.Rerror) {
	a := (*args)[0]
	b := (*args)[1]
	return a + b, nil
}

type Msg struct {
	tp.PushCtx
	got chan string
}

func (m *Msg) Test(args *map[string]interface{}) {
	m.got <- fmt.Sprintf("args: %v query: %v", *args, m.Query())
}

func SeedUnknownPullHandle(ctx tp.UnknownPullCtx, body *[]byte) (interface{}, *tp.Rerror) {
	var v interface{}
	codecId, err := ctx.Unmarshal(*body, &v, true)
	if err != nil {
		return nil, tp.NewRerror(0, err.Error(), "")
	}
	return fmt.Sprintf("unknown pull: codec: %c content: %v", codecId, v), nil
}

type AliasPlugin struct {
	Aliases map[string]string
}

func NewAliasPlugin() *AliasPlugin { return &AliasPlugin{Aliases: make(map[string]string)} }

func (p *AliasPlugin) Alias(alias string, uri string) { p.Aliases[alias] = uri }

func (p *AliasPlugin) Name() string { return "AliasPlugin" }

func (p *AliasPlugin) PostReadPullHeader(ctx tp.ReadCtx) *tp.Rerror {
	var u = ctx.Input().Uri()
	if a := p.Aliases[u]; a != "" {
		ctx.Input().SetUri(a)
	}
	return nil
}

func TestSeed_SnippetsWorkTogether(t *testing.T) {
	peer, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer peer.Close()
	defer client.Close()
	got := make(chan string, 2)
	aliasesPlugin := NewAliasPlugin()
	aliasesPlugin.Alias("/alias", "/pull/seed_home/test")
	{
		pullGroup := peer.PullRouter.Group("pull", aliasesPlugin)
		pullGroup.Reg(new(SeedHome))
		peer.PullRouter.SetUnknown(SeedUnknownPullHandle)
	}
	{
		pushGroup := peer.PushRouter.Group("push")
		pushGroup.Reg(&Msg{got: got}, aliasesPlugin)
		peer.PushRouter.SetUnknown(func(ctx tp.UnknownPushCtx, body *[]byte) {
			var v interface{}
			codecId, err := ctx.Unmarshal(*body, &v, true)
			got <- fmt.Sprintf("unknown push: codec: %c content: %v %v", codecId, v, err)
		})
	}
	sess := connect(peer, client)

	for _, uri := range []string{"/pull/seed_home/test", "/alias"} {
		var sum int
		cmd := sess.Pull(uri, [2]int{3, 4}, &sum)
		if rerr := cmd.Rerror(); rerr != nil || sum != 7 {
			t.Errorf("%s gives %d, %v, want 7", uri, sum, rerr)
		}
	}
	var reply interface{}
	if rerr := sess.Pull("/pull/nothing", []int{1}, &reply).Rerror(); rerr != nil || reply != "unknown pull: codec: j content: [1]" {
		t.Errorf("unknown pull gives %v, %v", reply, rerr)
	}
	rerr := sess.Pull("/pull/nothing", packet.RawBody("{"), &reply).Rerror()
	if rerr == nil || rerr.Code != 0 || rerr.Message == "" {
		t.Errorf("an error of code 0 arrives as %v", rerr)
	}
	if rerr := sess.Push("/push/msg/test?tag=from home-test", map[string]int{"n": 1}); rerr != nil {
		t.Error(rerr)
	}
	if s := <-got; s != "args: map[n:1] query: map[tag:[from home-test]]" {
		t.Errorf("push gave %q", s)
	}
	if rerr := sess.Push("/push/other", "hi", socket.WithBodyCodec('s')); rerr != nil {
		t.Error(rerr)
	}
	if s := <-got; s != "unknown push: codec: s content: hi <nil>" {
		t.Errorf("unknown push gave %q", s)
	}
}

// Each hook's error has the effect that the documentation of Plugin names.
type refusing struct {
	hook string
	rerr *tp.Rerror
}

func (p *refusing) Name() string { return "refusing" }
func (p *refusing) at(hook string) *tp.Rerror {
	if p.hook == hook {
		return p.rerr
	}
	return nil
}
func (p *refusing) PreWritePull(tp.WriteCtx) *tp.Rerror       { return p.at("PreWritePull") }
func (p *refusing) PreWritePush(tp.WriteCtx) *tp.Rerror       { return p.at("PreWritePush") }
func (p *refusing) PostReadPullHeader(tp.ReadCtx) *tp.Rerror  { return p.at("PostReadPullHeader") }
func (p *refusing) PreReadPullBody(tp.ReadCtx) *tp.Rerror     { return p.at("PreReadPullBody") }
func (p *refusing) PostReadPullBody(tp.ReadCtx) *tp.Rerror    { return p.at("PostReadPullBody") }
func (p *refusing) PostReadPushHeader(tp.ReadCtx) *tp.Rerror  { return p.at("PostReadPushHeader") }
func (p *refusing) PreReadPushBody(tp.ReadCtx) *tp.Rerror     { return p.at("PreReadPushBody") }
func (p *refusing) PostReadPushBody(tp.ReadCtx) *tp.Rerror    { return p.at("PostReadPushBody") }
func (p *refusing) PostReadReplyHeader(tp.ReadCtx) *tp.Rerror { return p.at("PostReadReplyHeader") }
func (p *refusing) PreReadReplyBody(tp.ReadCtx) *tp.Rerror    { return p.at("PreReadReplyBody") }
func (p *refusing) PostReadReplyBody(tp.ReadCtx) *tp.Rerror   { return p.at("PostReadReplyBody") }
func (p *refusing) PreWriteReply(tp.WriteCtx) *tp.Rerror      { return p.at("PreWriteReply") }

// onEnd is closed when the session of its peer has ended.
type onEnd chan struct{}

func (onEnd) Name() string { return "onEnd" }

func (c onEnd) PostDisconnect(tp.PostSession) *tp.Rerror { close(c); return nil }

func TestPlugin_EffectOfAnError(t *testing.T) {
	tests := []struct {
		hook                     string
		server                   bool // the plugin is on the side that is called
		pullFails, pushFails     bool // for the caller
		pullHandled, pushHandled bool
	}{
		{"PreWritePull", false, true, false, false, true},
		{"PreWritePush", false, false, true, true, false},
		{"PostReadPullHeader", true, true, false, false, true},
		{"PreReadPullBody", true, true, false, false, true},
		{"PostReadPullBody", true, true, false, false, true},
		{"PostReadPushHeader", true, false, false, true, false},
		{"PreReadPushBody", true, false, false, true, false},
		{"PostReadPushBody", true, false, false, true, false},
		{"PostReadReplyHeader", false, true, false, true, true},
		{"PreReadReplyBody", false, true, false, true, true},
		{"PostReadReplyBody", false, true, false, true, true},
		{"PreWriteReply", true, false, false, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.hook, func(t *testing.T) {
			plugin := &refusing{hook: tt.hook, rerr: tp.NewRerror(1001, "refused", tt.hook)}
			server, client := tp.NewPeer(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
			defer server.Close()
			defer client.Close()
			ended := make(onEnd)
			if err := server.PluginContainer().Add(ended); err != nil {
				t.Fatal(err)
			}
			on := client
			if tt.server {
				on = server
			}
			if err := on.PluginContainer().Add(plugin); err != nil {
				t.Fatal(err)
			}
			handled := make(chan string, 2)
			server.PullRouter.RegFunc("/x", func(*int) (int, *tp.Rerror) { handled <- "pull"; return 1, nil })
			server.PushRouter.RegFunc("/x", func(*int) { handled <- "push" })
			sess := connect(server, client)
			var reply int
			rerr := sess.Pull("/x", 1, &reply).Rerror()
			if fails := rerr != nil; fails != tt.pullFails || fails && (rerr.Code != 1001 || rerr.Detail != tt.hook) {
				t.Errorf("the pull ends with %v", rerr)
			}
			rerr = sess.Push("/x", 1)
			if fails := rerr != nil; fails != tt.pushFails || fails && rerr.Code != 1001 {
				t.Errorf("the push ends with %v", rerr)
			}
			client.Close()
			<-ended // by the end of the stream: what came before it was handled
			close(handled)
			seen := map[string]bool{}
			for what := range handled {
				seen[what] = true
			}
			if seen["pull"] != tt.pullHandled || seen["push"] != tt.pushHandled {
				t.Errorf("handled %v, want pull %v, push %v", seen, tt.pullHandled, tt.pushHandled)
			}
		})
	}
}
