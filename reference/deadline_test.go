package tp

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

var errFedUp = errors.New("fed up")

// hangRoute serves /hang on the server: it waits until the gate is opened.
func (r *rig) hangRoute() *gate {
	g := newGate()
	r.srv.PullRouter.RegFunc("/hang", func(*packet.RawBody) (int, *Rerror) { g.pass(); return 1, nil })
	return g
}

// wantGood checks that no call of the session waits, and that it still works.
func wantGood(t *testing.T, sess Session) {
	t.Helper()
	if n := sess.Stats().PendingPulls; n != 0 {
		t.Errorf("%d calls are pending", n)
	}
	if sum, rerr := Pull[[2]int, int](sess, "/add", [2]int{1, 2}); rerr != nil || sum != 3 {
		t.Errorf("the session gives %d, %v afterwards", sum, rerr)
	}
}

func TestPullContext_EndsWithItsContext(t *testing.T) {
	tests := []struct {
		name string
		end  func(ctx context.Context) (context.Context, context.CancelFunc)
		code int32
		is   error
		text string
	}{
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, 408, context.DeadlineExceeded, "context deadline exceeded"},
		{"cancelled", func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			timer := time.AfterFunc(time.Second, func() { cancel(errFedUp) })
			return ctx, func() { timer.Stop(); cancel(nil) }
		}, 103, context.Canceled, "fed up"},
	}
	for _, tt := range tests {
		for _, async := range []bool{false, true} {
			t.Run(tt.name+"/async="+strconv.FormatBool(async), func(t *testing.T) {
				inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
					g := r.hangRoute()
					cli, sess := r.dial(PeerConfig{})
					defer cli.Close()
					ctx, cancel := tt.end(context.Background())
					defer cancel()
					start, reply := time.Now(), 7
					var cmd *PullCmd
					if async {
						done := make(chan *PullCmd, 1)
						sess.AsyncPullContext(ctx, "/hang", nil, &reply, done)
						cmd = <-done
					} else {
						cmd = sess.PullContext(ctx, "/hang", nil, &reply)
					}
					rerr := cmd.Rerror()
					wantCode(t, "the call", rerr, tt.code)
					if took := time.Since(start); took != time.Second {
						t.Errorf("it took %v", took)
					}
					if !errors.Is(rerr, tt.is) || rerr.Detail != tt.text {
						t.Errorf("the error is %v", rerr)
					}
					wantGood(t, sess)
					<-g.came
					close(g.open)
					r.mode.settle()
					if n := cli.Stats().RepliesIgnored; n != 1 || reply != 7 {
						t.Errorf("%d late replies are counted, the result is %d", n, reply)
					}
					wantGood(t, sess)
				})
			})
		}
	}
}

func TestContext_OverBeforeTheCall(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{}, &everyHook{"e", func(hook string, _ any) *Rerror {
			if hook == "PreWritePull" || hook == "PreWritePush" {
				t.Errorf("%s ran", hook)
			}
			return nil
		}})
		defer cli.Close()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		wantCode(t, "a pull", sess.PullContext(ctx, "/add", nil, nil).Rerror(), 103)
		wantCode(t, "a push", sess.PushContext(ctx, "/add", nil), 103)
		late, cancel := context.WithDeadline(context.Background(), time.Now())
		defer cancel()
		wantCode(t, "a pull", sess.AsyncPullContext(late, "/add", nil, nil, nil).Rerror(), 408)
		wantCode(t, "a push", PushContext(late, sess, "/add", 1), 408)
	})
}

// A context ends the waiting for room in the write queue, and the link lives.
func TestContext_EndsTheWaitForTheQueue(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{MaxQueued: 64, DefaultWriteTimeout: -1})
		defer cli.Close()
		out := (<-r.ends)[0].Out()
		out.SetBuffer(1)
		out.Stall()
		first := sess.AsyncPull("/add", [2]int{1, 2}, nil, nil)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		wantCode(t, "a pull", sess.PullContext(ctx, "/add", [2]int{3, 4}, nil).Rerror(), 408)
		wantCode(t, "a push", sess.PushContext(ctx, "/add", [2]int{3, 4}), 408)
		if q := sess.Stats().QueuedBytes; q == 0 || q > 64 {
			t.Errorf("%d bytes are queued", q)
		}
		out.Resume()
		if rerr := first.Rerror(); rerr != nil {
			t.Error(rerr)
		}
		wantGood(t, sess)
	})
}

// A context ends the waiting for a new connection: before the call was sent,
// and of one that was kept to be sent again.
func TestContext_EndsTheWaitForALink(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, sess := r.dial(PeerConfig{RedialTimes: -1, DefaultWriteTimeout: -1})
		defer cli.Close()
		client := (<-r.ends)[0]
		client.Out().SetBuffer(1)
		client.Out().Stall()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		sent := sess.AsyncPull("/add", [2]int{1, 2}, nil, nil)
		synctest.Wait()
		kept := sess.AsyncPullContext(ctx, "/add", [2]int{3, 4}, nil, nil)
		stays := sess.AsyncPull("/add", [2]int{3, 4}, nil, nil)
		r.net.FailDials(errTest)
		client.Abort()
		wantCode(t, "a call that was sent", sent.Rerror(), 102)
		synctest.Wait()
		if n := sess.Stats().PendingPulls; n != 2 {
			t.Errorf("%d calls are pending, want the 2 that were kept", n)
		}
		fresh := make(chan *Rerror, 1)
		go func() { fresh <- sess.PullContext(ctx, "/add", [2]int{1, 2}, nil).Rerror() }()
		synctest.Wait()
		cancel()
		wantCode(t, "a call that was kept", kept.Rerror(), 103)
		wantCode(t, "a call that waited", <-fresh, 103)
		if rerr := stays.Rerror(); rerr != nil {
			t.Errorf("the other kept call: %v", rerr)
		}
		wantGood(t, sess)
	})
}

// The other side is told the time that is left, and an old peer's handler too.
func TestDeadline_OnTheWire(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		got := make(chan []string, 1)
		values := func(ctx interface{ CopyMeta() *packet.Meta }) {
			var all []string
			ctx.CopyMeta().VisitAll(func(k, v []byte) {
				if string(k) == MetaTimeoutKey {
					all = append(all, string(v))
				}
			})
			got <- all
		}
		r.srv.PullRouter.RegFunc("/values", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) { values(ctx); return 1, nil })
		r.srv.PushRouter.RegFunc("/values", func(ctx PushCtx, _ *packet.RawBody) { values(ctx) })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for _, tt := range []struct {
			timeout time.Duration
			want    []string
		}{
			{time.Second, []string{"1000"}}, {time.Nanosecond, []string{"1"}}, {1001 * time.Microsecond, []string{"2"}},
			{maxTimeoutMs * time.Millisecond, []string{"9999999999"}}, {maxTimeoutMs*time.Millisecond + 1, nil}, {0, nil},
		} {
			ctx, cancel := context.Background(), context.CancelFunc(func() {})
			own := packet.WithSetMeta("other", "1")
			if tt.timeout > 0 {
				ctx, cancel = context.WithTimeout(ctx, tt.timeout)
				own = packet.WithSetMeta(MetaTimeoutKey, "5") // there is one deadline: the context's
			}
			if rerr := sess.PullContext(ctx, "/values", nil, nil, own).Rerror(); rerr != nil {
				t.Errorf("%v: %v", tt.timeout, rerr)
			}
			if v := <-got; !slices.Equal(v, tt.want) {
				t.Errorf("%v: the pull carries %q, want %q", tt.timeout, v, tt.want)
			}
			if rerr := sess.PushContext(ctx, "/values", nil, own); rerr != nil {
				t.Errorf("%v: %v", tt.timeout, rerr)
			}
			if v := <-got; !slices.Equal(v, tt.want) {
				t.Errorf("%v: the push carries %q, want %q", tt.timeout, v, tt.want)
			}
			cancel()
		}
	})
}

func TestTimeoutOf_Forms(t *testing.T) {
	for v, want := range map[string]time.Duration{
		"0": 0, "1": time.Millisecond, "0000000007": 7 * time.Millisecond, "9999999999": maxTimeoutMs * time.Millisecond,
		"": -1, "x": -1, "-1": -1, "+1": -1, " 1": -1, "1 ": -1, "1.5": -1, "1e3": -1, "00000000000": -1, "١": -1,
	} {
		d, ok := timeoutOf(packet.NewPacket(packet.WithAddMeta(MetaTimeoutKey, v)))
		if ok != (want >= 0) || ok && d != want {
			t.Errorf("%q gives %v, %v, want %v", v, d, ok, want)
		}
	}
}

// A PULL whose deadline has passed is answered 408, a PUSH dropped; no handler
// runs, whatever held it up.
func TestDeadline_PassedBeforeTheHandler(t *testing.T) {
	for _, value := range []string{"0", "10"} { // milliseconds; a hook takes 10
		t.Run(value, func(t *testing.T) {
			inBubble(t, PeerConfig{}, func(r *rig) {
				r.srv.PullRouter.RegFunc("/x", func(*packet.RawBody) (int, *Rerror) { t.Error("the pull handler ran"); return 1, nil })
				r.srv.PushRouter.RegFunc("/x", func(*packet.RawBody) { t.Error("the push handler ran") })
				raw := r.raw()
				raw.SendPacket(packet.WithPtype(packet.TypePush), packet.WithUri("/x"), packet.WithAddMeta(MetaTimeoutKey, value))
				raw.SendPacket(packet.WithPtype(packet.TypePull), packet.WithUri("/x"), packet.WithAddMeta(MetaTimeoutKey, value))
				wantCode(t, "the pull", NewRerrorFromMeta(raw.ExpectPacket().Meta()), 408)
				synctest.Wait()
				if st := r.srv.Stats(); st.Expired != 2 || st.PushesDropped != 1 {
					t.Errorf("counted %+v", st)
				}
			}, &everyHook{"e", func(hook string, _ any) *Rerror {
				if hook == "PostReadPullHeader" || hook == "PostReadPushHeader" {
					time.Sleep(10 * time.Millisecond)
				}
				return nil
			}})
		})
	}
}

// A handler's context has the caller's deadline; it ends with that, with the
// link and with the handler, and calls made with it have less time.
func TestContext_OfAHandler(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		ended := make(chan string, 10)
		tell := func(ctx context.Context) { ended <- ctx.Err().Error() + ": " + context.Cause(ctx).Error() }
		var kept context.Context
		r.srv.PullRouter.RegFunc("/kept", func(ctx PullCtx, _ *packet.RawBody) (bool, *Rerror) {
			kept = ctx.Context()
			_, bounded := kept.Deadline()
			return kept == ctx.Context() && kept.Err() == nil && !bounded, nil
		})
		r.srv.PullRouter.RegFunc("/wait", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) {
			<-ctx.Context().Done()
			tell(ctx.Context())
			time.Sleep(time.Millisecond) // the caller's own clock strikes first
			return 1, nil
		})
		r.srv.PullRouter.RegFunc("/back", func(ctx PullCtx, _ *packet.RawBody) (string, *Rerror) {
			time.Sleep(300 * time.Millisecond)
			return PullContext[int, string](ctx.Context(), ctx.Session(), "/left", 1)
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		cli.PullRouter.RegFunc("/left", func(ctx PullCtx, _ *packet.RawBody) (string, *Rerror) {
			until, _ := ctx.Context().Deadline()
			return string(ctx.GetMeta(MetaTimeoutKey)) + " " + time.Until(until).String(), nil
		})
		if same, rerr := Pull[int, bool](sess, "/kept", 1); rerr != nil || !same {
			t.Errorf("a context of a handler: %v, %v", same, rerr)
		}
		synctest.Wait() // the REPLY may be faster
		if kept.Err() != context.Canceled {
			t.Errorf("after the handler its context gives %v", kept.Err())
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if left, rerr := PullContext[int, string](ctx, sess, "/back", 1); rerr != nil || left != "700 700ms" {
			t.Errorf("the call back has %q, %v", left, rerr)
		}
		wantCode(t, "a call without end", sess.PullContext(ctx, "/wait", nil, nil).Rerror(), 408)
		if got := <-ended; got != "context deadline exceeded: context deadline exceeded" {
			t.Errorf("the handler saw %q", got)
		}
		cut := sess.AsyncPull("/wait", nil, nil, nil)
		synctest.Wait()
		(<-r.ends)[0].Abort()
		wantCode(t, "the call on a broken connection", cut.Rerror(), 102)
		if got := <-ended; got[:len("context canceled: ")] != "context canceled: " || len(got) < 25 {
			t.Errorf("the handler saw %q", got)
		}
	})
}

// A context that a handler asks for when the connection has ended has ended too.
func TestContext_AskedForAfterTheEnd(t *testing.T) {
	quiet(t)
	inModes(t, PeerConfig{}, func(t *testing.T, r *rig) {
		g, ended := newGate(), make(chan error, 1)
		r.srv.PullRouter.RegFunc("/late", func(ctx PullCtx, _ *packet.RawBody) (any, *Rerror) {
			g.pass()
			ended <- ctx.Context().Err()
			return nil, nil
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		sess.AsyncPull("/late", nil, nil, nil)
		<-g.came
		(<-r.ends)[1].Abort()
		r.mode.settle()
		close(g.open)
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the context says %v", err)
		}
	})
}

// A context asked for when the handler has returned is over.
func TestContext_AfterTheHandler(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		var late PullCtx
		r.srv.PullRouter.RegFunc("/x", func(ctx PullCtx, _ *packet.RawBody) (int, *Rerror) { late = ctx; return 1, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		sess.Pull("/x", nil, nil)
		synctest.Wait()
		if err := late.Context().Err(); err == nil {
			t.Error("the context of a handler that has returned is not over")
		}
	})
}

// The hooks around a launch see the caller's context.
func TestContext_OfTheHooks(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		type key struct{}
		seen := map[string]any{}
		var mu sync.Mutex
		cli, sess := r.dial(PeerConfig{}, &everyHook{"e", func(hook string, ctx any) *Rerror {
			if c, ok := ctx.(BackgroundCtx); ok {
				mu.Lock()
				defer mu.Unlock()
				seen[hook] = c.Context().Value(key{})
			}
			return nil
		}})
		defer cli.Close()
		ctx := context.WithValue(context.Background(), key{}, "mine")
		sess.PullContext(ctx, "/add", nil, nil)
		sess.PushContext(ctx, "/add", nil)
		mu.Lock()
		defer mu.Unlock()
		for _, name := range []string{"PreWritePull", "PostWritePull", "PreWritePush", "PostReadReplyBody"} {
			if seen[name] != "mine" {
				t.Errorf("%s sees %v", name, seen[name])
			}
		}
	})
}

// Over the bound a call without an end of patience fails, another waits.
func TestMaxPending_BoundsTheCalls(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		g := r.hangRoute()
		cli, sess := r.dial(PeerConfig{MaxPending: 2})
		defer cli.Close()
		first, second := sess.AsyncPull("/hang", nil, nil, nil), sess.AsyncPull("/hang", nil, nil, nil)
		wantCode(t, "a third", sess.Pull("/add", nil, nil).Rerror(), 503)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		start := time.Now()
		wantCode(t, "a fourth", sess.PullContext(ctx, "/add", nil, nil).Rerror(), 408)
		if took := time.Since(start); took != time.Second {
			t.Errorf("it waited %v", took)
		}
		if st := sess.Stats(); st.PendingPulls != 2 || st.MaxPending != 2 {
			t.Errorf("the session holds %+v", st)
		}
		patient, cancel := context.WithCancel(context.Background())
		defer cancel()
		fifth := make(chan *Rerror, 1)
		go func() { fifth <- sess.PullContext(patient, "/add", nil, nil).Rerror() }()
		synctest.Wait()
		close(g.open)
		for _, rerr := range []*Rerror{first.Rerror(), second.Rerror(), <-fifth} {
			if rerr != nil {
				t.Error(rerr)
			}
		}
		wantGood(t, sess)
	})
}
