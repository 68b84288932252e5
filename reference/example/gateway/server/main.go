// Command server answers /math/add and greets who joins /club. It listens where
// only the gateway need reach it:
//
//	go run ./reference/example/gateway/server
//	go run ./reference/example/gateway/gateway
//	go run ./reference/example/gateway/client
package main

import tp "github.com/henrylee2cn/teleport/reference"

var address = "127.0.0.1:9091"

// Math serves /math.
type Math struct{ tp.PullCtx }

// Add serves /math/add.
func (m *Math) Add(args *[2]int) (int, *tp.Rerror) {
	return args[0] + args[1], nil
}

// Club serves /club.
type Club struct{ tp.PullCtx }

// Join serves /club/join: it asks the caller for a name and pushes a greeting,
// on the session that the call came on.
func (c *Club) Join(*struct{}) (bool, *tp.Rerror) {
	var name string
	if rerr := c.Session().Pull("/me/name", nil, &name).Rerror(); rerr != nil {
		return false, rerr
	}
	return true, c.Session().Push("/club/greeting", "welcome, "+name)
}

func main() {
	go tp.GraceSignal()
	peer := tp.NewPeer(tp.PeerConfig{ListenAddress: address})
	peer.PullRouter.Reg(new(Math))
	peer.PullRouter.Reg(new(Club))
	if err := peer.Listen(); err != nil {
		tp.Fatalf("%v", err)
	}
}
