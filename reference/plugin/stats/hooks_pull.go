package stats

import (
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// call is one PULL, from the first hook that sees it to the last. It lives in
// the Public data of its packet.
type call struct {
	sess  *session
	route *counters
	own   *counters // the session's, of the same kind
	start time.Time // zero where it was not seen

	// A PULL in: its hooks run one after the other.
	ended bool
	code  *int32 // of the error that was counted

	// A PULL out, guarded by the session's lock: the reply may be faster than
	// the hook behind the sending.
	sent, replied bool
	round         int // of the session, when it was sent
}

// both changes the numbers of the route, then those of the session.
func (c *call) both(change func(n *Counters)) {
	c.route.update(change)
	c.own.update(change)
}

// PostReadPullHeader implements tp.PostReadPullHeaderPlugin.
func (s *Stats) PostReadPullHeader(ctx tp.ReadCtx) *tp.Rerror {
	c := s.pullIn(ctx, ctx.Path())
	c.start = time.Now()
	size := ctx.Input().Size()
	c.route.start(size, 1)
	c.own.start(size, 1)
	return nil
}

// pullIn begins the record of a PULL in.
func (s *Stats) pullIn(ctx tp.BackgroundCtx, path string) *call {
	sess, _ := s.session(ctx.Peer(), ctx.Session().Public())
	c := &call{sess: sess, route: &s.routes.get(path).pullIn, own: &sess.pullIn}
	sess.mu.Lock()
	sess.in[c.route]++
	sess.mu.Unlock()
	ctx.Public().Store(callKey{s}, c)
	return c
}

// call gives the record of a packet's call; nil where it was begun before this
// plugin was there.
func (s *Stats) call(ctx tp.BackgroundCtx) *call {
	if v, ok := ctx.Public().Load(callKey{s}); ok {
		return v.(*call)
	}
	return nil
}

// answering ends the record of a PULL in, once.
func (s *Stats) answering(ctx tp.WriteCtx) *call {
	c := s.call(ctx)
	if c == nil { // another plugin has refused it before this one saw it
		c = s.pullIn(ctx, pathOf(ctx.Output().Uri()))
		c.route.start(0, 1)
		c.own.start(0, 1)
	}
	if c.ended {
		return c
	}
	c.ended = true
	o := outcomeOf(c.start, ctx.Output())
	if o.failed {
		c.code = &o.code
	}
	c.sess.mu.Lock()
	drop(c.sess.in, c.route)
	c.sess.mu.Unlock()
	c.route.end(o, -1)
	c.own.end(o, -1)
	return c
}

// outcomeOf reads how a call ended out of its REPLY.
func outcomeOf(start time.Time, reply *packet.Packet) (o outcome) {
	if !start.IsZero() {
		o.cost, o.timed = time.Since(start), true
	}
	if rerr := tp.NewRerrorFromMeta(reply.Meta()); rerr != nil {
		o.failed, o.code = true, rerr.Code
	}
	return o
}

// PreWriteReply implements tp.PreWriteReplyPlugin: here a PULL in ends, as
// PostWriteReply does not run for a reply that cannot be sent.
func (s *Stats) PreWriteReply(ctx tp.WriteCtx) *tp.Rerror {
	s.answering(ctx)
	return nil
}

// PostWriteReply implements tp.PostWriteReplyPlugin. The reply may be another
// one now: an error in the place of one that could not be encoded.
func (s *Stats) PostWriteReply(ctx tp.WriteCtx) *tp.Rerror {
	c := s.answering(ctx)
	out := ctx.Output()
	o := outcomeOf(time.Time{}, out)
	for _, n := range []*counters{c.route, c.own} {
		n.mu.Lock()
		n.n.Done++
		n.n.BytesOut += uint64(out.Size())
		if o.failed && (c.code == nil || *c.code != o.code) {
			if c.code != nil {
				n.unfailLocked(*c.code)
			}
			n.failLocked(o.code)
		}
		n.mu.Unlock()
	}
	return nil
}

// PreWritePull implements tp.PreWritePullPlugin.
func (s *Stats) PreWritePull(ctx tp.WriteCtx) *tp.Rerror {
	sess, _ := s.session(ctx.Peer(), ctx.Session().Public())
	c := &call{sess: sess, route: &s.routes.add(pathOf(ctx.Output().Uri())).pullOut, own: &sess.pullOut, start: time.Now()}
	c.route.start(0, 0)
	c.own.start(0, 0)
	ctx.Public().Store(callKey{s}, c)
	return nil
}

// PostWritePull implements tp.PostWritePullPlugin.
func (s *Stats) PostWritePull(ctx tp.WriteCtx) *tp.Rerror {
	c := s.call(ctx)
	if c == nil {
		return nil
	}
	sess := c.sess
	sess.mu.Lock()
	c.sent, c.round = true, sess.round
	replied, ended := c.replied, sess.ended
	if !replied && !ended {
		sess.out[c.route]++
	}
	sess.mu.Unlock()
	size := uint64(ctx.Output().Size())
	c.both(func(n *Counters) {
		n.BytesOut += size
		switch {
		case replied:
		case ended:
			n.Lost++
		default:
			n.InFlight++
		}
	})
	return nil
}

// PostReadReplyHeader implements tp.PostReadReplyHeaderPlugin.
func (s *Stats) PostReadReplyHeader(ctx tp.ReadCtx) *tp.Rerror {
	c := s.call(ctx)
	if c == nil {
		return nil
	}
	sess := c.sess
	sess.mu.Lock()
	c.replied = true
	open := c.sent && c.round == sess.round && drop(sess.out, c.route)
	lost := c.sent && !open // with an earlier link, but sent again on this one
	sess.mu.Unlock()
	in := ctx.Input()
	c.both(func(n *Counters) {
		n.Done++
		n.BytesIn += uint64(in.Size())
		switch {
		case open:
			n.InFlight--
		case lost:
			n.Lost--
		}
	})
	o := outcomeOf(c.start, in)
	c.route.end(o, 0)
	c.own.end(o, 0)
	return nil
}
