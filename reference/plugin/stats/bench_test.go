package stats_test

import (
	"log/slog"
	"net"
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/stats"
)

// BenchmarkPull shows what stats on both sides cost one call.
func BenchmarkPull(b *testing.B) {
	tp.SetLogger(slog.New(slog.DiscardHandler))
	defer tp.SetLogger(nil)
	for _, c := range []struct {
		name    string
		plugins func() []tp.Plugin
	}{
		{"without", func() []tp.Plugin { return nil }},
		{"stats", func() []tp.Plugin { return []tp.Plugin{stats.New(stats.Options{})} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			server, client := tp.NewPeer(tp.PeerConfig{}, c.plugins()...), tp.NewPeer(tp.PeerConfig{}, c.plugins()...)
			defer server.Close()
			defer client.Close()
			server.PullRouter.RegFunc("/sum", func(args *[2]int) (int, *tp.Rerror) { return args[0] + args[1], nil })
			x, y := net.Pipe()
			if _, err := server.ServeConn(x); err != nil {
				b.Fatal(err)
			}
			sess, err := client.ServeConn(y)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if rerr := sess.Pull("/sum", [2]int{1, 2}, nil).Rerror(); rerr != nil {
						b.Error(rerr)
					}
				}
			})
		})
	}
}
