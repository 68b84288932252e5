package tp

import (
	"context"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// callPool keeps the calls of a peer that somebody waits for in Pull, with the
// channel that wakes him.
type callPool struct{ calls sync.Pool }

// get gives a call without anything of an earlier one, but for its wake.
func (p *callPool) get() *call {
	if c, ok := p.calls.Get().(*call); ok {
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
	c.public.Store(nil)
	c.at.Store(nil)
	c.gaveUp.Store(nil)
	c.metered.n.Store(0)
	c.logged.n.Store(0)
	if !c.forgotten() {
		c.out.Reset()
	}
	p.calls.Put(c)
}

// begin launches a PULL that somebody waits for.
func (s *session) begin(ctx context.Context, uri string, args, reply any, settings []packet.PacketSetting) *call {
	c := s.peer.calls.get()
	s.fill(c, ctx, uri, args, reply, settings)
	s.launch(c)
	return c
}

// pullCmd is PullContext.
func (s *session) pullCmd(ctx context.Context, uri string, args, reply any, settings []packet.PacketSetting) *PullCmd {
	c := s.begin(ctx, uri, args, reply, settings)
	cmd := c.newHandle()
	c.await()
	cmd.end(c)
	return cmd
}

// pull is PullContext for who wants the error only.
func (s *session) pull(ctx context.Context, uri string, args, reply any, settings []packet.PacketSetting) *Rerror {
	c := s.begin(ctx, uri, args, reply, settings)
	if c.sentForGood() {
		c.out.Reset()
	}
	c.await()
	rerr := c.rerr
	if !c.lent.Load() {
		s.peer.calls.put(c)
	}
	return rerr
}
