package tp

import (
	"context"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// callPool keeps the calls of a peer that somebody waits for in Pull, each with the
// channel that wakes its caller.
type callPool struct{ pool sync.Pool }

// get gives a call without anything of an earlier one, but for its wake.
func (p *callPool) get() *call {
	if c, ok := p.pool.Get().(*call); ok {
		return c
	}
	return &call{wake: make(chan struct{}, 1)}
}

// put takes back a call that has ended and that nobody knows any more, but for
// whoever has woken its caller and may still look at leads and at. Field by
// field, for that one must find atomic values.
func (p *callPool) put(c *call) {
	c.sess, c.ctx, c.bad, c.own = nil, nil, nil, false
	c.outcome = outcome{}
	c.at.Store(nil)
	c.gaveUp.Store(nil)
	c.metered.n.Store(0)
	c.logged.n.Store(0)
	if !c.shown.is {
		c.out.Reset()
	}
	c.shown = shownPacket{}
	p.pool.Put(c)
}

// call launches a PULL and waits for its end. The packet is forgotten while it is
// in the processor's cache: by the time of the REPLY it is not.
func (s *session) call(ctx context.Context, uri string, args, reply any, settings []packet.PacketSetting) *call {
	c := s.peer.calls.get()
	s.fill(c, ctx, uri, args, reply, settings)
	s.launch(c)
	if c.sentForGood() {
		c.forget()
	}
	c.await()
	return c
}

// pull is PullContext for who wants the error only.
func (s *session) pull(ctx context.Context, uri string, args, reply any, settings []packet.PacketSetting) *Rerror {
	c := s.call(ctx, uri, args, reply, settings)
	rerr := c.rerr
	if !c.lent.Load() {
		s.peer.calls.put(c)
	}
	return rerr
}
