// Command gateway is what clients dial: it passes calls on to the server beside
// it, and what the server calls back to the client it is meant for.
package main

import (
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/proxy"
)

var (
	address = "127.0.0.1:9090"
	server  = "127.0.0.1:9091"
)

func main() {
	go tp.GraceSignal()
	front := tp.NewPeer(tp.PeerConfig{ListenAddress: address})
	_, err := proxy.New(front, proxy.Config{Route: proxy.ByPrefix(map[string]proxy.Target{
		"/math": {Addr: server},                   // all clients share one session
		"/club": {Addr: server, PerSession: true}, // the server knows each
	})})
	if err != nil {
		tp.Fatalf("%v", err)
	}
	if err := front.Listen(); err != nil {
		tp.Fatalf("%v", err)
	}
}
