package tp

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// success is how the tables write an ending without an error.
const success int32 = -1

// endCode is the code of an ending.
func endCode(rerr *Rerror) int32 {
	if rerr == nil {
		return success
	}
	return rerr.Code
}

// endsKind is a way to make a call.
type endsKind struct {
	name string
	push bool
	ctx  bool // with the cell's context
	// back: the call under test is made by a handler, to who called it. The
	// accepted side is the caller then.
	back bool
	// call makes the call and waits for its end.
	call func(c *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror
}

// endsKinds are all ways to make a call.
var endsKinds = []endsKind{
	{name: "Pull", call: callPull},
	{name: "AsyncPull", call: callAsyncPull},
	{name: "generic Pull", call: func(_ *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror {
		_, rerr := Pull[any, int](s, uri, args, set...)
		return rerr
	}},
	{name: "PullContext", ctx: true, call: callPullContext},
	{name: "AsyncPullContext", ctx: true, call: callAsyncPullContext},
	{name: "Push", push: true, call: callPush},
	{name: "PushContext", push: true, ctx: true, call: callPushContext},
	{name: "Pull back", back: true, call: callPull},
	{name: "AsyncPull back", back: true, call: callAsyncPull},
	{name: "PullContext back", back: true, ctx: true, call: callPullContext},
	{name: "Push back", back: true, push: true, call: callPush},
}

func callPull(_ *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror {
	return s.Pull(uri, args, new(int), set...).Rerror()
}

func callPush(_ *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror {
	return s.Push(uri, args, set...)
}

func callAsyncPull(c *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror {
	cmd := s.AsyncPull(uri, args, new(int), c.delivered, set...)
	c.asyncs.Add(1)
	return cmd.Rerror()
}

func callPullContext(c *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror {
	return s.PullContext(c.ctx, uri, args, new(int), set...).Rerror()
}

func callPushContext(c *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror {
	return s.PushContext(c.ctx, uri, args, set...)
}

func callAsyncPullContext(c *endsCell, s Session, uri string, args any, set []packet.PacketSetting) *Rerror {
	cmd := s.AsyncPullContext(c.ctx, uri, args, new(int), c.delivered, set...)
	c.asyncs.Add(1)
	return cmd.Rerror()
}

// endsPath is a way through the engine: frames or a plain Proto, a connection
// that tells when it is ready or one that only blocks.
type endsPath struct {
	name   string
	proto  packet.ProtoFunc
	opaque bool
	engineMode
}

var endsPaths = []endsPath{
	{name: "framer", proto: fast.New, engineMode: engineModes[0]},
	{name: "plain", proto: func(rw io.ReadWriter) packet.Proto { return plainFast{fast.New(rw)} }, engineMode: engineModes[0]},
	{name: "opaque", proto: fast.New, opaque: true, engineMode: engineModes[0]},
	// A plain Proto has no other mode.
	{name: "framer inline", proto: fast.New},
	{name: "opaque inline", proto: fast.New, opaque: true},
}

// dialer dials on the network, as the path has it.
func (p endsPath) dialer(n *tptest.Network) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		nc, err := n.DialContext(ctx, network, addr)
		if err == nil && p.opaque {
			nc = opaqueConn{nc}
		}
		return nc, err
	}
}

// listener makes of a listener what the path has.
func (p endsPath) listener(lis net.Listener) net.Listener {
	if p.opaque {
		return opaqueListener{lis}
	}
	return lis
}

// plainFast hides that fast/1 is a Framer.
type plainFast struct{ packet.Proto }

// opaqueConn hides all but net.Conn.
type opaqueConn struct{ net.Conn }

// opaqueListener accepts opaque connections.
type opaqueListener struct{ net.Listener }

func (l opaqueListener) Accept() (net.Conn, error) {
	nc, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return opaqueConn{nc}, nil
}

// endsCell is one cell of the table: two peers, one session, one fault, one kind of call.
type endsCell struct {
	*rig
	kind endsKind
	path endsPath

	caller, callee         *Peer
	callerSess, calleeSess Session
	callerConn, calleeConn *tptest.Conn
	dialed                 Session

	hung      chan struct{} // a value for each handler that hangs
	open      chan struct{} // ends the hanging
	openOnce  sync.Once
	ctx       context.Context // of the kinds that take one; two years at first
	cancel    context.CancelFunc
	uri       string
	args      any
	set       []packet.PacketSetting
	delivered chan *PullCmd // of AsyncPull
	asyncs    atomic.Int32
	begun     atomic.Int32 // calls under test
	counted   int          // of them, by endings
	last      atomic.Int64 // when the last of all calls ended, in nanoseconds
	inner     chan int32   // endings of the calls under test
	outer     chan int32   // of those that the handler which pulls back answers
}

func (c *endsCell) letGo() { c.openOnce.Do(func() { close(c.open) }) }

// endsRig runs f in a bubble, with a session between two fresh peers.
func endsRig(t *testing.T, kind endsKind, path endsPath, caller, callee PeerConfig, f func(c *endsCell)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{t: t, net: tptest.NewNetwork(), ends: make(chan [2]*tptest.Conn, 1000)}
		r.net.OnDial(func(c, s *tptest.Conn) { r.ends <- [2]*tptest.Conn{c, s} })
		c := &endsCell{rig: r, kind: kind, path: path, uri: "/t/ok",
			hung: make(chan struct{}, 1000), open: make(chan struct{}),
			delivered: make(chan *PullCmd, 1000), inner: make(chan int32, 1000), outer: make(chan int32, 1000)}
		srvCfg, cliCfg := callee, caller
		if kind.back {
			srvCfg, cliCfg = caller, callee
		}
		srvCfg, cliCfg = path.on(srvCfg), path.on(cliCfg)
		r.mode = path.engineMode
		c.withTimeout(2 * 365 * 24 * time.Hour)
		defer func() { c.cancel() }()
		r.srv = NewPeer(srvCfg)
		cliCfg.DialFunc = path.dialer(r.net)
		cli := NewPeer(cliCfg)
		c.caller, c.callee = cli, r.srv
		if kind.back {
			c.caller, c.callee = r.srv, cli
		}
		c.routes()
		served := c.serve()
		defer func() {
			c.letGo()
			for _, p := range []*Peer{cli, r.srv} {
				if err := p.Close(); err != nil {
					t.Errorf("closing a peer: %v", err)
				}
			}
			if err := <-served; !errors.Is(err, ErrListenClosed) {
				t.Errorf("ServeListener returned %v", err)
			}
			c.checkNothingLeft()
		}()
		c.connect(cli)
		f(c)
	})
}

// withTimeout gives the cell another context.
func (c *endsCell) withTimeout(d time.Duration) {
	if c.cancel != nil {
		c.cancel()
	}
	c.ctx, c.cancel = context.WithTimeout(context.Background(), d)
}

// serve starts serving, again after the listener was closed.
func (c *endsCell) serve() <-chan error {
	lis := c.path.listener(c.listen())
	served := make(chan error, 1)
	go func() { served <- c.srv.ServeListener(lis, c.path.proto) }()
	return served
}

// connect makes the session under test.
func (c *endsCell) connect(cli *Peer) {
	sess, rerr := cli.Dial(rigAddr, c.path.proto)
	if rerr != nil {
		c.t.Fatal(rerr)
	}
	c.dialed = sess
	synctest.Wait()
	var accepted Session
	c.srv.RangeSession(func(s Session) bool { accepted = s; return false })
	ends := <-c.ends
	c.callerSess, c.calleeSess = sess, accepted
	c.callerConn, c.calleeConn = ends[0], ends[1]
	if c.kind.back {
		c.callerSess, c.calleeSess = accepted, sess
		c.callerConn, c.calleeConn = ends[1], ends[0]
	}
}

// start makes n calls at once.
func (c *endsCell) start(n int) {
	for range n {
		if c.kind.back {
			go func() {
				rerr := c.calleeSess.Pull("/back", nil, nil).Rerror()
				c.last.Store(time.Now().UnixNano())
				c.outer <- endCode(rerr)
			}()
		} else {
			go c.one(c.callerSess)
		}
	}
}

// one makes one call and notes its ending.
func (c *endsCell) one(s Session) *Rerror {
	c.begun.Add(1)
	rerr := c.kind.call(c, s, c.uri, c.args, c.set)
	c.last.Store(time.Now().UnixNano())
	c.inner <- endCode(rerr)
	return rerr
}

// took gives the time from start to the end of the last call.
func (c *endsCell) took(start time.Time) time.Duration {
	return time.Duration(c.last.Load() - start.UnixNano())
}

// endings waits for the ends of n calls, and checks them against what is
// allowed; the call around a call passes its ending on, or ends with its own.
func (c *endsCell) endings(n int, allowed, outer []int32) (codes []int32) {
	c.t.Helper()
	most := time.After(24 * time.Hour)
	if c.kind.back {
		for i := range n {
			select {
			case code := <-c.outer:
				if code != 102 && code != 104 && !slices.Contains(allowed, code) && !slices.Contains(outer, code) {
					c.t.Errorf("the call around a call ended with %d, allowed are 102, 104, %d and %d", code, allowed, outer)
				}
			case <-most:
				c.t.Fatalf("%d of %d calls around calls have not ended within a day", n-i, n)
			}
		}
		c.mode.settle() // handlers have begun whose link has gone
		n = int(c.begun.Load()) - c.counted
	}
	for i := range n {
		select {
		case code := <-c.inner:
			codes = append(codes, code)
			if !slices.Contains(allowed, code) {
				c.t.Errorf("a call ended with %d, allowed are %d", code, allowed)
			}
		case <-most:
			c.t.Fatalf("%d of %d calls have not ended within a day", n-i, n)
		}
	}
	c.counted += n
	return codes
}

// checkNothingLeft looks when both peers are closed.
func (c *endsCell) checkNothingLeft() {
	synctest.Wait() // an AsyncPull is over before its channel gets it
	for _, p := range []*Peer{c.caller, c.callee} {
		if n, m := len(p.allSessions()), p.CountSession(); n+m != 0 {
			c.t.Errorf("%d sessions are left, %d in the hub", n, m)
		}
	}
	for _, s := range []Session{c.callerSess, c.calleeSess} {
		if s == nil {
			continue
		}
		for _, l := range s.(*session).links {
			if n := len(l.pending.takeAll(true)); n != 0 {
				c.t.Errorf("%d calls still wait", n)
			}
		}
	}
	if n := len(c.inner); n != 0 {
		c.t.Errorf("%d calls ended twice", n)
	}
	if n := int(c.asyncs.Load()); len(c.delivered) != n {
		c.t.Errorf("the channel got %d of the %d AsyncPulls", len(c.delivered), n)
	}
}
