package systems

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
)

func socketSystem() harness.System {
	return harness.System{
		Name: "teleport/socket", Version: release(), Kind: harness.Socket, Shares: true, Lacks: socketLacks,
		Listen: listenSocket,
		Dial: func(addr string, o harness.Options) (harness.Client, error) {
			s, err := newSetup(o)
			if err != nil {
				return nil, err
			}
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				return nil, err
			}
			return &socketClient{setup: s, conn: socket.NewConn(conn, s.proto, socket.Options{})}, nil
		},
	}
}

// socketLacks: who has only packets answers in the order in which they come.
func socketLacks(o harness.Options) string {
	s, err := newSetup(o)
	if err != nil {
		return err.Error()
	}
	switch s.handler.Name {
	case "echo", "compute":
		return ""
	}
	return fmt.Sprintf("the socket's reader answers by itself: no %s handler", s.handler.Name)
}

type socketServer struct {
	setup setup
	lis   net.Listener
	all   sync.WaitGroup

	mu    sync.Mutex // guards conns
	conns map[*socket.Conn]bool
}

func listenSocket(addr string, o harness.Options) (harness.Server, error) {
	if why := socketLacks(o); why != "" {
		return nil, errors.New(why)
	}
	s, err := newSetup(o)
	if err != nil {
		return nil, err
	}
	lis, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	srv := &socketServer{setup: s, lis: lis, conns: map[*socket.Conn]bool{}}
	srv.all.Go(srv.accept)
	return srv, nil
}

func (s *socketServer) Addr() string { return s.lis.Addr().String() }

func (s *socketServer) Close() error {
	err := s.lis.Close()
	s.mu.Lock()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.all.Wait()
	return err
}

func (s *socketServer) accept() {
	for {
		nc, err := s.lis.Accept()
		if err != nil {
			return
		}
		c := socket.NewConn(nc, s.setup.proto, socket.Options{})
		s.mu.Lock()
		s.conns[c] = true
		s.mu.Unlock()
		s.all.Go(func() {
			defer c.Close()
			_ = s.serve(c) // the client tells what went wrong
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

// serve answers packet after packet. Replies are held while more packets are there, and leave together.
func (s *socketServer) serve(c *socket.Conn) error {
	in, out := packet.GetPacket(), packet.GetPacket()
	for {
		in.ResetForUnpack()
		if err := c.ReadPacket(in); err != nil {
			return err
		}
		body, err := s.handle(in)
		if err != nil {
			return err
		}
		out.Reset(packet.WithPtype(packet.TypeReply), packet.WithSeq(in.Seq()), packet.WithUri(in.Uri()),
			packet.WithBodyCodec(in.BodyCodec()), packet.WithBody(body))
		out.AppendXferPipeFrom(in)
		if c.Buffered() {
			_, err = c.HoldPacket(out)
			if errors.Is(err, socket.ErrQueueFull) {
				_, err = c.WritePacket(context.Background(), out)
			}
		} else {
			_, err = c.WritePacket(context.Background(), out)
		}
		if err != nil {
			return err
		}
	}
}

func (s *socketServer) handle(in *packet.Packet) (any, error) {
	s.setup.handler.Work()
	switch s.setup.body {
	case "bytes":
		var body []byte
		return &body, in.Bind(&body)
	case "plain":
		var body string
		return &body, in.Bind(&body)
	}
	m := new(message.BenchmarkMessage)
	if err := in.Bind(m); err != nil {
		return nil, err
	}
	message.Handle(m)
	return m, nil
}
