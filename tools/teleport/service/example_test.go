package service_test

import (
	"fmt"
	"net"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/tools/teleport/service"
)

// A peer that is to be judged offers the service, and the peer battery dials it. Here a client of the
// reference does, over a connection in memory.
func Example() {
	peer, client := service.New(tp.PeerConfig{}), tp.NewPeer(tp.PeerConfig{})
	defer peer.Close()
	defer client.Close()
	a, b := net.Pipe()
	if _, err := peer.ServeConn(a); err != nil {
		fmt.Println(err)
	}
	sess, err := client.ServeConn(b)
	if err != nil {
		fmt.Println(err)
		return
	}

	var sum int
	fmt.Println(sess.Pull("/conformance/sum", [2]int{40, 2}, &sum).Rerror() == nil, sum)
	fmt.Println(sess.Pull("/conformance/error?code=1001&message=no", nil, nil).Rerror())
	for range 3 {
		sess.Push("/conformance/note", "hi")
	}
	var notes int
	sess.Pull("/conformance/count?min=3", nil, &notes)
	fmt.Println(notes, "notes")
	// Output:
	// true 42
	// {"code":1001,"message":"no"}
	// 3 notes
}
