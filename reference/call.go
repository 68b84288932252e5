package tp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// call is one PULL that was launched, from its launch to its end. Who waits for
// it in Pull gives it back when it has ended: the PullCmd that the user gets has
// the outcome only. That of an AsyncPull is left to its PullCmd.
type call struct {
	sess   *session
	ctx    context.Context // the caller's; never nil
	out    packet.Packet   // the PULL; see output
	shown  shownPacket     // what is left of out where that is empty again
	seq    uint64
	cmd    *PullCmd      // AsyncPull's; nil where somebody waits in Pull
	notify chan *PullCmd // AsyncPull's; nil for none
	public atomic.Pointer[sync.Map]

	// Of the launch, and handed over between the goroutine that launches and
	// the one that ends the link by state.
	state  atomic.Uint32
	ticket socket.Ticket

	// Where the call is, for a caller that gives up.
	at      atomic.Pointer[link]        // whose pending table it was last put into
	gaveUp  atomic.Pointer[Rerror]      // what to end it with; set before it is looked for
	unwatch atomic.Pointer[func() bool] // stops the watching of ctx

	metered, logged second // of the launch, which owns out until it returns, and the end

	outcome // written by the one that took the call from the pending table, before done is closed
	start   time.Time
	done    chan struct{} // nil where somebody waits in Pull: who has the call has its end

	// Of a call that somebody waits for in Pull.
	wake    chan struct{}  // receives once: arrived is set, or the call has ended
	leads   atomic.Bool    // its caller reads the link at
	arrived *packet.Packet // the REPLY, for the caller to settle; nil where another one ends the call
	bad     *Rerror        // what is wrong with its body already
	own     bool           // the caller has read it itself, and nobody wakes it
	lent    atomic.Bool    // others may know the call when it has ended
}

// outcome is what becomes of a call.
type outcome struct {
	reply any // the caller's; written to before the end only
	rerr  *Rerror
	in    *packet.Packet // the REPLY, when there was one, body aside
	cost  time.Duration
	codec byte // of a REPLY that is used again
}

// States of a launch.
const (
	launchWriting  uint32 = iota // its goroutine is in WritePacket: the ticket is not known yet
	launchSent                   // the ticket is set
	launchOrphaned               // the link ended meanwhile: the launching goroutine ends the call
)

// async says that nobody waits for the call in Pull.
func (c *call) async() bool { return c.cmd != nil }

// publicData is what PullCmd.Public gives.
func (c *call) publicData() *sync.Map { return seededMap(&c.public, &c.sess.public) }

// shownPacket is what is kept of a packet that is used again, to make it anew for
// who asks: all of one that has neither metadata nor filters.
type shownPacket struct {
	uri   string
	body  any
	seq   uint64
	size  uint32
	codec byte
	is    bool // there is one
}

// packet makes the PULL anew.
func (k *shownPacket) packet(env *packet.Env) *packet.Packet {
	out := packet.NewPacket(packet.WithEnv(env), packet.WithPtype(packet.TypePull), packet.WithSeq(k.seq),
		packet.WithUri(k.uri), packet.WithBodyCodec(k.codec), packet.WithBody(k.body))
	out.SetSize(k.size)
	return out
}

// forget empties the packet, if shown can hold all of it. Nobody else may know it.
func (c *call) forget() {
	out := &c.out
	if c.shown.is || out.Meta().Len() > 0 || out.XferPipe().Len() > 0 || out.XferPipe().Err() != nil {
		return
	}
	c.shown = shownPacket{uri: out.Uri(), body: out.Body(), seq: c.seq, size: out.Size(), codec: out.BodyCodec(), is: true}
	out.Reset()
}

// sentForGood says that the packet was needed for the launch only: no redial sends
// it again, and neither metrics nor the run log, which would have it made anew,
// look at it in the end.
func (c *call) sentForGood() bool {
	p := c.sess.peer
	return c.sess.redial == nil && p.cfg.Metrics == nil && !p.runlog.wanted() && !c.lent.Load()
}

// output is the PULL, or one that shows the same.
func (c *call) output() *packet.Packet {
	if c.shown.is {
		return c.shown.packet(c.sess.peer.env)
	}
	return &c.out
}

// over stands for a REPLY that is used again: it has no metadata, as that had none.
var over = packet.NewPacket()

// recycle gives the REPLY back where nobody can ask for more than its codec. The
// call has been told of everywhere.
func (c *call) recycle() {
	in := c.arrived
	c.arrived = nil
	if in == nil || c.in != in || c.lent.Load() || in.Meta().Len() > 0 || c.rawReply() != nil {
		return
	}
	c.in, c.codec = over, in.BodyCodec()
	packet.PutPacket(in)
}

// second finds out who comes last of two.
type second struct{ n atomic.Int32 }

// last is called once by each of the two; true for the later one.
func (s *second) last() bool { return s.n.Add(1) == 2 }

// launched says that the launch has returned: out stays as it is now. An end
// that came earlier has not told of the call yet.
func (c *call) launched() {
	if c.metered.last() {
		c.meter()
	}
	if c.async() && c.logged.last() {
		c.log()
	}
}

// meter tells the metrics of the call, once it has ended and out is complete.
func (c *call) meter() {
	c.sess.meter(PullLaunch, c.sess.routeOf(&c.out), c.cost, c.in, &c.out, c.rerr)
}

// end ends the call. Only the one that owns it may: who took it from the
// pending table, or launched it and knows that it is not in there.
func (c *call) end(rerr *Rerror) {
	defer c.signal() // also where a Metrics of the user's ends the goroutine
	c.finish(rerr)
}

// finish is end for the caller, who needs no signal.
func (c *call) finish(rerr *Rerror) {
	c.rerr = rerr
	c.cost = c.sess.peer.since(c.start)
	if c.failedHere() {
		c.sess.pullsFailed.Add(1)
	}
	if c.metered.last() {
		c.meter()
	}
}

// signal tells everybody who waits that the call has ended.
func (c *call) signal() {
	if !c.async() {
		c.poke()
		return
	}
	close(c.done)
	if stop := c.unwatch.Load(); stop != nil {
		(*stop)()
	}
	if c.notify == nil {
		return
	}
	select {
	case c.notify <- c.cmd:
	default: // the channel is full: the caller must not lose the end, the reader must not wait
		go c.deliver()
	}
}

// deliver hands the ended call to a channel that was full. It ends when
// somebody receives, or with the peer.
func (c *call) deliver() {
	select {
	case c.notify <- c.cmd:
	case <-c.sess.peer.closed:
	}
}

// settle ends the call with a REPLY: the error it carries, else its body,
// decoded into the caller's reply; bad is what is wrong with the body already.
//
// req: TP-ERR-002, TP-ERR-009, TP-SESS-014, TP-SESS-033
func (c *call) settle(in *packet.Packet, bad *Rerror) *Rerror {
	c.in = in
	raw := c.rawReply()
	if raw != nil && bad == nil {
		raw.take(in)
	}
	switch rerr := NewRerrorFromMeta(in.Meta()); {
	case rerr != nil:
		return rerr
	case bad != nil:
		return bad
	case c.reply == nil || raw != nil:
		return nil
	}
	return rerrorOfBody(bindBody(in, c.reply))
}

// seededMap returns the map, made on first use as a copy of the session's.
func seededMap(own, from *atomic.Pointer[sync.Map]) *sync.Map {
	if m := own.Load(); m != nil {
		return m
	}
	m := new(sync.Map)
	if from := from.Load(); from != nil {
		from.Range(func(k, v any) bool {
			m.Store(k, v)
			return true
		})
	}
	if own.CompareAndSwap(nil, m) {
		return m
	}
	return own.Load()
}

func mapLen(m *sync.Map) (n int) {
	m.Range(func(any, any) bool {
		n++
		return true
	})
	return n
}
