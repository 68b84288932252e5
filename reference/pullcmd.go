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
	call    *call // nil: it is over and used again; what is left of it follows
	outcome outcome
	shown   shownPacket
	public  atomic.Pointer[sync.Map]
}

// handle makes the PullCmd of a call that has ended and that somebody has waited
// for, and gives the call back where nobody else may know it: then nobody has got
// at its public data either.
func (c *call) handle() *PullCmd {
	cmd := &PullCmd{sess: c.sess}
	lent := c.lent.Load()
	if !lent {
		c.forget()
	}
	if lent || !c.shown.is {
		cmd.call = c
		return cmd
	}
	cmd.outcome, cmd.shown = c.outcome, c.shown
	c.sess.peer.calls.put(c)
	return cmd
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

// Output returns the PULL, or one made anew that shows the same. It is read-only
// once the call was launched.
func (c *PullCmd) Output() *packet.Packet {
	if c.call != nil {
		return c.call.output()
	}
	return c.shown.packet(c.sess.peer.env)
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
		return c.call.publicData()
	}
	return seededMap(&c.public, &c.sess.public)
}

// PublicLen counts the entries of Public.
func (c *PullCmd) PublicLen() int { return mapLen(c.Public()) }
