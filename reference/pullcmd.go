package tp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// PullCmd is one PULL that was launched, and what became of it. All its
// methods are safe for concurrent use; those that tell the outcome (Rerror,
// Result, CostTime, InputMeta, InputBodyCodec) wait until the call has ended,
// which every call does.
type PullCmd struct {
	sess   *session
	ctx    context.Context // the caller's; never nil
	out    *packet.Packet  // &packet
	seq    uint64
	reply  any           // the caller's; written to before done only
	async  bool          // AsyncPull: nobody waits in Pull
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

	// The outcome: written by the one that took the call from the pending
	// table, before done is closed.
	rerr  *Rerror
	in    *packet.Packet // the REPLY, when there was one, body aside
	start time.Time
	cost  time.Duration
	done  chan struct{} // nil where somebody waits in Pull: who has the PullCmd has its end

	// Of a call that somebody waits for in Pull.
	wake    chan struct{}  // receives once: arrived is set, or the call has ended
	leads   atomic.Bool    // its caller reads the link at
	arrived *packet.Packet // the REPLY, for the caller to settle; nil where another one ends the call
	bad     *Rerror        // what is wrong with its body already
	own     bool           // the caller has read it itself, and nobody wakes it
	lent    atomic.Bool    // others may know the call when it has ended
	codec   byte           // of a REPLY that is used again

	packet packet.Packet
}

func newPullCmd() *PullCmd {
	c := new(PullCmd)
	c.out = &c.packet
	return c
}

// States of a launch.
const (
	launchWriting  uint32 = iota // its goroutine is in WritePacket: the ticket is not known yet
	launchSent                   // the ticket is set
	launchOrphaned               // the link ended meanwhile: the launching goroutine ends the call
)

// Done gives a channel that is closed when the call has ended.
func (c *PullCmd) Done() <-chan struct{} {
	if c.done == nil {
		return closedChan()
	}
	return c.done
}

// ended waits for the end.
func (c *PullCmd) ended() {
	if c.done != nil {
		<-c.done
	}
}

// Rerror waits for the end of the call and returns its error: that of the
// REPLY, or a local one (102, 104, 400, ...; spec, chapter "Errors"). nil is success.
func (c *PullCmd) Rerror() *Rerror {
	c.ended()
	return c.rerr
}

// Result waits for the end of the call and returns the reply that the call was
// given to fill in, and the error. With an error the reply is as it was, but for
// a body that did not decode (400), of which the codec may have filled in a
// part, for an error of a PostReadReplyBody hook, and for a *RawReply.
func (c *PullCmd) Result() (any, *Rerror) {
	c.ended()
	return c.reply, c.rerr
}

// CostTime waits for the end of the call and returns the time from the launch
// to the decoded reply; 0 where the peer does not measure it (PeerConfig's
// CountTime, SlowCometDuration or Metrics).
func (c *PullCmd) CostTime() time.Duration {
	c.ended()
	return c.cost
}

// InputMeta waits for the end of the call and returns the metadata of the
// REPLY, read-only; nil when none came.
//
// req: TP-SESS-032
func (c *PullCmd) InputMeta() *packet.Meta {
	c.ended()
	switch c.in {
	case nil:
		return nil
	case over:
		return new(packet.Meta)
	}
	return c.in.Meta()
}

// over stands for a REPLY that is used again: it has no metadata, as that had none.
var over = packet.NewPacket()

// recycle gives the REPLY back where nobody can ask for more than its codec. The
// call has been told of everywhere.
func (c *PullCmd) recycle() {
	in := c.arrived
	c.arrived = nil
	if in == nil || c.in != in || c.lent.Load() || in.Meta().Len() > 0 || c.rawReply() != nil {
		return
	}
	c.in, c.codec = over, in.BodyCodec()
	packet.PutPacket(in)
}

// InputBodyCodec waits for the end of the call and returns the codec id of the
// REPLY; 0 when none came.
func (c *PullCmd) InputBodyCodec() byte {
	c.ended()
	switch c.in {
	case nil:
		return 0
	case over:
		return c.codec
	}
	return c.in.BodyCodec()
}

// Output returns the PULL. It is read-only once the call was launched.
func (c *PullCmd) Output() *packet.Packet { return c.out }

// Session returns the session.
func (c *PullCmd) Session() Session { return c.sess }

// Peer returns the peer.
func (c *PullCmd) Peer() *Peer { return c.sess.peer }

// Ip returns the other side's address, host and port.
func (c *PullCmd) Ip() string { return c.sess.RemoteIp() }

// Public returns data that belongs to this call, seeded with the session's.
func (c *PullCmd) Public() *sync.Map { return seededMap(&c.public, &c.sess.public) }

// PublicLen counts the entries of Public.
func (c *PullCmd) PublicLen() int { return mapLen(c.Public()) }

// second finds out who comes last of two.
type second struct{ n atomic.Int32 }

// last is called once by each of the two; true for the later one.
func (s *second) last() bool { return s.n.Add(1) == 2 }

// launched says that the launch has returned: out stays as it is now. An end
// that came earlier has not told of the call yet.
func (c *PullCmd) launched() {
	if c.metered.last() {
		c.meter()
	}
	if c.async && c.logged.last() {
		c.log()
	}
}

// meter tells the metrics of the call, once it has ended and out is complete.
func (c *PullCmd) meter() {
	c.sess.meter(PullLaunch, c.sess.routeOf(c.out), c.cost, c.in, c.out, c.rerr)
}

// end ends the call. Only the one that owns it may: who took it from the
// pending table, or launched it and knows that it is not in there.
func (c *PullCmd) end(rerr *Rerror) {
	defer c.signal() // also where a Metrics of the user's ends the goroutine
	c.outcome(rerr)
}

// outcome is end for the caller, who needs no signal.
func (c *PullCmd) outcome(rerr *Rerror) {
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
func (c *PullCmd) signal() {
	if !c.async {
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
	case c.notify <- c:
	default: // the channel is full: the caller must not lose the end, the reader must not wait
		go c.deliver()
	}
}

// deliver hands the ended call to a channel that was full. It ends when
// somebody receives, or with the peer.
func (c *PullCmd) deliver() {
	select {
	case c.notify <- c:
	case <-c.sess.peer.closed:
	}
}

// settle ends the call with a REPLY: the error it carries, else its body,
// decoded into the caller's reply; bad is what is wrong with the body already.
//
// req: TP-ERR-002, TP-ERR-009, TP-SESS-014, TP-SESS-033
func (c *PullCmd) settle(in *packet.Packet, bad *Rerror) *Rerror {
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
