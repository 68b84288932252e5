package main

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/smallnest/rpcx/client"
	"github.com/smallnest/rpcx/log"
	"github.com/smallnest/rpcx/protocol"
	"github.com/smallnest/rpcx/server"
	"github.com/smallnest/rpcx/share"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

func rpcxRival() rival.Rival {
	return rival.Rival{Name: "rpcx", Module: "github.com/smallnest/rpcx", Shares: true, Serve: rpcxServe, Dial: rpcxDial}
}

// rpcxVT is the number of the codec; rpcx's own end at 4, and a header has 4 bits for it.
const rpcxVT protocol.SerializeType = 9

// rpcxCodec names the methods as rpcx does.
type rpcxCodec struct{ rival.Codec }

func (c rpcxCodec) Encode(v any) ([]byte, error)    { return c.Marshal(v) }
func (c rpcxCodec) Decode(data []byte, v any) error { return c.Unmarshal(data, v) }

// rpcxSetUp is what rpcx has for the whole process.
var rpcxSetUp = sync.OnceFunc(func() {
	log.SetDummyLogger()
	share.RegisterCodec(rpcxVT, rpcxCodec{})
})

const rpcxPath, rpcxMethod = "Bench", "Call"

func rpcxServe(addr string, h rival.Handler) (harness.Server, error) {
	rpcxSetUp()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := server.NewServer()
	s.DisableHTTPGateway, s.DisableJSONRPC = true, true
	// A handler of this kind is called without reflection.
	s.AddHandler(rpcxPath, rpcxMethod, func(ctx *server.Context) error {
		m := new(rival.Msg)
		if err := ctx.Bind(m); err != nil {
			return ctx.WriteError(err)
		}
		h.Handle(m)
		return ctx.Write(m)
	})
	go s.ServeListener("tcp", listener)
	return &rival.Server{Listens: listener.Addr().String(), End: s.Close}, nil
}

func rpcxDial(addr string) (harness.Client, error) {
	rpcxSetUp()
	c := client.NewClient(client.Option{SerializeType: rpcxVT, CompressType: protocol.None, ConnectTimeout: 10 * time.Second})
	if err := c.Connect("tcp", addr); err != nil {
		return nil, err
	}
	return &rival.Client{
		Invoke: func(request, reply *rival.Msg) error {
			return c.Call(context.Background(), rpcxPath, rpcxMethod, request, reply)
		},
		End: c.Close,
	}, nil
}
