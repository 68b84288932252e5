package fuzz

import (
	"bytes"
	"context"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// What a schedule can do; a step begins with one of these bytes.
const (
	stepBytes      = iota // a length and raw bytes
	stepVector            // two bytes: which golden vector's wire
	stepPull              // route, codec, body
	stepPush              // route, codec, body
	stepReply             // an answer to the latest PULL of the peer, or to none: body
	stepPeerPull          // the peer pulls: body
	stepPeerPush          // the peer pushes: body
	stepSmallReads        // the peer gets no more than so many bytes in one read
	stepOther             // the other session is used
	stepFrame             // a frame around a payload of the fuzzer's choice: number of filters, each, payload
	stepCut               // the connection breaks; the last step
	stepCloseWrite        // nothing more is sent; the last step
	stepClose             // the peer closes the session; the last step
	steps
)

// sessionRoutes are the uris of a schedule's calls.
var sessionRoutes = [...]string{"/echo", "/back", "/panic", "/goexit", "/none", "/%zz", ""}

// maxSteps bounds a schedule, maxPeerPulls the calls that the peer makes in it.
const (
	maxSteps     = 40
	maxPeerPulls = 8
)

// runSessionScript plays a schedule against a live peer and wants what the standard wants, whatever it was: every call
// ends; the session ends where the oracle finds a fault in what was sent, and else serves a good call and has answered
// every PULL; the other session is not harmed; no goroutine is left.
func runSessionScript(t Reporter, in []byte) {
	quiet()
	noneLeft(t, func() {
		stage := newStage(t)
		defer stage.end()
		s := script{b: in}
		for step := 0; step < maxSteps && s.more() && !stage.over; step++ {
			stage.step(s.upTo(steps), &s)
		}
		stage.judge()
	})
}

// stage is a peer with two sessions, one attacked, one that must not notice.
type stage struct {
	t     Reporter
	env   *packet.Env // of this side
	peer  *tp.Peer
	sess  tp.Session // the attacked one
	x     *talker    // its other side
	other *talker    // the other side of the other session

	sent   []byte // all that was written to the attacked session
	seq    uint64
	calls  []*tp.PullCmd
	over   bool // no more steps
	cut    bool // the connection was broken, or the session closed, by the schedule
	half   bool // the schedule ended its sending
	closed chan struct{}
}

func newStage(t Reporter) *stage {
	t.Helper()
	regs := registries(t)
	g := &stage{t: t, env: &packet.Env{Limits: wide, Filters: regs.sealer}}
	g.peer = tp.NewPeer(tp.PeerConfig{Limits: small, Filters: regs.judged})
	echo := func(_ tp.PullCtx, body *[]byte) (packet.RawBody, *tp.Rerror) { return packet.RawBody(*body), nil }
	g.peer.PullRouter.RegFunc("/echo", echo)
	g.peer.PullRouter.RegFunc("/panic", func(tp.PullCtx, *[]byte) (any, *tp.Rerror) { panic("on purpose") })
	g.peer.PullRouter.RegFunc("/goexit", exits)
	g.peer.PullRouter.RegFunc("/back", func(ctx tp.PullCtx, body *[]byte) (any, *tp.Rerror) {
		return nil, ctx.Session().PullContext(ctx.Context(), "/to/the/other/side", packet.RawBody(*body), nil).Rerror()
	})
	g.peer.PushRouter.RegFunc("/echo", func(tp.PushCtx, *[]byte) {})
	g.peer.PushRouter.RegFunc("/panic", func(tp.PushCtx, *[]byte) { panic("on purpose") })
	g.sess, g.x = g.connect()
	_, g.other = g.connect()
	return g
}

func (g *stage) connect() (tp.Session, *talker) {
	g.t.Helper()
	ours, theirs := tptest.Pipe()
	sess, err := g.peer.ServeConn(theirs, fast.New)
	if err != nil {
		ours.Close()
		g.t.Fatalf("serving: %v", err)
	}
	return sess, talk(ours, g.env)
}

// end closes everything and waits for it; the calls must have an end.
func (g *stage) end() {
	g.x.conn.Close()
	g.other.conn.Close()
	for _, c := range g.calls {
		within(g.t, "the end of a call of the peer", c.Done())
	}
	if g.closed != nil {
		within(g.t, "the end of Session.Close", g.closed)
	}
	closePeer(g.t, g.peer)
	within(g.t, "the end of the attacked connection", g.x.ended)
	within(g.t, "the end of the other connection", g.other.ended)
	if n := g.peer.CountSession(); n != 0 {
		g.t.Fatalf("the closed peer has %d sessions", n)
	}
}

// send writes to the attacked session. A write that fails shows in judge: the session has ended.
func (g *stage) send(b []byte) {
	g.sent = append(g.sent, b...)
	if _, err := g.x.conn.Write(b); err != nil {
		g.over = true
	}
}

// frame sends a packet.
func (g *stage) frame(ptype byte, seq uint64, uri string, codec byte, body []byte) {
	b := oracle.Frame(nil, oracle.Payload(seq, ptype, []byte(uri), nil, codec, body))
	g.send(b)
}

func (g *stage) step(op int, s *script) {
	switch op {
	case stepBytes:
		g.send(s.bytes(300))
	case stepVector:
		wires := sessionWires()
		g.send(wires[(int(s.byte())|int(s.byte())<<8)%len(wires)])
	case stepPull, stepPush:
		ptype := packet.TypePull
		if op == stepPush {
			ptype = packet.TypePush
		}
		route := sessionRoutes[s.upTo(len(sessionRoutes))]
		g.seq++
		g.frame(ptype, g.seq, route, s.byte(), s.bytes(64))
	case stepReply:
		g.frame(packet.TypeReply, g.latest(), "/to/the/other/side", 'j', s.bytes(64))
	case stepPeerPull:
		if len(g.calls) < maxPeerPulls {
			done := make(chan *tp.PullCmd, 1)
			g.calls = append(g.calls, g.sess.AsyncPull("/pull", packet.RawBody(s.bytes(64)), new(any), done))
		}
	case stepPeerPush:
		_ = g.sess.Push("/push", packet.RawBody(s.bytes(64))) // refused where the session has ended
	case stepSmallReads:
		g.x.conn.Out().MaxRead(s.upTo(32))
	case stepOther:
		g.otherServes()
	case stepFrame:
		var ids []byte
		for range s.upTo(4) {
			ids = append(ids, filterIds[s.upTo(len(filterIds))])
		}
		g.send(oracle.Frame(ids, s.bytes(300)))
	case stepCut:
		g.x.conn.Abort()
		g.over, g.cut = true, true
	case stepCloseWrite:
		_ = g.x.conn.CloseWrite() // fails where the session has ended
		g.over, g.half = true, true
	case stepClose:
		g.closed = make(chan struct{})
		go func() { // ends with the session
			defer close(g.closed)
			_ = g.sess.Close() // nil, always
		}()
		g.over, g.cut = true, true
	}
}

// latest gives the seq of the last PULL of the peer that was not answered, or one that nobody waits for.
func (g *stage) latest() uint64 {
	g.x.mu.Lock()
	defer g.x.mu.Unlock()
	n := len(g.x.pulls)
	if n == 0 {
		return 1 << 50
	}
	seq := g.x.pulls[n-1]
	g.x.pulls = g.x.pulls[:n-1]
	return seq
}

// otherServes wants the other session to answer.
func (g *stage) otherServes() {
	g.t.Helper()
	g.seq++
	g.serves(g.other, 1<<60+g.seq, "the other session")
}

// serves makes a good call.
func (g *stage) serves(x *talker, seq uint64, who string) {
	g.t.Helper()
	body := []byte("a good call")
	reply := x.answered(g.t, g.env, seq, packet.WithUri("/echo"), packet.WithBodyCodec('s'), packet.WithBody(packet.RawBody(body)))
	if reply == nil {
		g.t.Fatalf("%s ended (%v) although all that was sent is good:\n%x", who, x.reason(), g.sent)
	}
	if rerr := tp.NewRerrorFromMeta(reply.Meta()); rerr != nil || !bytes.Equal(reply.RawBody(), body) {
		g.t.Fatalf("%s answers a good call with %v, %q", who, rerr, reply.RawBody())
	}
}

// flush has what the peer was told to send on its way before a verdict.
func (g *stage) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = g.sess.Flush(ctx) // fails where the session has ended
}
