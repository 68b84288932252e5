// Package stats counts what a peer does and how long it takes, by route and by
// session, in memory. It is a plugin:
//
//	st := stats.New(stats.Options{})
//	peer := tp.NewPeer(tp.PeerConfig{ListenAddress: ":9090"}, st)
//	peer.PullRouter.Reg(new(Home))
//	...
//	snap := st.Snapshot()
//	fmt.Println(snap.Route("/home/add").PullIn.Latency.P99)
//	snap.WriteText(os.Stdout) // a table for people
//
// Snapshot gives plain values, which also marshal to JSON. Serve makes a PULL
// route of it, for tools and dashboards:
//
//	st.Serve(peer.PullRouter, "/debug/stats")
//
// # What is counted
//
// There are four kinds of traffic, each with the same Counters: PULLs and
// PUSHes, those that come in and those that go out. What each field means for
// each kind:
//
//	            PULL in              PULL out           PUSH in             PUSH out
//	Started     header was read      about to be sent   header was read     about to be sent
//	Done        reply accepted for   reply came         reached a handler   accepted for
//	            sending                                                     sending
//	InFlight    not answered yet     sent, no reply yet
//	Lost        unanswered when the session ended (or the link of a dialed one)
//	Errors      replies with an      replies with an
//	            error, by code       error, by code
//	BytesIn     PULLs                replies            PUSHes
//	BytesOut    replies              PULLs                                  PUSHes
//	Latency     header to reply      launch to reply
//
// A PULL out that never left (104, an encoding error) is Started, and neither
// Done nor Lost. One that is sent and given up on this side before its reply
// came is in flight until its link ends: no hook tells. What the engine drops or
// refuses before any hook runs (over MaxHandlers) is in Snapshot.Engine.
//
// # Routes
//
// A route is the path of a uri. What comes in counts under a route that is
// registered on the peer, else under OtherRoutes: callers cannot make the table
// grow. What goes out counts under its path as long as there are not more than
// Options.MaxRoutes in all, then under OtherRoutes too. A uri that another
// plugin rewrites counts under what it is when stats sees it: give stats to
// NewPeer after such a plugin, and before all others.
//
// # Accuracy and cost
//
// Percentiles of a route are within 1 % of the true value and those of a session
// within 7 %, or half a microsecond where that is more; times above an hour
// count as an hour in percentiles only. Count, sum, minimum and maximum are
// exact. A route with latencies takes about 27 KB a direction, a session about
// 4 KB; a session's are dropped with it, its calls stay in the routes' and in
// the total.
//
// Each call takes a few short locks, of its session and of its route, no lock of
// the whole. As with any plugin that has header hooks, the engine decodes
// bodies on the handler's goroutine instead of the reader's.
package stats
