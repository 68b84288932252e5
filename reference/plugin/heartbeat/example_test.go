package heartbeat_test

import (
	"fmt"
	"net"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/heartbeat"
)

// A connection whose other end is gone without a word ends in three tenths of
// a second; a program asks more seldom, the default is 30 s.
func Example() {
	watch := heartbeat.New(heartbeat.Config{Interval: 100 * time.Millisecond, Factor: 3})
	peer := tp.NewPeer(tp.PeerConfig{}, watch)
	defer peer.Close()

	here, there := net.Pipe()
	go func() { // takes everything and never answers
		for buf := make([]byte, 1024); ; {
			if _, err := there.Read(buf); err != nil {
				return
			}
		}
	}()
	sess, err := peer.ServeConn(here)
	if err != nil {
		fmt.Println(err)
		return
	}
	rerr := sess.Pull("/home/test", nil, nil).Rerror()
	fmt.Println(rerr.Code, watch.Stats().Dead)
	// Output: 102 1
}
