package proxy_test

import (
	"fmt"
	"net"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
)

// A peer that adds, a gateway that knows where to find it, and a client that
// knows the gateway only.
func Example() {
	serve := func(peer *tp.Peer) (addr string) {
		lis, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			fmt.Println(err)
			return ""
		}
		go peer.ServeListener(lis)
		return lis.Addr().String()
	}

	adder := tp.NewPeer(tp.PeerConfig{})
	defer adder.Close()
	tp.HandlePull(adder.PullRouter, "/math/add", func(_ tp.PullCtx, args *[2]int) (int, *tp.Rerror) {
		return args[0] + args[1], nil
	})

	front := tp.NewPeer(tp.PeerConfig{})
	px, err := proxy.New(front, proxy.Config{
		Route: proxy.ByPrefix(map[string]proxy.Target{"/math": {Addr: serve(adder)}}),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer px.Close()

	client := tp.NewPeer(tp.PeerConfig{})
	defer client.Close()
	sess, rerr := client.Dial(serve(front))
	if rerr != nil {
		fmt.Println(rerr)
		return
	}
	var sum int
	if rerr := sess.Pull("/math/add", [2]int{1, 2}, &sum).Rerror(); rerr != nil {
		fmt.Println(rerr)
		return
	}
	fmt.Println("1 + 2 =", sum)
	fmt.Println(sess.Pull("/history/today", nil, nil).Rerror())
	fmt.Println(px.Stats().Pulls, "passed on")
	// Output:
	// 1 + 2 = 3
	// {"code":404,"message":"Not Found"}
	// 1 passed on
}
