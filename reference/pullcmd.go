package tp

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// PullCmd is one PULL that was launched, and what became of it. All its
// methods are safe for concurrent use; those that tell the outcome (Rerror,
// Result, CostTime, InputMeta, InputBodyCodec) wait until the call has ended,
// which every call does.
type PullCmd struct {
	sess    *session
	call    *call // nil: it is over and used again; outcome and public are what is left of it
	outcome outcome
	public  atomic.Pointer[sync.Map]
	out     shownPacket // of the PULL, where its packet is used again; else it is with call
}

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

// bare says that a shownPacket can hold all of p.
func bare(p *packet.Packet) bool {
	return p.Meta().Len() == 0 && p.XferPipe().Len() == 0 && p.XferPipe().Err() == nil
}

// newHandle makes the PullCmd of a call that was launched and that somebody waits
// for. It has the packet forgotten where it can: now that is in the processor's
// cache.
func (c *call) newHandle() *PullCmd {
	cmd := &PullCmd{sess: c.sess}
	if c.sentForGood() {
		cmd.show(c)
	}
	return cmd
}

// sentForGood says that nobody needs the packet any more once it was launched.
func (c *call) sentForGood() bool {
	p := c.sess.peer
	return c.sess.redial == nil && p.cfg.Metrics == nil && !p.runlog.wanted() && !c.lent.Load()
}

// show keeps what Output shows of the call's packet, and empties that, if it can
// hold all of it. Nobody else may know the packet.
func (c *PullCmd) show(of *call) {
	if out := &of.out; bare(out) {
		c.out = shownPacket{uri: out.Uri(), body: out.Body(), seq: of.seq, size: out.Size(), codec: out.BodyCodec(), is: true}
		out.Reset()
	}
}

// forgotten says that the packet is empty again: a launched one has an Env.
func (c *call) forgotten() bool { return c.out.Env() == nil }

// end gives the handle the outcome, and the call back where nobody else may know it.
func (c *PullCmd) end(of *call) {
	lent := of.lent.Load()
	if !lent && !c.out.is {
		c.show(of)
	}
	if lent || !c.out.is {
		c.call = of
		return
	}
	c.outcome = of.outcome
	c.public.Store(of.public.Load())
	c.sess.peer.calls.put(of)
}

// ended waits for the end and gives the outcome.
func (c *PullCmd) ended() *outcome {
	if c.call == nil {
		return &c.outcome
	}
	if c.call.done != nil {
		<-c.call.done
	}
	return &c.call.outcome
}

// Done gives a channel that is closed when the call has ended.
func (c *PullCmd) Done() <-chan struct{} {
	if c.call == nil || c.call.done == nil {
		return closedChan()
	}
	return c.call.done
}

// Rerror waits for the end of the call and returns its error: that of the
// REPLY, or a local one (102, 104, 400, ...; spec, chapter "Errors"). nil is success.
func (c *PullCmd) Rerror() *Rerror { return c.ended().rerr }

// Result waits for the end of the call and returns the reply that the call was
// given to fill in, and the error. With an error the reply is as it was, but for
// a body that did not decode (400), of which the codec may have filled in a
// part, for an error of a PostReadReplyBody hook, and for a *RawReply.
func (c *PullCmd) Result() (any, *Rerror) {
	o := c.ended()
	return o.reply, o.rerr
}

// CostTime waits for the end of the call and returns the time from the launch
// to the decoded reply; 0 where the peer does not measure it (PeerConfig's
// CountTime, SlowCometDuration or Metrics).
func (c *PullCmd) CostTime() time.Duration { return c.ended().cost }

// InputMeta waits for the end of the call and returns the metadata of the
// REPLY, read-only; nil when none came.
//
// req: TP-SESS-032
func (c *PullCmd) InputMeta() *packet.Meta {
	switch o := c.ended(); o.in {
	case nil:
		return nil
	case over:
		return new(packet.Meta)
	default:
		return o.in.Meta()
	}
}

// InputBodyCodec waits for the end of the call and returns the codec id of the
// REPLY; 0 when none came.
func (c *PullCmd) InputBodyCodec() byte {
	switch o := c.ended(); o.in {
	case nil:
		return 0
	case over:
		return o.codec
	default:
		return o.in.BodyCodec()
	}
}

// Output returns the PULL. It is read-only once the call was launched.
func (c *PullCmd) Output() *packet.Packet {
	if !c.out.is {
		return &c.call.out
	}
	out := packet.NewPacket(packet.WithEnv(c.sess.peer.env), packet.WithPtype(packet.TypePull), packet.WithSeq(c.out.seq),
		packet.WithUri(c.out.uri), packet.WithBodyCodec(c.out.codec), packet.WithBody(c.out.body))
	out.SetSize(c.out.size)
	return out
}

// Session returns the session.
func (c *PullCmd) Session() Session { return c.sess }

// Peer returns the peer.
func (c *PullCmd) Peer() *Peer { return c.sess.peer }

// Ip returns the other side's address, host and port.
func (c *PullCmd) Ip() string { return c.sess.RemoteIp() }

// Public returns data that belongs to this call, seeded with the session's.
func (c *PullCmd) Public() *sync.Map {
	if c.call != nil {
		return c.call.Public()
	}
	return seededMap(&c.public, &c.sess.public)
}

// PublicLen counts the entries of Public.
func (c *PullCmd) PublicLen() int { return mapLen(c.Public()) }
