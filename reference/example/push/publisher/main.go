// Command publisher sends one piece of news.
package main

import (
	"fmt"

	tp "github.com/henrylee2cn/teleport/reference"
)

var address = "127.0.0.1:9090"

func main() {
	tp.SetRawlogLevel("ERROR")
	peer := tp.NewPeer(tp.PeerConfig{})
	defer peer.Close()
	sess, rerr := peer.Dial(address)
	if rerr != nil {
		tp.Fatalf("%v", rerr)
	}
	var told int
	news := struct{ Topic, Text string }{"weather", "sunny"}
	if rerr := sess.Pull("/topic/publish", news, &told).Rerror(); rerr != nil {
		tp.Fatalf("%v", rerr)
	}
	fmt.Printf("told %d\n", told)
}
