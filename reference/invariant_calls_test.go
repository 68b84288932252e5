package tp

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Every call ends, in a reply, an error reply or a local error. In a bubble a
// call that does not end is a deadlock, which fails the test.
func TestInvariant_EveryCallEnds(t *testing.T) {
	tests := []struct {
		name  string
		uri   string
		fault func(r *rig, client, server *tptest.Conn) // after the session is up, before the calls
		late  func(r *rig, client, server *tptest.Conn) // once the calls wait
		cfg   PeerConfig                                // the server's
		want  []int32                                   // what a call may end with; -1 is success
	}{
		{name: "none", uri: "/add", want: []int32{-1}},
		{name: "panic", uri: "/panic", want: []int32{500}},
		{name: "goexit", uri: "/goexit", want: []int32{500}},
		{name: "unencodable reply", uri: "/unencodable", want: []int32{500}},
		{name: "reply whose encoding panics", uri: "/marshalpanic", want: []int32{500}},
		{name: "reply too large", cfg: PeerConfig{Limits: packet.Limits{MaxPacket: 1 << 10}}, uri: "/huge", want: []int32{500}},
		{name: "unknown filter in the reply", uri: "/badpipe", want: []int32{500}},
		{name: "unknown codec in the reply", uri: "/badcodec", want: []int32{500}},
		{name: "undecodable body", uri: "/struct", want: []int32{400}},
		{name: "reply that does not decode", uri: "/words", want: []int32{400}},
		{name: "overload", cfg: PeerConfig{MaxHandlers: 3}, uri: "/hang", want: []int32{-1, 503}, late: func(r *rig, _, _ *tptest.Conn) { r.openHang() }},
		{name: "other side closes", uri: "/hang", want: []int32{102}, late: func(r *rig, _, s *tptest.Conn) { s.Close() }},
		{name: "other side closes its half", uri: "/hang", want: []int32{102}, late: func(r *rig, _, s *tptest.Conn) { s.CloseWrite() }},
		{name: "other side resets", uri: "/hang", want: []int32{102}, late: func(r *rig, _, s *tptest.Conn) { s.Abort() }},
		{name: "own side breaks", uri: "/hang", want: []int32{102}, late: func(r *rig, c, _ *tptest.Conn) { c.In().FailRead(errTest) }},
		{name: "frame error", uri: "/hang", want: []int32{102}, late: func(r *rig, _, s *tptest.Conn) { s.Write([]byte("\x00\x00\x00\x18x")) }},
		{name: "never reads", uri: "/add", want: []int32{102, 104}, fault: func(r *rig, c, _ *tptest.Conn) { c.Out().SetBuffer(1); c.Out().Stall() }},
		{name: "writes fail", uri: "/add", want: []int32{102, 104}, fault: func(r *rig, c, _ *tptest.Conn) { c.Out().FailWrite(0, errTest) }},
		{name: "writes fail midway", uri: "/add", want: []int32{-1, 102, 104}, fault: func(r *rig, c, _ *tptest.Conn) { c.Out().FailWrite(60, errTest) }},
		{name: "server peer closes", uri: "/hang", want: []int32{-1, 503}, late: func(r *rig, _, _ *tptest.Conn) {
			time.AfterFunc(time.Minute, r.openHang)
			go r.srv.Close()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, tt.cfg, func(r *rig) {
				r.faultyRoutes()
				defer r.openHang()
				cli, sess := r.dial(PeerConfig{})
				defer cli.Close()
				ends := <-r.ends
				if tt.fault != nil {
					tt.fault(r, ends[0], ends[1])
				}
				var cmds []*PullCmd
				for range 8 {
					cmds = append(cmds, sess.AsyncPull(tt.uri, [2]int{1, 2}, new(int), nil))
				}
				if tt.late != nil {
					synctest.Wait()
					tt.late(r, ends[0], ends[1])
				}
				for i, cmd := range cmds {
					code := int32(-1)
					if rerr := cmd.Rerror(); rerr != nil {
						code = rerr.Code
					}
					if !slices.Contains(tt.want, code) {
						t.Errorf("call %d ended with %v, want one of %v", i, cmd.Rerror(), tt.want)
					}
				}
			})
		})
	}
}

var errTest = fmt.Errorf("a fault of the test")

// faultyRoutes answer in all the ways that are wrong.
func (r *rig) faultyRoutes() {
	pull := r.srv.PullRouter
	r.hang = make(chan struct{})
	hang := r.hang
	pull.RegFunc("/hang", func(*packet.RawBody) (int, *Rerror) { <-hang; return 1, nil })
	pull.RegFunc("/goexit", func(*packet.RawBody) (int, *Rerror) { exitGoroutine(); return 1, nil })
	pull.RegFunc("/marshalpanic", func(*packet.RawBody) (any, *Rerror) { return panicsWhenEncoded{}, nil })
	pull.RegFunc("/huge", func(*packet.RawBody) (any, *Rerror) { return make([]byte, 1<<10), nil })
	pull.RegFunc("/words", func(*packet.RawBody) (string, *Rerror) { return "words", nil })
	pull.RegFunc("/struct", func(*struct{ A string }) (string, *Rerror) { return "", nil })
	pull.RegFunc("/badpipe", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) { ctx.AddXferPipe('?'); return 1, nil })
	pull.RegFunc("/badcodec", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) { ctx.SetBodyCodec('?'); return 1, nil })
}

type panicsWhenEncoded struct{}

func (panicsWhenEncoded) MarshalJSON() ([]byte, error) { panic("asked to") }

// The dialogue of one PULL and its REPLY is cut at every byte, either way: the
// call ends at once, with what the cut allows.
func TestInvariant_EveryCallEnds_CutAtEveryByte(t *testing.T) {
	var request, reply int64
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		client := (<-r.ends)[0]
		sess.Pull("/add", [2]int{1, 2}, new(int))
		request, reply = client.Out().Written(), client.In().Written()
	})
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		for at := int64(0); at <= request+reply; at++ {
			cli, sess := r.dial(PeerConfig{})
			client := (<-r.ends)[0]
			want := int32(102)
			switch {
			case at == 0:
				want = 104
				client.Out().CutAfter(0, nil)
			case at <= request: // all of it: gone, and nobody answers
				client.Out().CutAfter(at, nil)
			case at < request+reply:
				client.In().CutAfter(at-request, nil)
			default:
				want = -1
				client.In().CutAfter(reply, nil)
			}
			var sum int
			rerr := sess.Pull("/add", [2]int{1, 2}, &sum).Rerror()
			if want < 0 {
				if rerr != nil || sum != 3 {
					t.Errorf("cut at %d: got %d, %v", at, sum, rerr)
				}
			} else {
				wantCode(t, fmt.Sprintf("cut at %d", at), rerr, want)
			}
			r.mode.settle()
			wantCode(t, "a call after the cut", sess.Pull("/add", nil, nil).Rerror(), 102)
			cli.Close()
		}
		r.mode.settle()
		if n := r.srv.CountSession(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
	})
}

// Duplicate and unknown replies are ignored; the first one counts.
func TestInvariant_EveryCallEnds_DuplicateAndUnknownReplies(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli := r.client(PeerConfig{})
		defer cli.Close()
		a, b := tptest.Pipe()
		sess, err := cli.ServeConn(a)
		if err != nil {
			t.Fatal(err)
		}
		raw := tptest.NewRawPeer(t, b)
		defer raw.Close()
		replyTo := func(seq uint64, body string, set ...packet.PacketSetting) {
			raw.SendPacket(append([]packet.PacketSetting{packet.WithSeq(seq), packet.WithPtype(packet.TypeReply), packet.WithUri("/whatever"),
				packet.WithBodyCodec('j'), packet.WithBody(packet.RawBody(body))}, set...)...)
		}
		var first, second int
		one, two := sess.AsyncPull("/a", nil, &first, nil), sess.AsyncPull("/b", nil, &second, nil)
		raw.ExpectPacket()
		raw.ExpectPacket()
		replyTo(99, "1")
		replyTo(1, "2")
		replyTo(1, "3")
		replyTo(0, `4`, packet.WithSetMeta(MetaRerrorKey, `{"code":0}`))
		replyTo(0, "5")
		synctest.Wait()
		wantCode(t, "an error of code 0", one.Rerror(), 0)
		if first != 0 {
			t.Errorf("the body beside an error was decoded: %d", first)
		}
		if rerr := two.Rerror(); rerr != nil || second != 2 {
			t.Errorf("got %d, %v", second, rerr)
		}
		if n := cli.Stats().RepliesIgnored; n != 3 {
			t.Errorf("%d replies were ignored, want 3", n)
		}
		third := sess.AsyncPull("/c", nil, &first, nil)
		if p := raw.ExpectPacket(); p.Seq() != 2 {
			t.Errorf("got seq %d", p.Seq())
		}
		replyTo(2, "6", packet.WithAddMeta("k", "v"))
		if rerr := third.Rerror(); rerr != nil || first != 6 || third.InputMeta().PeekString("k") != "v" || third.InputBodyCodec() != 'j' {
			t.Errorf("got %d, %v", first, rerr)
		}
	})
}
