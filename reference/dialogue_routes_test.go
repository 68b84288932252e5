package tp

import (
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// serveDialogue registers the routes that the recorded servers had.
func serveDialogue(p *Peer) {
	pull := p.PullRouter
	pull.RegFunc("/t/echo", func(s *string) (string, *Rerror) { return *s, nil })
	pull.RegFunc("/t/any", func(v *any) (any, *Rerror) { return *v, nil })
	pull.RegFunc("/t/obj", func(v *map[string]any) (map[string]any, *Rerror) { return *v, nil })
	pull.RegFunc("/t/bytes", func(b *[]byte) ([]byte, *Rerror) { return *b, nil })
	pull.RegFunc("/t/pb", func(m *durationpb.Duration) (*durationpb.Duration, *Rerror) { // two numbers: 1 and 2
		a, b := m.Seconds, int64(m.Nanos)
		return &durationpb.Duration{Seconds: a + b, Nanos: int32(a - b)}, nil
	})
	pull.RegFunc("/t/switch", func(ctx PullCtx, s *string) (string, *Rerror) {
		ctx.SetBodyCodec('s')
		ctx.AddXferPipe('g')
		ctx.SetMeta("from", "server & co")
		return *s, nil
	})
	pull.RegFunc("/t/plain", func(*string) (any, *Rerror) { return nil, NewRerror(1002, "simple", "detail") })
	pull.RegFunc("/t/body_and_err", func(*string) (map[string]bool, *Rerror) {
		return map[string]bool{"partial": true}, NewRerror(1006, "with body", "")
	})
	pull.RegFunc("/t/code_zero", func(*string) (any, *Rerror) { return nil, NewRerror(0, "", "") })
	pull.RegFunc("/t/code_neg", func(*string) (any, *Rerror) { return nil, NewRerror(-5, "neg", "") })
	pull.RegFunc("/t/pb_err", func(*[]byte) (any, *Rerror) { return nil, NewRerror(1005, "pb error", "typed nil reply") })
	pull.RegFunc("/t/callback", func(ctx PullCtx, s *string) (map[string]string, *Rerror) {
		var out string
		for i, arg := range []string{*s, *s + "2"} {
			if rerr := ctx.Session().Push("/c_note/note", fmt.Sprint("push ", i+1)); rerr != nil {
				return nil, rerr
			}
			if rerr := ctx.Session().Pull("/c/hello", arg, &out).Rerror(); rerr != nil {
				return nil, rerr
			}
		}
		return map[string]string{"err": "", "out": out}, nil
	})
	p.PushRouter.RegFunc("/p/note", func(*string) {})

	// The sample of the design document, without its five seconds of sleep.
	sample := func(ctx PullCtx, args any) (map[string]any, *Rerror) {
		rerr := ctx.Session().Push("/push/test?tag=from home-test", map[string]any{"your_id": ctx.Query().Get("peer_id")})
		return map[string]any{"your_args": args, "server_time": time.Now(), "meta": ctx.CopyMeta().String()}, rerr
	}
	pull.RegFunc("/group/home/test", func(ctx PullCtx, args *map[string]any) (map[string]any, *Rerror) { return sample(ctx, *args) })
	pull.SetUnknown(func(ctx UnknownPullCtx) (any, *Rerror) {
		var v sampleArgs
		if _, err := ctx.Bind(&v); err != nil {
			return nil, NewRerror(1001, "bind error", err.Error())
		}
		return sample(ctx.(PullCtx), v)
	})
}

type sampleArgs struct {
	RawMessage json.RawMessage
	Bytes      []byte
}

// dialogueCall is a call that the recorded client made.
type dialogueCall struct {
	uri         string
	args, reply any
	set         []packet.PacketSetting
}

// dialogueCalls are those of one recording.
func dialogueCalls(name string) []dialogueCall {
	with := func(set ...packet.PacketSetting) []packet.PacketSetting { return set }
	gz, s, pb := packet.WithXferPipe('g'), packet.WithBodyCodec('s'), packet.WithBodyCodec('p')
	switch name {
	case "dialogue-simple-sample.json":
		return []dialogueCall{
			{"/group/home/test?peer_id=call-1", map[string]any{"bytes": []byte("test bytes")}, new(any),
				with(gz, packet.WithSetMeta("set", "0"), packet.WithAddMeta("add", "1"), packet.WithAddMeta("add", "2"))},
			{"/group/home/test_unknown?peer_id=call-2", sampleArgs{json.RawMessage(`{"RawMessage":"test_unknown"}`), []byte("test bytes")}, new(any), with(gz)},
		}
	case "dialogue-codecs-and-pipes.json":
		return []dialogueCall{
			{"/t/echo", "json", new(string), nil},
			{"/t/echo", "string codec", new(string), with(s)},
			{"/t/bytes", []byte{0, 1, 2, 255}, new([]byte), nil},
			{"/t/bytes", []byte{0, 1, 2, 255}, new([]byte), with(s)},
			{"/t/pb", &durationpb.Duration{Seconds: 5, Nanos: 3}, new(durationpb.Duration), with(pb)},
			{"/t/echo", "gz", new(string), with(gz)},
			{"/t/echo", "gzgz", new(string), with(gz, gz)},
			{"/t/switch", "handler sets codec s, appends pipe g, sets meta", new(string), nil},
			{"/t/switch", "pull has g, handler appends g", new(string), with(gz)},
			{"/t/any", []any{1.5, "a", nil, true}, new(any), nil},
			{"/t/obj", map[string]any{"your_id": "call-1"}, nil, nil},
		}
	case "dialogue-rerror-variants.json":
		return []dialogueCall{
			{"/t/plain", "x", new(any), nil},
			{"/t/body_and_err", "x", new(any), nil},
			{"/t/code_zero", "x", new(any), nil},
			{"/t/code_neg", "x", new(any), nil},
			{"/t/plain", "x", new(any), with(gz, gz)},
			{"/t/pb_err", &durationpb.Duration{Seconds: 1, Nanos: 2}, new(durationpb.Duration), with(pb)},
		}
	}
	return []dialogueCall{
		{"/p/note", "push a", nil, nil},
		{"/t/echo", "pull a", new(string), nil},
		{"/p/note", "push b", nil, nil},
		{"/t/callback", "cb", new(any), nil},
		{"/t/echo", "pull c", new(string), nil},
	}
}
