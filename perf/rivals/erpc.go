package main

import (
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andeya/erpc/v7"
	"github.com/andeya/erpc/v7/codec"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/rivals/rival"
)

func erpcRival() rival.Rival {
	return rival.Rival{Name: "erpc", Module: "github.com/andeya/erpc/v7", Shares: true, Serve: erpcServe, Dial: erpcDial}
}

// erpcCodec is erpc's protobuf codec with the generated methods of vtprotobuf in the place of gogo/protobuf.
type erpcCodec struct{ rival.Codec }

func (erpcCodec) ID() byte     { return 'v' }
func (erpcCodec) Name() string { return "vtproto" }

// erpcSetUp is what erpc has for the whole process. The pool is that of its own benchmark.
var erpcSetUp = sync.OnceFunc(func() {
	erpc.SetLoggerLevel("OFF")
	erpc.SetGopool(1024*1024*100, 10*time.Minute)
	codec.Reg(erpcCodec{})
})

func erpcPeer(plugins ...erpc.Plugin) erpc.Peer {
	erpcSetUp()
	return erpc.NewPeer(erpc.PeerConfig{DefaultBodyCodec: "vtproto"}, plugins...)
}

// numbered gives each session a number. By default it has its address, of which two connections to different
// addresses of a host may have the same, and the second ends the first.
type numbered struct{ last atomic.Int64 }

func (*numbered) Name() string { return "numbered" }

func (n *numbered) PostAccept(s erpc.PreSession) *erpc.Status {
	s.SetID(strconv.FormatInt(n.last.Add(1), 10))
	return nil
}

func (n *numbered) PostDial(s erpc.PreSession, _ bool) *erpc.Status { return n.PostAccept(s) }

// Bench is erpc's controller.
type Bench struct {
	erpc.CallCtx
	h rival.Handler
}

// Call is the benchmark's handler.
func (b *Bench) Call(m *rival.Msg) (*rival.Msg, *erpc.Status) {
	b.h.Handle(m)
	return m, nil
}

const erpcMethod = "/bench/call"

func erpcServe(addr string, h rival.Handler) (harness.Server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	peer := erpcPeer(new(numbered))
	peer.RouteCall(erpc.CtrlPoolFunc(func() erpc.CtrlStructPtr { return &Bench{h: h} }))
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				if _, status := peer.ServeConn(conn); !status.OK() {
					conn.Close()
				}
			}()
		}
	}()
	return &rival.Server{Listens: listener.Addr().String(), End: func() error {
		return errors.Join(listener.Close(), peer.Close())
	}}, nil
}

// erpcClients is the one peer that all connections of the process belong to.
var erpcClients = sync.OnceValue(func() erpc.Peer { return erpcPeer(new(numbered)) })

func erpcDial(addr string) (harness.Client, error) {
	session, status := erpcClients().Dial(addr)
	if !status.OK() {
		return nil, status.Cause()
	}
	return &rival.Client{
		Invoke: func(request, reply *rival.Msg) error {
			if status := session.Call(erpcMethod, request, reply).Status(); !status.OK() {
				return status.Cause()
			}
			return nil
		},
		End: session.Close,
	}, nil
}
