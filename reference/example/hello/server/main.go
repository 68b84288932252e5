// Command server answers /math/add.
package main

import tp "github.com/henrylee2cn/teleport/reference"

var address = "127.0.0.1:9090"

// Math is a controller: each of its methods is a route.
type Math struct{ tp.PullCtx }

// Add serves /math/add.
func (m *Math) Add(args *[2]int) (int, *tp.Rerror) {
	return args[0] + args[1], nil
}

func main() {
	peer := tp.NewPeer(tp.PeerConfig{ListenAddress: address})
	peer.PullRouter.Reg(new(Math))
	if err := peer.Listen(); err != nil {
		tp.Fatalf("%v", err)
	}
}
