package main

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

func grpcRival() rival.Rival {
	return rival.Rival{Name: "grpc", Module: "google.golang.org/grpc", Shares: true, Serve: grpcServe, Dial: grpcDial}
}

// grpcCodec is what grpc's own codec does, buffers from its pool included, with the generated methods of vtprotobuf.
type grpcCodec struct{}

func (grpcCodec) Name() string { return "proto" }

func (grpcCodec) Marshal(v any) (mem.BufferSlice, error) {
	m, err := rival.As(v)
	if err != nil {
		return nil, err
	}
	n := m.SizeVT()
	if mem.IsBelowBufferPoolingThreshold(n) {
		b, err := m.MarshalVT()
		return mem.BufferSlice{mem.SliceBuffer(b)}, err
	}
	pool := mem.DefaultBufferPool()
	b := pool.Get(n)
	if _, err := m.MarshalToSizedBufferVT((*b)[:n]); err != nil {
		pool.Put(b)
		return nil, err
	}
	return mem.BufferSlice{mem.NewBuffer(b, pool)}, nil
}

func (grpcCodec) Unmarshal(data mem.BufferSlice, v any) error {
	m, err := rival.As(v)
	if err != nil {
		return err
	}
	b := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer b.Free()
	return m.UnmarshalVT(b.ReadOnlyData())
}

// grpcService is what protoc-gen-go-grpc would generate for one method.
var grpcService = grpc.ServiceDesc{
	ServiceName: "bench.Bench",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Call",
		Handler: func(h any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			m := new(rival.Msg)
			if err := decode(m); err != nil {
				return nil, err
			}
			h.(rival.Handler).Handle(m)
			return m, nil
		},
	}},
}

const grpcMethod = "/bench.Bench/Call"

// With windows of a fixed size grpc does not measure the connection, and thousands of callers do not fill them.
const grpcConnWindow, grpcStreamWindow = 8 << 20, 1 << 20

func grpcServe(addr string, h rival.Handler) (harness.Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(grpcCodec{}),
		grpc.NumStreamWorkers(uint32(runtime.GOMAXPROCS(0))), // when they are busy, grpc starts a goroutine as without them
		grpc.StaticConnWindowSize(grpcConnWindow), grpc.StaticStreamWindowSize(grpcStreamWindow))
	s.RegisterService(&grpcService, h)
	go s.Serve(listener)
	return &rival.Server{Listens: listener.Addr().String(), End: func() error { s.Stop(); return nil }}, nil
}

func grpcDial(addr string) (harness.Client, error) {
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(grpcCodec{})),
		grpc.WithIdleTimeout(0), grpc.WithNoProxy(), grpc.WithDisableServiceConfig(), grpc.WithDisableRetry(),
		grpc.WithStaticConnWindowSize(grpcConnWindow), grpc.WithStaticStreamWindowSize(grpcStreamWindow))
	if err != nil {
		return nil, err
	}
	if err := grpcConnect(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return &rival.Client{
		Invoke: func(request, reply *rival.Msg) error {
			return conn.Invoke(context.Background(), grpcMethod, request, reply)
		},
		End: conn.Close,
	}, nil
}

// grpcConnect makes the connection now: grpc would wait for the first call.
func grpcConnect(conn *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn.Connect()
	for {
		switch state := conn.GetState(); {
		case state == connectivity.Ready:
			return nil
		case state == connectivity.TransientFailure, !conn.WaitForStateChange(ctx, state):
			return fmt.Errorf("grpc: not connected: %v", state)
		}
	}
}
