package tp

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// kept is what user code was given and holds on to.
type kept struct {
	n    int
	body []byte
	text string
	meta *packet.Meta
}

func keptBody(n int) string { return strings.Repeat(fmt.Sprintf("<%d>", n), 5+n%40) }

// No borrowed bytes cross a goroutine: what handlers and callers were given is
// still the same after the buffers it came in have been used many times.
func TestInvariant_NoBorrowedBytesCrossAGoroutine(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		const calls = 300
		got := make(chan kept, 10*calls)
		keep := func(ctx PushCtx, body []byte, text string) {
			k := kept{body: body, text: text, meta: ctx.CopyMeta()}
			fmt.Sscan(ctx.Query().Get("n"), &k.n)
			got <- k
		}
		push, pull := r.srv.PushRouter, r.srv.PullRouter
		push.RegFunc("/bytes", func(ctx PushCtx, b *[]byte) { keep(ctx, *b, string(*b)) })
		push.RegFunc("/text", func(ctx PushCtx, s *string) { keep(ctx, []byte(*s), *s) })
		push.RegFunc("/any", func(ctx PushCtx, v *any) { keep(ctx, []byte((*v).(string)), (*v).(string)) })
		push.SetUnknown(func(ctx UnknownPushCtx) { b := ctx.InputBodyBytes(); keep(ctx, b, string(b)) })
		pull.SetUnknown(func(ctx UnknownPullCtx, b *[]byte) (any, *Rerror) {
			keep(ctx, *b, string(*b))
			return packet.RawBody(*b), nil
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		var replies []*[]byte
		var cmds []*PullCmd
		for n := range calls {
			for _, uri := range []string{"/bytes", "/text", "/any", "/elsewhere"} {
				set := []packet.PacketSetting{packet.WithBodyCodec('s'), packet.WithAddMeta("n", keptBody(n))}
				if n%3 == 0 {
					set = append(set, packet.WithXferPipe('g'))
				}
				if rerr := sess.Push(fmt.Sprintf("%s?n=%d", uri, n), keptBody(n), set...); rerr != nil {
					t.Fatal(rerr)
				}
			}
			reply := new([]byte)
			replies = append(replies, reply)
			cmds = append(cmds, sess.AsyncPull(fmt.Sprintf("/pull?n=%d", n), keptBody(n), reply, nil,
				packet.WithBodyCodec('s'), packet.WithAddMeta("n", keptBody(n))))
		}
		synctest.Wait()
		for n, cmd := range cmds {
			if rerr := cmd.Rerror(); rerr != nil || string(*replies[n]) != keptBody(n) {
				t.Fatalf("call %d: %v, %q", n, rerr, *replies[n])
			}
		}
		close(got)
		count := 0
		for k := range got {
			count++
			want := keptBody(k.n)
			if !bytes.Equal(k.body, []byte(want)) || k.text != want || k.meta.PeekString("n") != want {
				t.Fatalf("packet %d was changed under its handler: %q %q %s", k.n, k.body, k.text, k.meta)
			}
		}
		if count != 5*calls {
			t.Errorf("%d packets were handled, want %d", count, 5*calls)
		}
	})
}

// A context kept beyond its handler shows its own packet, never another one.
func TestContext_KeptTooLongShowsItsOwnPacket(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		ctxs := make(chan PullCtx, 100)
		r.srv.PullRouter.RegFunc("/keep", func(ctx PullCtx, n *int) (int, *Rerror) { ctxs <- ctx; return *n, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for n := range 100 {
			sess.Pull(fmt.Sprintf("/keep?n=%d", n), n, nil)
		}
		for n := range 100 {
			ctx := <-ctxs
			if ctx.Seq() != uint64(n) || ctx.Query().Get("n") != fmt.Sprint(n) || ctx.Output().Seq() != uint64(n) {
				t.Errorf("context %d shows seq %d, %s", n, ctx.Seq(), ctx.RawQuery())
			}
		}
	})
}

// Where the reader has decoded the body, its own buffer is out of reach; where
// a hook has a say, the hook sees the body, in memory of the packet.
func TestContext_InputNeverShowsTheReadersBuffer(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		raws := make(chan []byte, 2)
		r.srv.PullRouter.RegFunc("/plain", func(ctx PullCtx, s *string) (string, *Rerror) {
			raws <- ctx.Input().RawBody()
			return *s, nil
		})
		hooked := &everyHook{name: "sees", do: func(h string, ctx any) *Rerror {
			if h == "PostReadPullBody" {
				raws <- ctx.(ReadCtx).Input().RawBody()
			}
			return nil
		}}
		r.srv.PullRouter.RegFunc("/hooked", func(s *string) (string, *Rerror) { return *s, nil }, hooked)
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for _, uri := range []string{"/plain", "/hooked"} {
			if rerr := sess.Pull(uri, "some text", nil).Rerror(); rerr != nil {
				t.Fatal(rerr)
			}
		}
		for range 100 {
			sess.Pull("/add", [2]int{1, 2}, nil)
		}
		if b := <-raws; b != nil {
			t.Errorf("the handler got the reader's buffer: %q", b)
		}
		if b := <-raws; string(b) != `"some text"` {
			t.Errorf("the hook got %q", b)
		}
	})
}
