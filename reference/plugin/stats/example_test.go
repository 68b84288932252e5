package stats_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/stats"
)

// connect makes two peers and a connection between them; programs use Listen
// and Dial.
func connect(server, client *tp.Peer) tp.Session {
	a, b := net.Pipe()
	server.ServeConn(a)
	sess, err := client.ServeConn(b)
	if err != nil {
		panic(err)
	}
	return sess
}

func Example() {
	tp.SetLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer tp.SetLogger(nil)
	st := stats.New(stats.Options{})
	server, client := tp.NewPeer(tp.PeerConfig{}, st), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	server.PullRouter.RegFunc("/sum", func(args *[2]int) (int, *tp.Rerror) { return args[0] + args[1], nil })

	sess := connect(server, client)
	for i := range 3 {
		sess.Pull("/sum", [2]int{i, i}, nil)
	}
	sess.Pull("/nowhere", nil, nil)

	snap := st.Snapshot()
	sum := snap.Route("/sum").PullIn
	fmt.Println(sum.Started, sum.Failed(), sum.Latency.P99 > 0)
	fmt.Println(snap.Route(stats.OtherRoutes).PullIn.Errors)
	fmt.Println(snap.Total.PullIn.Started, len(snap.Sessions))
	// Output:
	// 3 0 true
	// map[404:1]
	// 4 1
}

// A PULL route that answers with the snapshot.
func ExampleStats_Serve() {
	tp.SetLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer tp.SetLogger(nil)
	st := stats.New(stats.Options{})
	server, client := tp.NewPeer(tp.PeerConfig{}, st), tp.NewPeer(tp.PeerConfig{})
	defer server.Close()
	defer client.Close()
	st.Serve(server.PullRouter, "/debug/stats")

	snap, rerr := tp.Pull[any, stats.Snapshot](connect(server, client), "/debug/stats", nil)
	fmt.Println(snap.Route("/debug/stats").PullIn.InFlight, rerr == nil)
	// Output: 1 true
}
