// Command subscriber prints the news of a topic until the server ends the session.
package main

import (
	"fmt"

	tp "github.com/henrylee2cn/teleport/reference"
)

var address = "127.0.0.1:9090"

// ended is closed when the session is over.
var ended = make(chan struct{})

// News takes what the server pushes.
type News struct{ tp.PushCtx }

// Item serves the PUSH /news/item.
func (n *News) Item(item *struct{ Topic, Text string }) {
	fmt.Printf("%s: %s\n", item.Topic, item.Text)
}

// watch is a plugin that notices the end of the session.
type watch struct{}

func (watch) Name() string { return "watch" }

func (watch) PostDisconnect(tp.PostSession) *tp.Rerror {
	close(ended)
	return nil
}

func main() {
	tp.SetRawlogLevel("ERROR")
	peer := tp.NewPeer(tp.PeerConfig{}, watch{})
	defer peer.Close()
	peer.PushRouter.Reg(new(News))
	sess, rerr := peer.Dial(address)
	if rerr != nil {
		tp.Fatalf("%v", rerr)
	}
	var ok bool
	if rerr := sess.Pull("/topic/subscribe", "weather", &ok).Rerror(); rerr != nil {
		tp.Fatalf("%v", rerr)
	}
	fmt.Println("subscribed to weather")
	<-ended
}
