// Command client asks the server for a sum.
package main

import (
	"fmt"

	tp "github.com/henrylee2cn/teleport/reference"
)

var address = "127.0.0.1:9090"

func main() {
	peer := tp.NewPeer(tp.PeerConfig{})
	defer peer.Close()
	sess, err := peer.Dial(address)
	if err != nil {
		tp.Fatalf("%v", err)
	}
	var sum int
	if err := sess.Pull("/math/add", [2]int{1, 2}, &sum).Rerror(); err != nil {
		tp.Fatalf("%v", err)
	}
	fmt.Println("1 + 2 =", sum)
}
