package main

import (
	"errors"
	"net"
	"net/rpc"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

func netrpcRival() rival.Rival {
	return rival.Rival{Name: "net/rpc", Shares: true, Serve: netrpcServe, Dial: netrpcDial}
}

// NetrpcBench is the service.
type NetrpcBench struct{ h rival.Handler }

// Call is the benchmark's handler. net/rpc wants the reply in a value of its own.
func (b *NetrpcBench) Call(request *rival.Msg, reply *NetrpcReply) error {
	b.h.Handle(request)
	reply.m = request
	return nil
}

const netrpcMethod = "Bench.Call"

func netrpcServe(addr string, h rival.Handler) (harness.Server, error) {
	s := rpc.NewServer()
	if err := s.RegisterName("Bench", &NetrpcBench{h}); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.ServeCodec(newNetrpcServer(conn))
		}
	}()
	return &rival.Server{Listens: listener.Addr().String(), End: listener.Close}, nil
}

func netrpcDial(addr string) (harness.Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := rpc.NewClientWithCodec(newNetrpcClient(conn))
	return &rival.Client{
		Invoke: func(request, reply *rival.Msg) error { return c.Call(netrpcMethod, request, reply) },
		End: func() error {
			if err := c.Close(); !errors.Is(err, rpc.ErrShutdown) {
				return err
			}
			return nil
		},
	}, nil
}
