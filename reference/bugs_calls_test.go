package tp

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A call with an empty body is handled, and a REPLY with an empty body ends its
// call, an error REPLY too. The original skipped what belongs to a body where
// there was none: the handler panicked over its nil argument, the caller was
// never told. Here that is a deadlock of the bubble.
func TestBug01_EmptyBodies(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		notes := make(chan string, 1)
		r.srv.PushRouter.RegFunc("/note", func(ctx PushCtx, args *map[string]int) { notes <- ctx.Uri() })
		raw := r.raw()
		defer raw.Close()
		for _, uri := range []string{"/add", "/null", "/echo"} {
			raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri(uri))
			if p := raw.ExpectPacket(); p.Ptype() != packet.TypeReply || p.Meta().Has(MetaRerrorKey) {
				t.Errorf("%s: got %s", uri, p)
			}
		}
		raw.SendPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/note"))
		if got := <-notes; got != "/note" {
			t.Errorf("got %q", got)
		}

		a, b := tptest.Pipe()
		cli := NewPeer(PeerConfig{})
		defer cli.Close()
		sess, err := cli.ServeConn(a)
		if err != nil {
			t.Fatal(err)
		}
		server := tptest.NewRawPeer(t, b)
		defer server.Close()
		for meta, code := range map[string]int32{"": 0, `{"code":404,"message":"Not Found"}`: 404} {
			for _, codec := range []byte{0, 'j'} {
				cmd := sess.AsyncPull("/x", nil, new(map[string]int), nil)
				seq := server.ExpectPacket().Seq()
				set := []packet.PacketSetting{packet.WithPtype(packet.TypeReply), packet.WithSeq(seq), packet.WithUri("/x"), packet.WithBodyCodec(codec)}
				if meta != "" {
					set = append(set, packet.WithSetMeta(MetaRerrorKey, meta))
				}
				server.SendPacket(set...)
				if rerr := cmd.Rerror(); codeOf(rerr) != code {
					t.Errorf("an empty REPLY with %q gives %v", meta, rerr)
				}
			}
		}
	})
}

// A body under a codec that is not registered goes through to who takes bytes,
// and fails one call elsewhere. The original closed the session over each.
func TestBug07_UnknownCodecs(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		notes := make(chan string, 1)
		r.srv.PullRouter.RegFunc("/number", func(*int) (any, *Rerror) { return nil, nil })
		r.srv.PullRouter.SetUnknown(func(ctx UnknownPullCtx, b *[]byte) (any, *Rerror) { return packet.RawBody(*b), nil })
		r.srv.PushRouter.SetUnknown(func(ctx UnknownPushCtx, b *[]byte) { notes <- string(*b) })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		odd := packet.WithBodyCodec(200)
		for _, uri := range []string{"/elsewhere", "/echo"} {
			var got []byte
			cmd := sess.Pull(uri, packet.RawBody("\x00odd"), &got, odd)
			if rerr := cmd.Rerror(); rerr != nil || string(got) != "\x00odd" || cmd.InputBodyCodec() != 200 {
				t.Errorf("%s: got %q, %v", uri, got, rerr)
			}
		}
		sess.Push("/elsewhere", packet.RawBody("odd"), odd)
		if got := <-notes; got != "odd" {
			t.Errorf("the unknown handler got %q", got)
		}
		wantCode(t, "a handler that decodes", sess.Pull("/number", packet.RawBody("odd"), nil, odd).Rerror(), 415)
		wantCode(t, "a reply to decode", sess.Pull("/echo", packet.RawBody("odd"), new(int), odd).Rerror(), 415)
		if rerr := sess.Pull("/add", [2]int{1, 2}, nil).Rerror(); rerr != nil {
			t.Errorf("the session suffered: %v", rerr)
		}
	})
}

// The message of an error is the registry's, and what happened is in the detail.
// The original wrote "Bad Packetparse ...".
func TestBug34_DetailStaysApart(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for code, rerr := range map[int32]*Rerror{
			400: sess.Pull("/%zz", nil, nil).Rerror(),
			404: sess.Pull("/nobody", nil, nil).Rerror(),
			415: sess.Pull("/add", packet.RawBody("x"), nil, packet.WithBodyCodec('?')).Rerror(),
			104: sess.Pull("/add", make(chan int), nil).Rerror(),
			500: sess.Pull("/panic", nil, nil).Rerror(),
		} {
			if codeOf(rerr) != code || rerr.Message != CodeText(code) || code != 404 && rerr.Detail == "" {
				t.Errorf("code %d: got %v", code, rerr)
			}
		}
	})
}

// The time of a call is there when its end is told. The original set it after
// that: who looked at once saw 0, or a race.
func TestBug36_CostTimeIsThereWithTheEnd(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		r.srv.PullRouter.RegFunc("/slow", func(*int) (any, *Rerror) { time.Sleep(time.Second); return nil, nil })
		cli, sess := r.dial(PeerConfig{CountTime: true})
		defer cli.Close()
		done := make(chan *PullCmd, 10)
		for range 10 {
			sess.AsyncPull("/slow", 1, nil, done)
		}
		for range 10 {
			// The calls behind the first one wait for its handler, in the inline mode.
			if got := (<-done).CostTime(); got < time.Second || got > time.Second+r.mode.late() {
				t.Errorf("AsyncPull: %v", got)
			}
		}
		if got := sess.Pull("/slow", 1, nil).CostTime(); got != time.Second {
			t.Errorf("Pull: %v", got)
		}
	})
}

// The reply to a PULL without a codec has the default codec of the peer that
// answers. The original took that of the process, json.
func TestBug37_ReplyToNoCodecHasThePeersDefault(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{DefaultBodyCodec: "string"}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/text", func(*packet.RawBody) (string, *Rerror) { return "a text", nil })
		raw := r.raw()
		defer raw.Close()
		raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/text"))
		if p := raw.ExpectPacket(); p.BodyCodec() != 's' || string(p.RawBody()) != "a text" {
			t.Errorf("got %s %q", p, p.RawBody())
		}
	})
}

// A peer that reads nothing holds nobody up for ever, without any setting. In the
// original the first writer held the session's lock in its write, without a
// deadline, and all others waited for the lock.
func TestBug42_SlowReaderHoldsNobodyForEver(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		client := (<-r.ends)[0]
		client.Out().SetBuffer(1)
		client.Out().Stall()
		start := time.Now()
		var wg sync.WaitGroup
		big := packet.RawBody(strings.Repeat("x", 1<<20))
		for range 10 {
			wg.Go(func() { sess.Pull("/echo", big, nil) })
			wg.Go(func() { sess.Push("/echo", big) })
		}
		if rerr := pullOnce(r); rerr != nil {
			t.Errorf("another session: %v", rerr)
		}
		wg.Wait()
		if took := time.Since(start); took == 0 || took > defaultWriteTimeout {
			t.Errorf("it took %v, want the default write timeout at most", took)
		}
	})
}

// Public may be asked for by several goroutines at once, and is one map. The
// original made it at the first use, without a lock. (-race shows it too.)
func TestBug45_PublicIsOneMap(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		same := func(t *testing.T, what string, public func() *sync.Map) {
			maps, together := make(chan *sync.Map, 20), make(chan struct{})
			var wg sync.WaitGroup
			for i := range cap(maps) {
				wg.Go(func() { <-together; m := public(); m.Store(i, i); maps <- m })
			}
			synctest.Wait()
			close(together)
			wg.Wait()
			first := <-maps
			for range cap(maps) - 1 {
				if <-maps != first {
					t.Errorf("%s: there are several", what)
					return
				}
			}
			if n := mapLen(first); n != 20 {
				t.Errorf("%s: %d entries, want 20", what, n)
			}
		}
		r.srv.PullRouter.RegFunc("/public", func(ctx PullCtx, _ *int) (any, *Rerror) { same(t, "a context", ctx.Public); return nil, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		synctest.Wait()
		for range 100 {
			cmd := sess.Pull("/public", 1, nil)
			if rerr := cmd.Rerror(); rerr != nil {
				t.Error(rerr)
			}
			same(t, "a call", cmd.Public)
		}
		same(t, "a session", sess.Public)
	})
}
