package tp

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestSession_PullPushReply(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{CountTime: true, PrintBody: true})
		defer cli.Close()
		notes := make(chan string, 1)
		r.srv.PushRouter.RegFunc("/note", func(ctx PushCtx, s *string) { notes <- *s + " " + ctx.Query().Get("q") })
		var sum int
		cmd := sess.Pull("/add?x=1", [2]int{1, 2}, &sum)
		if rerr := cmd.Rerror(); rerr != nil || sum != 3 {
			t.Fatalf("got %d, %v", sum, rerr)
		}
		if got, _ := cmd.Result(); got != any(&sum) || cmd.Output().Seq() != 0 || cmd.Session() != sess || cmd.Peer() != cli || cmd.Ip() != rigAddr {
			t.Errorf("the call tells something else than what was launched: %v", cmd.Output())
		}
		if rerr := sess.Push("/note?q=a b", "hi"); rerr != nil {
			t.Fatal(rerr)
		}
		if got := <-notes; got != "hi a b" {
			t.Errorf("got the note %q", got)
		}
		for uri, code := range map[string]int32{"/nope": 404, "/%zz": 400, "/panic": 500, "/unencodable": 500, "/fail": 1001, "": 404} {
			wantCode(t, uri, sess.Pull(uri, nil, &sum).Rerror(), code)
		}
		wantCode(t, "bad body", sess.Pull("/add", "not an array", &sum).Rerror(), 400)
		wantCode(t, "unknown codec", sess.Pull("/add", packet.RawBody("x"), &sum, packet.WithBodyCodec('?')).Rerror(), 415)
		wantCode(t, "unencodable args", sess.Pull("/add", make(chan int), &sum).Rerror(), 104)
		var wrong struct{ A string }
		wantCode(t, "wrong reply type", sess.Pull("/add", [2]int{1, 1}, &wrong).Rerror(), 400)
		wantCode(t, "no pointer", sess.Pull("/add", [2]int{1, 1}, wrong).Rerror(), 400)
		if rerr := sess.Pull("/null", nil, &sum).Rerror(); rerr != nil {
			t.Errorf("an empty result: %v", rerr)
		}
		if rerr := sess.Pull("/add", [2]int{4, 5}, &sum).Rerror(); rerr != nil || sum != 9 {
			t.Errorf("after all those errors: %d, %v", sum, rerr)
		}
	})
}

func TestSession_AsyncPull(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		done := make(chan *PullCmd, 1) // smaller than the number of calls
		sums := make([]int, 50)
		for i := range sums {
			sess.AsyncPull("/add", [2]int{i, i}, &sums[i], done)
		}
		synctest.Wait()
		for range sums {
			if rerr := (<-done).Rerror(); rerr != nil {
				t.Fatal(rerr)
			}
		}
		for i, s := range sums {
			if s != 2*i {
				t.Errorf("call %d: got %d", i, s)
			}
		}
		defer func() {
			var want *UnbufferedError
			if err, _ := recover().(error); !errors.As(err, &want) {
				t.Errorf("an unbuffered channel: got %v", err)
			}
		}()
		sess.AsyncPull("/add", nil, nil, make(chan *PullCmd))
	})
}

func TestSession_SettingsCannotBreakReplyMatching(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		var sum int
		cmd := sess.Pull("/add", [2]int{1, 2}, &sum, packet.WithSeq(77), packet.WithPtype(packet.TypePush))
		if rerr := cmd.Rerror(); rerr != nil || sum != 3 || cmd.Output().Seq() != 0 {
			t.Errorf("got %d, %v, seq %d", sum, rerr, cmd.Output().Seq())
		}
	})
}

// Frames as the original writes them, both directions.
func TestSession_WireOfPullAndReply(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		raw := r.raw()
		defer raw.Close()
		raw.SendHex("00000027 66 00 0000000000000000 01 00000005 2f6563686f 00000000 6a 22782279797979797979")
		p := raw.ExpectPacket()
		if p.Ptype() != packet.TypeReply || p.Seq() != 0 || p.Uri() != "/echo" || p.Meta().Len() != 0 || p.BodyCodec() != 'j' || string(p.RawBody()) != `"x"yyyyyyy` {
			t.Errorf("got %v %q", p, p.RawBody())
		}
		tests := []struct {
			name, uri string
			meta      string
			codec     byte
			body      string
		}{
			{"not found", "/group/home/test?peer_id=call-1", `{"code":404,"message":"Not Found"}`, 'j', "null"},
			{"error", "/fail?a=b", `{"code":1001,"message":"no","detail":"because"}`, 'j', "null"},
			{"nothing", "/null", "", 's', ""},
		}
		for i, tt := range tests {
			seq := ^uint64(0) - uint64(i)
			raw.SendPacket(packet.WithSeq(seq), packet.WithPtype(packet.TypePull), packet.WithUri(tt.uri), packet.WithBodyCodec('s'),
				packet.WithBody("x"), packet.WithAddMeta("k", "v"), packet.WithXferPipe('g', 'g'))
			p := raw.ExpectPacket()
			if p.Ptype() != packet.TypeReply || p.Seq() != seq || p.Uri() != tt.uri || p.BodyCodec() != tt.codec || string(p.RawBody()) != tt.body ||
				p.Meta().PeekString(MetaRerrorKey) != tt.meta || p.Meta().Has("k") || string(p.XferPipe().Ids()) != "gg" {
				t.Errorf("%s: got %v %q %s", tt.name, p, p.RawBody(), p.Meta())
			}
		}
	})
}

func TestSession_V3CompatNeverSendsAnEmptyBody(t *testing.T) {
	inBubble(t, PeerConfig{V3Compat: true}, func(r *rig) {
		raw := r.raw()
		defer raw.Close()
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/null"))
		if p := raw.ExpectPacket(); p.BodyCodec() != 'j' || string(p.RawBody()) != "null" {
			t.Errorf("got %v %q", p, p.RawBody())
		}
		a, b := tptest.Pipe()
		cli := NewPeer(PeerConfig{V3Compat: true})
		defer cli.Close()
		sess, err := cli.ServeConn(a)
		if err != nil {
			t.Fatal(err)
		}
		other := tptest.NewRawPeer(t, b)
		defer other.Close()
		sess.AsyncPull("/x", nil, nil, nil)
		if p := other.ExpectPacket(); p.BodyCodec() != 'j' || string(p.RawBody()) != "null" {
			t.Errorf("got %v %q", p, p.RawBody())
		}
	})
}

func TestSession_UnsupportedTypeEndsIt(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		for _, ptype := range []byte{0, 4, 255} {
			raw := r.raw()
			raw.SendPacket(packet.WithPtype(ptype), packet.WithUri("/echo"))
			raw.ExpectEnd()
		}
	})
}

func TestSession_HalfClosedOtherSideStillGetsItsReplies(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := newGate()
		r.srv.PullRouter.RegFunc("/slow", func(*packet.RawBody) (string, *Rerror) { g.pass(); return "done", nil })
		raw := r.raw()
		for i := range 3 {
			raw.SendPacket(packet.WithSeq(uint64(i)), packet.WithPtype(packet.TypePull), packet.WithUri("/slow"))
		}
		raw.CloseWrite()
		synctest.Wait()
		close(g.open)
		for range 3 {
			if p := raw.ExpectPacket(); string(p.RawBody()) != `"done"` {
				t.Errorf("got %v", p)
			}
		}
		raw.ExpectEOF()
	})
}

func TestSession_FlushWaitsForTheKernel(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{DefaultWriteTimeout: -1})
		defer cli.Close()
		client := (<-r.ends)[0]
		client.Out().SetBuffer(10)
		client.Out().Stall()
		if rerr := sess.Push("/note", make([]byte, 1000)); rerr != nil {
			t.Fatal(rerr)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := sess.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		client.Out().Resume()
		if err := sess.Flush(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestSession_IdleTimeoutEndsIt(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{DefaultReadTimeout: 3 * time.Hour})
		defer cli.Close()
		if sess.ReadTimeout() != 3*time.Hour || sess.WriteTimeout() != 30*time.Second {
			t.Errorf("got %v, %v", sess.ReadTimeout(), sess.WriteTimeout())
		}
		time.Sleep(3*time.Hour - 1)
		if !sess.Health() {
			t.Error("it ended early")
		}
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		if sess.Health() {
			t.Error("it did not end")
		}
		_, sess2 := r.dial(PeerConfig{})
		sess2.SetReadTimeout(time.Second)
		sess2.SetWriteTimeout(time.Second)
		time.Sleep(2 * time.Second)
		wantCode(t, "after the timeout", sess2.Pull("/add", nil, nil).Rerror(), 102)
		sess2.Peer().Close()
	})
}

func TestSession_PublicIsSharedAndSeedsContexts(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/who", func(ctx PullCtx, _ *packet.RawBody) (string, *Rerror) {
			user, _ := ctx.Public().Load("user")
			ctx.Public().Store("user", "changed for this packet only")
			return fmt.Sprint(user, " ", ctx.PublicLen()), nil
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		synctest.Wait()
		r.srv.RangeSession(func(s Session) bool { s.Public().Store("user", "ann"); return true })
		for range 2 {
			var got string
			if rerr := sess.Pull("/who", nil, &got).Rerror(); rerr != nil || got != "ann 1" {
				t.Errorf("got %q, %v", got, rerr)
			}
		}
	})
}

func TestSession_ManyConcurrentCallsBothWays(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/back", func(ctx PullCtx, n *int) (int, *Rerror) {
			var got int
			rerr := ctx.Session().Pull("/double", *n, &got).Rerror()
			return got, rerr
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		cli.PullRouter.RegFunc("/double", func(n *int) (int, *Rerror) { return 2 * *n, nil })
		var wg sync.WaitGroup
		for i := range 500 {
			wg.Go(func() {
				var got int
				if rerr := sess.Pull("/back", i, &got).Rerror(); rerr != nil || got != 2*i {
					t.Errorf("call %d: got %d, %v", i, got, rerr)
				}
			})
		}
		wg.Wait()
	})
}
