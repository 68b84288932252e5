package systems

import (
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// style is which of the peer's interfaces a system uses.
type style struct {
	generic    bool // tp.HandlePull and tp.Pull, not a controller and Session.Pull
	goroutines bool // a goroutine for each request
	parks      bool // sessions are parked soon
}

func peerSystem(name string, how style) harness.System {
	var dialing dialers
	return harness.System{
		Name: name, Version: release(), Kind: harness.Peer, Shares: true, Lacks: lacks,
		Listen: func(addr string, o harness.Options) (harness.Server, error) {
			s, err := newSetup(o)
			if err != nil {
				return nil, err
			}
			if how.goroutines {
				o.Route = "blocking"
			}
			return listenPeer(addr, s, how, o.Route)
		},
		Dial: func(addr string, o harness.Options) (harness.Client, error) { return dialing.dial(addr, o, how) },
	}
}

// release names the version of the module that was built, where the build knows it.
func release() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// peerServer is a listening peer.
type peerServer struct {
	peer   *tp.Peer
	lis    net.Listener
	served chan error
	pushes atomic.Int64
}

// parkSoon is the ParkAfter of a system that parks: an idle cell is measured after some seconds, not a minute.
const parkSoon = 500 * time.Millisecond

func newPeer(s setup, how style) *tp.Peer {
	_ = tp.SetRawlogLevel("OFF") // a level that exists
	cfg := tp.PeerConfig{DefaultBodyCodec: s.codec.Name()}
	if how.parks {
		cfg.ParkAfter = parkSoon
	}
	return tp.NewPeer(cfg)
}

func listenPeer(addr string, s setup, how style, route string) (harness.Server, error) {
	lis, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &peerServer{peer: newPeer(s, how), lis: lis, served: make(chan error, 1)}
	p.routes(s, how, routePlugins(route))
	go func() { p.served <- p.peer.ServeListener(lis, s.proto) }()
	return p, nil
}

func (p *peerServer) Addr() string  { return p.lis.Addr().String() }
func (p *peerServer) Pushes() int64 { return p.pushes.Load() }

func (p *peerServer) Close() error {
	err := p.peer.Close()
	<-p.served
	return err
}

// dialers keeps one dialing peer for each set of options: its sessions are the connections.
type dialers struct {
	mu    sync.Mutex // guards peers
	peers map[harness.Options]*tp.Peer
}

func (d *dialers) peer(o harness.Options, s setup) *tp.Peer {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.peers == nil {
		d.peers = map[harness.Options]*tp.Peer{}
	}
	p := d.peers[o]
	if p == nil {
		p = newPeer(s, style{})
		callbackRoutes(p, s)
		d.peers[o] = p
	}
	return p
}

func (d *dialers) dial(addr string, o harness.Options, how style) (harness.Client, error) {
	s, err := newSetup(o)
	if err != nil {
		return nil, err
	}
	sess, rerr := d.peer(o, s).Dial(addr, s.proto)
	if rerr != nil {
		return nil, rerr
	}
	return &peerClient{sess: sess, setup: s, how: how}, nil
}

// peerClient is a session.
type peerClient struct {
	sess  tp.Session
	setup setup
	how   style
}

func (c *peerClient) Close() error { return c.sess.Close() }

func (c *peerClient) Caller(worker int) (func() error, error) { return c.caller("/bench/echo", worker) }

func (c *peerClient) Sleeper(worker int) (func() error, error) {
	if c.setup.handler.Name != "mixed" {
		return nil, fmt.Errorf("the handler is %s: slow calls beside short ones need mixed", c.setup.handler.Name)
	}
	return c.caller("/bench/slow", worker)
}

func (c *peerClient) caller(uri string, worker int) (func() error, error) {
	x := c.setup.exchange(worker)
	if m, ok := x.(*messageExchange); ok && c.how.generic {
		return func() error {
			var rerr *tp.Rerror
			if m.got, rerr = pullMessage(c.sess, uri, m.next(), c.setup.settings); rerr != nil {
				return rerr
			}
			return m.check()
		}, nil
	}
	return func() error {
		if rerr := c.sess.Pull(uri, x.request(), x.reply(), c.setup.settings...).Rerror(); rerr != nil {
			return rerr
		}
		return x.check()
	}, nil
}

func (c *peerClient) Pusher(worker int) (func() error, error) {
	x := c.setup.exchange(worker)
	return func() error {
		if rerr := c.sess.Push("/bench/note", x.request(), c.setup.settings...); rerr != nil {
			return rerr
		}
		return nil
	}, nil
}
