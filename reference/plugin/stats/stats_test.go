package stats_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/stats"
)

type codeCount = map[int32]uint64

func TestStats_PullsOnBothSides(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		for i := 1; i <= 100; i++ {
			r.pull("/sleep?i=1", time.Duration(i)*10*time.Millisecond, 0)
		}
		r.pull("/fail", 1001, 1001)
		r.pull("/fail", 1001, 1001)
		r.pull("/nowhere", nil, tp.CodeNotFound)
		r.pull("/add", "no pair", tp.CodeBadPacket)
		synctest.Wait()
		srv, cli := r.srvStats.Snapshot(), r.cliStats.Snapshot()

		in, out := srv.Route("/sleep").PullIn, cli.Route("/sleep").PullOut
		for what, c := range map[string]*stats.Counters{"in": in, "out": out} {
			r.want("/sleep "+what, c, stats.Counters{Started: 100, Done: 100})
			l := c.Latency
			if l.Count != 100 || l.Min != 10*time.Millisecond || l.Max != time.Second || l.Sum != 50500*time.Millisecond || l.Mean != 505*time.Millisecond {
				r.Errorf("/sleep %s took %+v", what, *l)
			}
			near(t, what+" P50", l.P50, 500*time.Millisecond)
			near(t, what+" P90", l.P90, 900*time.Millisecond)
			near(t, what+" P99", l.P99, 990*time.Millisecond)
			near(t, what+" P999", l.P999, time.Second)
		}
		if in.BytesIn == 0 || in.BytesIn != out.BytesOut || in.BytesOut == 0 || in.BytesOut != out.BytesIn {
			r.Errorf("bytes: server in %d out %d, client out %d in %d", in.BytesIn, in.BytesOut, out.BytesOut, out.BytesIn)
		}
		conn := (<-r.connection)[0]
		if total := cli.Total.PullOut; total.BytesOut != uint64(conn.Out().Written()) || total.BytesIn != uint64(conn.In().Written()) {
			r.Errorf("in all %d and %d bytes were counted, the wire carried %d and %d", total.BytesOut, total.BytesIn, conn.Out().Written(), conn.In().Written())
		}
		r.want("/fail in", srv.Route("/fail").PullIn, stats.Counters{Started: 2, Done: 2, Errors: codeCount{1001: 2}})
		r.want("/fail out", cli.Route("/fail").PullOut, stats.Counters{Started: 2, Done: 2, Errors: codeCount{1001: 2}})
		r.want("other in", srv.Route(stats.OtherRoutes).PullIn, stats.Counters{Started: 1, Done: 1, Errors: codeCount{404: 1}})
		r.want("/nowhere out", cli.Route("/nowhere").PullOut, stats.Counters{Started: 1, Done: 1, Errors: codeCount{404: 1}})
		r.want("/add in", srv.Route("/add").PullIn, stats.Counters{Started: 1, Done: 1, Errors: codeCount{400: 1}})
		total := stats.Counters{Started: 104, Done: 104, Errors: codeCount{1001: 2, 404: 1, 400: 1}}
		r.want("total in", srv.Total.PullIn, total)
		r.want("session in", srv.Sessions[0].PullIn, total)
		r.want("session out", cli.Sessions[0].PullOut, total)
		if len(srv.Sessions) != 1 || srv.Accepted != 1 || srv.Dialed != 0 || cli.Dialed != 1 || srv.Engine.Sessions != 1 || srv.Route("/hang").PullIn != nil {
			r.Errorf("the server's snapshot is %+v", srv)
		}
	})
}

// settle waits until nothing more happens by itself: what comes behind a handler that waits is handled after
// PeerConfig.MaxInlineTime at the latest.
func settle() {
	synctest.Wait()
	time.Sleep(10 * time.Millisecond)
	synctest.Wait()
}

func TestStats_InFlightAndLostAtTheEnd(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		for range 3 {
			r.sess.AsyncPull("/hang", nil, nil, nil)
		}
		settle()
		srv, cli := r.srvStats.Snapshot(), r.cliStats.Snapshot()
		waiting := stats.Counters{Started: 3, InFlight: 3}
		r.want("route in", srv.Route("/hang").PullIn, waiting)
		r.want("route out", cli.Route("/hang").PullOut, waiting)
		r.want("session in", srv.Sessions[0].PullIn, waiting)
		r.want("session out", cli.Sessions[0].PullOut, waiting)

		(<-r.connection)[0].Abort()
		settle()
		close(r.hang)
		settle()
		srv, cli = r.srvStats.Snapshot(), r.cliStats.Snapshot()
		r.want("route out, cut", cli.Route("/hang").PullOut, stats.Counters{Started: 3, Lost: 3})
		r.want("route in, cut", srv.Route("/hang").PullIn, stats.Counters{Started: 3}) // handled, and not sent
		if len(srv.Sessions)+len(cli.Sessions) != 0 || srv.Ended != 1 || cli.Ended != 1 {
			r.Errorf("after the end there are sessions %v and %v, ended %d and %d", srv.Sessions, cli.Sessions, srv.Ended, cli.Ended)
		}
	})
}

// No hook tells of a call that its caller gives up: the guide says so.
func TestStats_GivenUpIsInFlightUntilTheLinkEnds(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if rerr := r.sess.PullContext(ctx, "/hang", nil, nil).Rerror(); rerr == nil || rerr.Code != tp.CodeTimeout {
			r.Errorf("the call ended with %v", rerr)
		}
		r.want("given up", r.cliStats.Snapshot().Route("/hang").PullOut, stats.Counters{Started: 1, InFlight: 1})
		close(r.hang)
		synctest.Wait()
		r.sess.Close()
		r.want("ended", r.cliStats.Snapshot().Route("/hang").PullOut, stats.Counters{Started: 1, Lost: 1})
	})
}

func TestStats_RedialLosesWhatWasSent(t *testing.T) {
	inBubble(t, config{client: tp.PeerConfig{RedialTimes: 3}}, func(r *rig) {
		cmd := r.sess.AsyncPull("/hang", nil, nil, nil)
		synctest.Wait()
		(<-r.connection)[0].Abort()
		if rerr := cmd.Rerror(); rerr == nil || rerr.Code != tp.CodeConnClosed {
			r.Errorf("the cut call ended with %v", rerr)
		}
		r.pull("/add", [2]int{1, 2}, 0) // waits for the redial
		snap := r.cliStats.Snapshot()
		r.want("/hang", snap.Route("/hang").PullOut, stats.Counters{Started: 1, Lost: 1})
		r.want("session", snap.Sessions[0].PullOut, stats.Counters{Started: 2, Done: 1, Lost: 1})
		if snap.Dialed != 2 || snap.Ended != 0 || snap.Engine.Redials != 1 {
			r.Errorf("dialed %d, ended %d, redials %d", snap.Dialed, snap.Ended, snap.Engine.Redials)
		}
		close(r.hang)
	})
}

func TestStats_ReplyThatCannotBeEncodedIsA500(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		r.pull("/unencodable", nil, tp.CodeInternal)
		synctest.Wait()
		want := stats.Counters{Started: 1, Done: 1, Errors: codeCount{500: 1}}
		snap := r.srvStats.Snapshot()
		r.want("route", snap.Route("/unencodable").PullIn, want)
		r.want("session", snap.Sessions[0].PullIn, want)
	})
}

// refuser refuses everything, as an authorization plugin may.
type refuser struct{}

func (refuser) Name() string { return "refuser" }

func (refuser) PostReadPullHeader(tp.ReadCtx) *tp.Rerror {
	return tp.NewRerror(tp.CodeUnauthorized, "no", "")
}

// broken fails where that is only logged: later plugins' PreWriteReply is not run.
type broken struct{}

func (broken) Name() string { return "broken" }

func (broken) PreWriteReply(tp.WriteCtx) *tp.Rerror { return tp.NewRerror(1, "broken", "") }

func TestStats_OtherPluginsThatRefuse(t *testing.T) {
	for _, c := range []struct {
		name  string
		cfg   config
		code  int32
		timed bool
	}{
		{"before", config{before: []tp.Plugin{refuser{}}}, 401, false},
		{"after", config{after: []tp.Plugin{refuser{}}}, 401, true},
		{"both", config{before: []tp.Plugin{broken{}, refuser{}}}, 401, false},
		{"reply", config{before: []tp.Plugin{broken{}}}, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, c.cfg, func(r *rig) {
				r.pull("/add?x=%20", [2]int{1, 2}, c.code)
				synctest.Wait()
				want := stats.Counters{Started: 1, Done: 1}
				if c.code != 0 {
					want.Errors = codeCount{c.code: 1}
				}
				got := r.srvStats.Snapshot().Route("/add").PullIn
				r.want("/add", got, want)
				if got != nil && (got.Latency != nil) != c.timed {
					r.Errorf("the latency is %+v", got.Latency)
				}
			})
		})
	}
}

func TestStats_Pushes(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		for range 2 {
			if rerr := r.sess.Push("/note?a=b", "x"); rerr != nil {
				r.Error(rerr)
			}
		}
		r.sess.Push("/note", 17)              // does not decode
		r.sess.Push("/nowhere", "x")          // not routed
		r.sess.Push("/note", make(chan bool)) // not sent
		synctest.Wait()
		srv, cli := r.srvStats.Snapshot(), r.cliStats.Snapshot()
		r.want("/note in", srv.Route("/note").PushIn, stats.Counters{Started: 3, Done: 2})
		r.want("other in", srv.Route(stats.OtherRoutes).PushIn, stats.Counters{Started: 1})
		r.want("session in", srv.Sessions[0].PushIn, stats.Counters{Started: 4, Done: 2})
		r.want("/note out", cli.Route("/note").PushOut, stats.Counters{Started: 4, Done: 3})
		r.want("session out", cli.Sessions[0].PushOut, stats.Counters{Started: 5, Done: 4})
		if in, out := srv.Total.PushIn.BytesIn, cli.Total.PushOut.BytesOut; in == 0 || in != out {
			r.Errorf("%d bytes went out, %d came in", out, in)
		}
		if srv.Engine.PushesDropped != 2 {
			r.Errorf("the engine dropped %d pushes", srv.Engine.PushesDropped)
		}
	})
}

func TestStats_RoutesAreBounded(t *testing.T) {
	inBubble(t, config{options: stats.Options{MaxRoutes: 10}}, func(r *rig) {
		for i := range 50 {
			r.pull(fmt.Sprintf("/nowhere/%d", i), nil, tp.CodeNotFound)
			r.sess.Push(fmt.Sprintf("/nowhere/%d", i), nil)
		}
		synctest.Wait()
		srv, cli := r.srvStats.Snapshot(), r.cliStats.Snapshot()
		if len(srv.Routes) != 1 || len(cli.Routes) != 11 {
			r.Errorf("the server tells %d routes apart, the client %d; want 1 and 11", len(srv.Routes), len(cli.Routes))
		}
		r.want("server", srv.Route(stats.OtherRoutes).PullIn, stats.Counters{Started: 50, Done: 50, Errors: codeCount{404: 50}})
		r.want("client", cli.Route(stats.OtherRoutes).PullOut, stats.Counters{Started: 40, Done: 40, Errors: codeCount{404: 40}})
		r.want("client's total", cli.Total.PullOut, stats.Counters{Started: 50, Done: 50, Errors: codeCount{404: 50}})
	})
}

func TestStats_ErrorCodesAreBounded(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		for code := int32(1); code <= 100; code++ {
			r.pull("/fail", code, code)
		}
		synctest.Wait()
		got := r.cliStats.Snapshot().Route("/fail").PullOut
		if len(got.Errors) != 32 || got.OtherErrors != 68 || got.Failed() != 100 {
			r.Errorf("%d codes are told apart, %d errors are others, %d in all", len(got.Errors), got.OtherErrors, got.Failed())
		}
	})
}

func TestStats_LatenciesBeyondTheScale(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		r.pull("/add", [2]int{1, 2}, 0) // takes no virtual time
		r.pull("/sleep", 3*time.Hour, 0)
		l := r.cliStats.Snapshot().Total.PullOut.Latency
		if l.Min != 0 || l.P50 > time.Microsecond || l.Max != 3*time.Hour || l.Sum != 3*time.Hour {
			r.Errorf("the latencies are %+v", *l)
		}
		near(t, "P99", l.P99, time.Hour)
	})
}

func TestStats_ConcurrentUseLosesNothing(t *testing.T) {
	inBubble(t, config{}, func(r *rig) {
		const callers, calls = 8, 50
		var wg sync.WaitGroup
		for range callers {
			wg.Go(func() {
				for range calls {
					r.pull("/add", [2]int{1, 2}, 0)
					r.sess.Push("/note", "x")
				}
			})
		}
		wg.Go(func() {
			for range 20 {
				if in := r.srvStats.Snapshot().Total.PullIn; in != nil && in.InFlight > callers {
					r.Errorf("%d in flight", in.InFlight)
				}
			}
		})
		wg.Wait()
		synctest.Wait()
		srv, cli := r.srvStats.Snapshot(), r.cliStats.Snapshot()
		all := stats.Counters{Started: callers * calls, Done: callers * calls}
		r.want("pulls in", srv.Total.PullIn, all)
		r.want("pulls out", cli.Total.PullOut, all)
		r.want("pushes in", srv.Total.PushIn, all)
		r.want("pushes out", cli.Total.PushOut, all)
		r.want("session", srv.Sessions[0].PullIn, all)
	})
}
