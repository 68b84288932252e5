package main

import (
	"context"
	"net"

	"storj.io/drpc"
	"storj.io/drpc/drpcconn"
	"storj.io/drpc/drpcmux"
	"storj.io/drpc/drpcserver"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

// A drpc connection carries one call at a time: a second one waits for its end. So it is not measured shared.
func drpcRival() rival.Rival {
	return rival.Rival{Name: "drpc", Module: "storj.io/drpc", Serve: drpcServe, Dial: drpcDial}
}

// drpcEncoding also appends, which drpc looks for.
type drpcEncoding struct{ codec rival.Codec }

func (e drpcEncoding) Marshal(v drpc.Message) ([]byte, error)      { return e.codec.Marshal(v) }
func (e drpcEncoding) Unmarshal(data []byte, v drpc.Message) error { return e.codec.Unmarshal(data, v) }

func (drpcEncoding) MarshalAppend(b []byte, v drpc.Message) ([]byte, error) {
	m, err := rival.As(v)
	if err != nil {
		return nil, err
	}
	return rival.Append(b, m)
}

// drpcBench is the service, and drpcDescription what protoc-gen-go-drpc would generate for it.
type drpcBench struct{ h rival.Handler }

func (b *drpcBench) Call(_ context.Context, m *rival.Msg) (*rival.Msg, error) {
	b.h.Handle(m)
	return m, nil
}

const drpcMethod = "/bench.Bench/Call"

type drpcDescription struct{}

func (drpcDescription) NumMethods() int { return 1 }

func (drpcDescription) Method(int) (string, drpc.Encoding, drpc.Receiver, any, bool) {
	return drpcMethod, drpcEncoding{}, func(b any, ctx context.Context, in, _ any) (drpc.Message, error) {
		return b.(*drpcBench).Call(ctx, in.(*rival.Msg))
	}, (*drpcBench).Call, true
}

func drpcServe(addr string, h rival.Handler) (harness.Server, error) {
	mux := drpcmux.New()
	if err := mux.Register(&drpcBench{h}, drpcDescription{}); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- drpcserver.New(mux).Serve(ctx, listener) }()
	return &rival.Server{Listens: listener.Addr().String(), End: func() error { cancel(); return <-done }}, nil
}

func drpcDial(addr string) (harness.Client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := drpcconn.New(conn)
	return &rival.Client{
		Invoke: func(request, reply *rival.Msg) error {
			return c.Invoke(context.Background(), drpcMethod, drpcEncoding{}, request, reply)
		},
		End: c.Close,
	}, nil
}
