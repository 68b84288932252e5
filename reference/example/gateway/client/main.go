// Command client calls the server through the gateway; its arguments are a name
// to be greeted by.
package main

import (
	"fmt"
	"os"
	"strings"

	tp "github.com/henrylee2cn/teleport/reference"
)

var address = "127.0.0.1:9090"

func main() {
	tp.SetRawlogLevel("ERROR")
	name := strings.Join(os.Args[1:], " ")
	greeting := make(chan string, 1)

	peer := tp.NewPeer(tp.PeerConfig{})
	defer peer.Close()
	peer.PullRouter.RegFunc("/me/name", func(*struct{}) (string, *tp.Rerror) { return name, nil })
	peer.PushRouter.RegFunc("/club/greeting", func(text *string) { greeting <- *text })

	sess, rerr := peer.Dial(address)
	if rerr != nil {
		tp.Fatalf("%v", rerr)
	}
	var sum int
	if rerr := sess.Pull("/math/add", [2]int{1, 2}, &sum).Rerror(); rerr != nil {
		tp.Fatalf("%v", rerr)
	}
	fmt.Println("1 + 2 =", sum)
	if rerr := sess.Pull("/club/join", nil, nil).Rerror(); rerr != nil {
		tp.Fatalf("%v", rerr)
	}
	fmt.Println(<-greeting)
}
