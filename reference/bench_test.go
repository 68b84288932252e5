package tp

import (
	"net"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// BenchmarkPull is one call over loopback TCP, 581 bytes each way, undecoded:
// what the engine itself costs. One session, many callers.
func BenchmarkPull(b *testing.B) {
	quietBench(b)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	srv, cli := NewPeer(PeerConfig{}), NewPeer(PeerConfig{})
	srv.PullRouter.RegFunc("/echo", func(body *packet.RawBody) (packet.RawBody, *Rerror) { return *body, nil })
	served := make(chan error, 1)
	go func() { served <- srv.ServeListener(lis) }()
	sess, rerr := cli.Dial(lis.Addr().String())
	if rerr != nil {
		b.Fatal(rerr)
	}
	args := packet.RawBody(make([]byte, 581))
	b.ReportAllocs()
	b.SetParallelism(50)
	b.RunParallel(func(pb *testing.PB) {
		var reply packet.RawBody
		for pb.Next() {
			if rerr := sess.Pull("/echo", args, &reply).Rerror(); rerr != nil || len(reply) != len(args) {
				b.Fatal(rerr)
			}
		}
	})
	b.StopTimer()
	cli.Close()
	srv.Close()
	<-served
}
