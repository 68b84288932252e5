package tp

import (
	"context"
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// callPool keeps what calls need of a peer's: the channels of callers, each with
// room for one wake, and whole calls of which the user is given the outcome only.
type callPool struct{ wakes, calls sync.Pool }

func (p *callPool) getWake() chan struct{} {
	if ch, ok := p.wakes.Get().(chan struct{}); ok {
		return ch
	}
	return make(chan struct{}, 1)
}

// putWake takes back a channel that nobody will send to any more.
func (p *callPool) putWake(ch chan struct{}) { p.wakes.Put(ch) }

// get gives a call without anything of an earlier one, but for its wake and its
// packet.
func (p *callPool) get() *PullCmd {
	if c, ok := p.calls.Get().(*PullCmd); ok {
		return c
	}
	c := newPullCmd()
	c.wake = make(chan struct{}, 1)
	return c
}

// put takes back a call that has ended and that nobody knows any more, but for
// whoever has woken its caller and may still look at leads and at. Field by
// field, for that one must find atomic values.
func (p *callPool) put(c *PullCmd) {
	c.sess, c.ctx, c.reply, c.rerr, c.in, c.bad = nil, nil, nil, nil, nil, nil
	c.own, c.cost = false, 0
	c.public.Store(nil)
	c.at.Store(nil)
	c.gaveUp.Store(nil)
	c.metered.n.Store(0)
	c.logged.n.Store(0)
	c.out.Reset()
	p.calls.Put(c)
}

// pull is PullContext for who wants the outcome only: the call is used again.
func (s *session) pull(ctx context.Context, uri string, args, reply any, settings []packet.PacketSetting) *Rerror {
	cmd := s.peer.calls.get()
	s.fill(cmd, ctx, uri, args, reply, settings)
	s.launch(cmd)
	cmd.await()
	cmd.log()
	cmd.recycle()
	rerr := cmd.rerr
	if !cmd.lent.Load() {
		s.peer.calls.put(cmd)
	}
	return rerr
}
