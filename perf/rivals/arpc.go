package main

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/lesismal/arpc"
	"github.com/lesismal/arpc/log"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

func arpcRival() rival.Rival {
	return rival.Rival{Name: "arpc", Module: "github.com/lesismal/arpc", Shares: true, Serve: arpcServe, Dial: arpcDial}
}

// arpcSetUp is what arpc has for the whole process.
var arpcSetUp = sync.OnceFunc(func() {
	log.SetLevel(log.LevelNone)
	arpc.EnablePool(true) // as in its own benchmark
})

// arpcBatch is how much arpc puts together before it writes. Its default, 0, writes each message alone although
// batches are on.
const arpcBatch = 64 << 10

// arpcHandler has the settings of both sides.
func arpcHandler(base arpc.Handler) arpc.Handler {
	base.SetSendBufferSize(arpcBatch)
	// By default it turns Nagle's algorithm on, which holds messages back until earlier ones are acknowledged.
	base.HandleConnected(func(c *arpc.Client) {
		if conn, ok := c.Conn.(*net.TCPConn); ok {
			conn.SetNoDelay(true)
		}
	})
	return base
}

const arpcMethod = "/bench/call"

func arpcServe(addr string, h rival.Handler) (harness.Server, error) {
	arpcSetUp()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := arpc.NewServer()
	s.Codec = rival.Codec{}
	inGoroutine := h.Slow() // else in the goroutine that reads, which is faster
	arpcHandler(s.Handler).Handle(arpcMethod, func(ctx *arpc.Context) {
		m := new(rival.Msg)
		if err := ctx.Bind(m); err != nil {
			ctx.Error(err)
			return
		}
		h.Handle(m)
		ctx.Write(m)
	}, inGoroutine)
	go s.Serve(listener)
	return &rival.Server{Listens: listener.Addr().String(), End: listener.Close}, nil
}

// arpcClients is what all clients of the process have in common.
var arpcClients = sync.OnceValue(func() arpc.Handler {
	arpcSetUp()
	return arpcHandler(arpc.DefaultHandler.Clone())
})

func arpcDial(addr string) (harness.Client, error) {
	c, err := arpc.NewClient(func() (net.Conn, error) { return net.DialTimeout("tcp", addr, 10*time.Second) }, arpcClients())
	if err != nil {
		return nil, err
	}
	c.Codec = rival.Codec{}
	return &rival.Client{
		Invoke: func(request, reply *rival.Msg) error {
			return c.CallContext(context.Background(), arpcMethod, request, reply)
		},
		End: func() error { c.Stop(); return nil },
	}, nil
}
