package proxy_test

import (
	"errors"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// The connection to the upstream breaks while calls are under way: each gets a
// 502 with the cause, and the next call makes a new connection.
func TestProxy_UpstreamCut(t *testing.T) {
	cuts := map[string]func(up [2]*tptest.Conn){
		"closed":           func(up [2]*tptest.Conn) { up[1].Close() },
		"reset":            func(up [2]*tptest.Conn) { up[1].Abort() },
		"within the reply": func(up [2]*tptest.Conn) { up[1].Out().CutAfter(3, nil) },
	}
	for name, cut := range cuts {
		t.Run(name, func(t *testing.T) {
			inBubble(t, proxy.Config{}, func(t *testing.T, r *rig) {
				g := newGate()
				srv := r.upstream(upAddr)
				srv.PullRouter.RegFunc("/hold", func(*packet.RawBody) (any, *tp.Rerror) { g.pass(); return nil, nil })
				client := r.dial()
				var cmds []*tp.PullCmd
				for range 10 {
					cmds = append(cmds, client.AsyncPull("/hold", nil, nil, nil))
					<-g.came
				}
				up := <-r.ups
				cut(up)
				close(g.open)
				for _, cmd := range cmds {
					rerr := cmd.Rerror()
					wantCode(t, "a call under way", rerr, tp.CodeBadGateway)
					if rerr != nil && (!strings.Contains(rerr.Detail, upAddr) || !strings.Contains(rerr.Detail, "Connection Closed")) {
						t.Errorf("the detail does not name upstream and cause: %q", rerr.Detail)
					}
				}
				r.echo(client, "again")
				if s := r.px.Stats(); s.Dials != 2 || s.Failed != 10 || s.UnderWay != 0 {
					t.Errorf("got %+v, want 2 dials and 10 failures", s)
				}
			})
		})
	}
}

// A PULL that was provably not sent is sent on the next connection.
func TestProxy_UnsentIsSentAgain(t *testing.T) {
	inBubble(t, proxy.Config{}, func(t *testing.T, r *rig) {
		r.upstream(upAddr)
		client := r.dial()
		r.echo(client, "first")
		up := <-r.ups
		up[0].Out().FailWrite(0, errors.New("the cable is out"))
		r.echo(client, "second")
		if s := r.px.Stats(); s.Dials != 2 || s.Failed != 0 {
			t.Errorf("got %+v, want 2 dials and no failure", s)
		}
	})
}

// An upstream that never answers costs a call its deadline, or the proxy's
// timeout. What it answers later is ignored.
func TestProxy_UpstreamSilent(t *testing.T) {
	inBubble(t, proxy.Config{Timeout: 5 * time.Second}, func(t *testing.T, r *rig) {
		accept := r.rawUpstream()
		client := r.raw()
		client.Patience = time.Minute
		start := time.Now()
		client.SendPacket(packet.WithPtype(packet.TypePull), packet.WithSeq(1), packet.WithUri("/x"))
		client.SendPacket(packet.WithPtype(packet.TypePull), packet.WithSeq(2), packet.WithUri("/y"), packet.WithAddMeta(tp.MetaTimeoutKey, "2000"))
		up := accept()
		up.Patience = time.Minute
		first, second := up.ExpectPacket(), up.ExpectPacket()
		for _, want := range []struct {
			seq   uint64
			code  int32
			after time.Duration
		}{{2, tp.CodeTimeout, 2 * time.Second}, {1, tp.CodeBadGateway, 5 * time.Second}} {
			p := client.ExpectPacket()
			if p.Seq() != want.seq || time.Since(start) != want.after {
				t.Errorf("got the answer to %d after %v, want %d after %v", p.Seq(), time.Since(start), want.seq, want.after)
			}
			wantCode(t, "silence", tp.NewRerrorFromMeta(p.Meta()), want.code)
		}
		for _, p := range []*packet.Packet{first, second} {
			up.SendPacket(packet.WithPtype(packet.TypeReply), packet.WithSeq(p.Seq()))
		}
		client.SendPacket(packet.WithPtype(packet.TypePull), packet.WithSeq(3), packet.WithUri("/z"))
		p := up.ExpectPacket()
		up.SendPacket(packet.WithPtype(packet.TypeReply), packet.WithSeq(p.Seq()), packet.WithBodyCodec('s'), packet.WithBody("late but well"))
		if p := client.ExpectPacket(); p.Seq() != 3 || string(p.RawBody()) != "late but well" {
			t.Errorf("got %s %q", p, p.RawBody())
		}
		if s := r.px.Stats(); s.Expired != 1 || s.Failed != 1 || s.UnderWay != 0 {
			t.Errorf("got %+v", s)
		}
	})
}

// Many calls at once make one attempt to connect; while it failed lately none
// is made; when the upstream is there calls succeed again.
func TestProxy_UpstreamAway(t *testing.T) {
	inBubble(t, proxy.Config{}, func(t *testing.T, r *rig) {
		client := r.dial()
		r.net.DialDelay(50 * time.Millisecond)
		all := func() {
			var calls sync.WaitGroup
			for range 50 {
				calls.Go(func() {
					rerr := client.Pull("/echo", nil, nil).Rerror()
					wantCode(t, "nobody there", rerr, tp.CodeBadGateway)
					if rerr != nil && !strings.Contains(rerr.Detail, syscall.ECONNREFUSED.Error()) {
						t.Errorf("the detail does not tell the cause: %q", rerr.Detail)
					}
				})
			}
			calls.Wait()
		}
		all()
		start := time.Now()
		all()
		if d := time.Since(start); d != 0 {
			t.Errorf("calls took %v to fail after a failed attempt, want 0", d)
		}
		if s := r.px.Stats(); s.DialsFailed != 1 || s.Failed != 100 {
			t.Errorf("got %+v, want one attempt and 100 failures", s)
		}
		if ups := r.px.Upstreams(); len(ups) != 1 || ups[0].Up || ups[0].Addr != upAddr || ups[0].Error == "" || ups[0].Calls != 0 {
			t.Errorf("got the upstreams %+v", ups)
		}
		r.upstream(upAddr)
		time.Sleep(time.Second) // virtual: the rest after a first failure is over
		r.echo(client, "there you are")
		if ups := r.px.Upstreams(); len(ups) != 1 || !ups[0].Up || ups[0].Error != "" {
			t.Errorf("got the upstreams %+v", ups)
		}
	})
}

// An upstream that reads nothing: calls beyond the bounds are refused at once,
// and what is held stays within them.
func TestProxy_UpstreamSlow(t *testing.T) {
	const calls, bytes = 20, 100_000
	inBubble(t, proxy.Config{MaxCalls: calls, MaxBytes: bytes, Timeout: 10 * time.Second}, func(t *testing.T, r *rig) {
		accept := r.rawUpstream()
		flood := func(n int, body string) (refused int) {
			codes := make(chan int32, n)
			for range n {
				client := r.dial()
				go func() {
					rerr := client.Pull("/x", packet.RawBody(body), nil, packet.WithBodyCodec('s')).Rerror()
					codes <- rerr.Code
				}()
			}
			synctest.Wait()
			if up := r.px.Upstreams()[0]; up.Calls > calls || up.Bytes > bytes || up.Calls == 0 {
				t.Errorf("%d calls with %d bytes wait, at most %d and %d may", up.Calls, up.Bytes, calls, bytes)
			}
			for range n {
				switch code := <-codes; code {
				case tp.CodeOverload:
					refused++
				case tp.CodeBadGateway:
				default:
					t.Errorf("got code %d", code)
				}
			}
			return refused
		}
		r.echoesNothing(accept)
		if got := flood(100, "small"); got != 100-calls {
			t.Errorf("%d of 100 small calls were refused, want all but %d", got, calls)
		}
		if got := flood(50, strings.Repeat("x", 9_900)); got != 40 {
			t.Errorf("%d of 50 large calls were refused, want 40", got)
		}
		if up := r.px.Upstreams()[0]; up.Calls != 0 || up.Bytes != 0 {
			t.Errorf("%d calls with %d bytes are left over", up.Calls, up.Bytes)
		}
	})
}

// echoesNothing accepts one connection and lets it be.
func (r *rig) echoesNothing(accept func() *tptest.RawPeer) {
	go func() {
		up := <-r.ups
		up[1].In().Stall()
	}()
	go accept()
}

// A client that reads no replies: what is held for it is bounded, what it
// asks beyond that refused, and others are served.
func TestProxy_DownstreamSlow(t *testing.T) {
	const bytes = 300_000
	front := tp.PeerConfig{MaxQueued: 1000, DefaultWriteTimeout: time.Hour}
	inBubbleFront(t, front, proxy.Config{MaxSessionBytes: bytes}, func(t *testing.T, r *rig) {
		srv := r.upstream(upAddr)
		large := strings.Repeat("r", 50_000)
		srv.PullRouter.RegFunc("/large", func(*packet.RawBody) (packet.RawBody, *tp.Rerror) { return packet.RawBody(large), nil })
		slow := r.raw()
		slow.Conn().(*tptest.Conn).In().SetBuffer(1000)
		const calls = 40
		for i := range uint64(calls) {
			slow.SendPacket(packet.WithPtype(packet.TypePull), packet.WithSeq(i), packet.WithUri("/large"))
			synctest.Wait()
		}
		if s := r.px.Stats(); s.Refused == 0 || s.Refused != s.RepliesDropped {
			t.Errorf("got %+v, want replies that found no room", s)
		}
		r.echo(r.dial(), "others")
		served := 0
		for range calls {
			if p := slow.ExpectPacket(); len(p.RawBody()) == len(large) {
				served++
			} else {
				wantCode(t, "a reply without room", tp.NewRerrorFromMeta(p.Meta()), tp.CodeOverload)
			}
		}
		if served < 5 || served > 10 {
			t.Errorf("%d replies were held, want about %d", served, bytes/len(large))
		}
		for i := range uint64(4) { // all was read: there is room again
			slow.SendPacket(packet.WithPtype(packet.TypePull), packet.WithSeq(100+i), packet.WithUri("/large"))
			synctest.Wait()
		}
		for range 4 {
			if p := slow.ExpectPacket(); len(p.RawBody()) != len(large) {
				t.Errorf("after all was read: got %s", p)
			}
		}
	})
}

// A client that goes cancels nothing: its PULL is handled, the result dropped
// and counted.
func TestProxy_DownstreamGone(t *testing.T) {
	for _, perSession := range []bool{false, true} {
		inBubble(t, proxy.Config{Route: proxy.To(proxy.Target{Addr: upAddr, PerSession: perSession})}, func(t *testing.T, r *rig) {
			g := newGate()
			srv := r.upstream(upAddr)
			handled := make(chan error, 1)
			tp.HandlePull(srv.PullRouter, "/hold", func(c tp.PullCtx, _ *packet.RawBody) (any, *tp.Rerror) {
				g.pass()
				handled <- c.Context().Err()
				return nil, nil
			})
			client := r.raw()
			client.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/hold"))
			<-g.came
			client.Conn().(*tptest.Conn).Abort()
			synctest.Wait()
			close(g.open)
			if err := <-handled; err != nil {
				t.Errorf("the handler behind the proxy was told to end: %v", err)
			}
			synctest.Wait()
			if s := r.px.Stats(); s.Pulls != 1 || s.RepliesDropped != 1 || s.UnderWay != 0 {
				t.Errorf("got %+v, want one PULL and its reply dropped", s)
			}
		})
	}
}

// A flood through everything at once: every call ends, with its own answer or a 503.
func TestProxy_Flood(t *testing.T) {
	inBubble(t, proxy.Config{MaxCalls: 50, MaxSessionCalls: 30}, func(t *testing.T, r *rig) {
		r.upstream(upAddr)
		const clients, each = 8, 200
		var (
			ends    sync.WaitGroup
			mu      sync.Mutex // guards what follows
			refused int
		)
		for range clients {
			client := r.dial()
			for range each {
				ends.Go(func() {
					var got packet.RawBody
					rerr := client.Pull("/echo", packet.RawBody("mine"), &got, packet.WithBodyCodec('s')).Rerror()
					if rerr != nil {
						wantCode(t, "a call", rerr, tp.CodeOverload)
						mu.Lock()
						defer mu.Unlock()
						refused++
					} else if string(got) != "mine" {
						t.Errorf("got %q", got)
					}
				})
			}
		}
		ends.Wait()
		s := r.px.Stats()
		if s.Pulls+s.Refused != clients*each || int(s.Refused) != refused || s.UnderWay != 0 || s.Dials != 1 {
			t.Errorf("got %+v for %d calls, %d of them refused", s, clients*each, refused)
		}
	})
}
