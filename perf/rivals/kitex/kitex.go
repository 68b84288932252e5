package main

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"github.com/cloudwego/kitex/client"
	"github.com/cloudwego/kitex/pkg/connpool"
	"github.com/cloudwego/kitex/pkg/klog"
	"github.com/cloudwego/kitex/pkg/stats"
	"github.com/cloudwego/kitex/server"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

const module = "github.com/cloudwego/kitex"

// Systems lists Kitex twice: a server has either multiplexed connections or those with one call at a time.
func Systems() []harness.System {
	var out []harness.System
	for _, r := range []rival.Rival{
		{Name: "kitex", Module: module, Serve: listener(), Dial: dialer(client.WithLongConnection(connpool.IdleConfig{
			MaxIdlePerAddress: 1, MaxIdleGlobal: 1, MaxIdleTimeout: forever,
		}))},
		{Name: "kitex-mux", Module: module, Shares: true,
			Serve: listener(server.WithMuxTransport()), Dial: dialer(client.WithMuxConnection(1))},
	} {
		out = append(out, r.System())
	}
	return out
}

const forever = 24 * time.Hour

// setUp is what Kitex has for the whole process.
var setUp = sync.OnceFunc(func() { klog.SetOutput(io.Discard) })

func listener(options ...server.Option) func(addr string, h rival.Handler) (harness.Server, error) {
	return func(addr string, h rival.Handler) (harness.Server, error) {
		setUp()
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return nil, err
		}
		never := make(chan error)
		s := server.NewServer(append([]server.Option{
			server.WithListener(l),
			server.WithStatsLevel(stats.LevelDisabled),
			server.WithMaxConnIdleTime(forever),
			server.WithExitWaitTime(time.Millisecond),
			server.WithExitSignal(func() <-chan error { return never }),
		}, options...)...)
		if err := s.RegisterService(service, &h); err != nil {
			l.Close()
			return nil, err
		}
		done := make(chan error, 1)
		go func() { done <- s.Run() }()
		return &rival.Server{Listens: l.Addr().String(), End: func() error {
			err := s.Stop()
			close(never)
			<-done
			return err
		}}, nil
	}
}

func dialer(option client.Option) func(addr string) (harness.Client, error) {
	return func(addr string) (harness.Client, error) {
		setUp()
		c, err := client.NewClient(service,
			client.WithDestService(service.ServiceName),
			client.WithHostPorts(addr),
			client.WithConnectTimeout(10*time.Second), // by default 50ms, too little when thousands connect
			client.WithStatsLevel(stats.LevelDisabled),
			option)
		if err != nil {
			return nil, err
		}
		k := &rival.Client{
			Invoke: func(request, reply *rival.Msg) error {
				return c.Call(context.Background(), method, &body{request}, &body{reply})
			},
			End: func() error {
				if closer, ok := c.(io.Closer); ok {
					return closer.Close()
				}
				return nil
			},
		}
		// Kitex connects with the first call.
		if err := k.Invoke(message.New(), new(rival.Msg)); err != nil {
			k.End()
			return nil, err
		}
		return k, nil
	}
}
