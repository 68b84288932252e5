package tp

import (
	"runtime/debug"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// serve is a handler's goroutine, or its turn on the reader's. A PULL is answered
// whatever happens: a panic and a handler that ends its goroutine with 500.
// Nothing answers a PUSH: what goes wrong is counted. Owner: the link, which
// counts it; end: the handler's.
//
// The handler is to have as much of the stack as it can: where a small one is not
// enough, it is copied to one twice the size, and back when the memory is
// collected, again and again.
//
// req: TP-SESS-003, TP-SESS-004, TP-SESS-008, TP-SESS-010, TP-SESS-013, TP-SESS-016
func (c *handlerCtx) serve() {
	if c.in.Ptype() == packet.TypeReply {
		c.serveReply()
		return
	}
	var (
		start    time.Time
		result   any
		rerr     *Rerror
		returned bool // not after runtime.Goexit
	)
	defer func() { c.served(start, result, rerr, returned, recover()) }()
	if c.in.Ptype() == packet.TypePull {
		c.out = newReply(c.sess.peer, c.in, c.uri)
	}
	if c.timed {
		start = time.Now()
	}
	if rerr = c.ready(); rerr == nil {
		result, rerr = c.handler.call(c, c.arg)
	}
	returned = true
}

// serveApart is serve on a goroutine of its own, whose stack begins small. It
// grows at once, while there is nothing on it: to find that out deep within a
// handler costs far more, for each frame is looked at and moved, in each call.
func (c *handlerCtx) serveApart() {
	growStack(0)
	c.serve()
}

// growStack has a frame that a stack of 4 KiB has no room for.
//
//go:noinline
func growStack(i int) byte {
	var room [4 << 10]byte
	return room[i]
}

// served answers a PULL whose handler has ended, and notes what has become of a
// PUSH.
func (c *handlerCtx) served(start time.Time, result any, rerr *Rerror, returned bool, panicked any) {
	defer c.link.leave(true, c.held)
	defer c.finish()
	defer c.release()
	if panicked != nil {
		Errorf("panic in the handler of %s: %v\n%s", logText(c.uri), panicked, debug.Stack())
		result, rerr, returned = nil, newCodeRerror(CodeInternal, "the handler panicked"), true
	}
	if returned && c.timed && c.handler != nil {
		c.handler.pace.note(time.Since(start))
	}
	switch {
	case c.out != nil:
		if !returned {
			rerr = newCodeRerror(CodeInternal, "the handler ended its goroutine")
		}
		c.answer(result, rerr)
	case returned:
		if rerr != nil {
			c.sess.peer.stats.pushesDropped.Add(1)
			Debugf("session %s: the PUSH %s failed: %s", logText(c.sess.Id()), logText(c.uri), logText(rerr.String()))
		}
		c.ended(rerr)
	}
}

// ready is what is left to do before the handler of a PULL or PUSH: hooks,
// routing, decoding.
func (c *handlerCtx) ready() *Rerror {
	if rerr := c.late(); rerr != nil {
		return rerr
	}
	push := c.in.Ptype() == packet.TypePush
	if !c.routed {
		if rerr := c.timedHeaderHooks(push); rerr != nil {
			return rerr
		}
		c.route()
	}
	if c.rerr != nil {
		return c.rerr
	}
	if !c.bound {
		if rerr := c.preBody(push); rerr != nil {
			return rerr
		}
		if rerr := c.bind(); rerr != nil {
			return rerr
		}
		if rerr := c.postBody(push); rerr != nil {
			return rerr
		}
	}
	if rerr := c.late(); rerr != nil { // hooks take time
		return rerr
	}
	if c.inside() {
		c.link.inside.Store(&c.handler.pace)
		if !c.handler.pace.short() {
			c.stepAside() // a header hook had a say in where this goes
		}
	}
	return nil
}

// timedHeaderHooks runs the header hooks, and measures them where that is wanted.
func (c *handlerCtx) timedHeaderHooks(push bool) *Rerror {
	if !c.timed || !c.sess.peer.hasHeaderHooks(c.in.Ptype()) {
		return c.headerHooks(push)
	}
	start := time.Now()
	rerr := c.headerHooks(push)
	c.sess.peer.headerPace.note(time.Since(start))
	return rerr
}

// headerHooks runs the peer's header hooks, then the router's.
func (c *handlerCtx) headerHooks(push bool) *Rerror {
	p := c.sess.peer
	if push {
		if rerr := p.plugins.postReadPushHeader(c); rerr != nil {
			return rerr
		}
		return p.PushRouter.headerHooks().postReadPushHeader(c)
	}
	if rerr := p.plugins.postReadPullHeader(c); rerr != nil {
		return rerr
	}
	return p.PullRouter.headerHooks().postReadPullHeader(c)
}

func (c *handlerCtx) preBody(push bool) *Rerror {
	if push {
		return c.handler.plugins.preReadPushBody(c)
	}
	return c.handler.plugins.preReadPullBody(c)
}

func (c *handlerCtx) postBody(push bool) *Rerror {
	if push {
		return c.handler.plugins.postReadPushBody(c)
	}
	return c.handler.plugins.postReadPullBody(c)
}

// route finds the handler for the uri as it stands, or says what is wrong with
// it; that comes before anything that is wrong with the body.
//
// req: TP-SESS-006, TP-SESS-007, TP-SESS-009, TP-SESS-011
func (c *handlerCtx) route() {
	c.routed = true
	if err := c.parse(); err != nil {
		c.rerr = newCodeRerror(CodeBadPacket, err.Error())
		return
	}
	c.parsed = true
	router := c.sess.peer.PullRouter
	if c.in.Ptype() == packet.TypePush {
		router = c.sess.peer.PushRouter
	}
	h, ok := router.lookup(c.path)
	if !ok {
		c.rerr = newCodeRerror(CodeNotFound, "")
		return
	}
	c.handler = h
}

// bind decodes the body into a fresh argument; a handler of unknown paths
// takes it as it is.
//
// req: TP-CODEC-005, TP-CODEC-009, TP-CODEC-010
func (c *handlerCtx) bind() *Rerror {
	if c.arg == nil {
		c.arg = c.handler.newArg()
	}
	if c.arg == nil {
		return nil
	}
	return rerrorOfBody(bindBody(c.in, c.arg))
}

// serveReply ends a call whose REPLY has hooks to pass.
func (c *handlerCtx) serveReply() {
	defer c.link.leave(false, c.held)
	defer c.finish()
	cmd := c.has().cmd
	rerr := newCodeRerror(CodeInternal, "a hook ended its goroutine")
	defer func() {
		cmd.lent.Store(true)
		cmd.end(rerr)
		if cmd.async() && cmd.logged.last() {
			cmd.log()
		}
	}()
	rerr = guard("reply", func() *Rerror {
		plugins := c.sess.peer.plugins
		cmd.in = c.in
		if rerr := plugins.postReadReplyHeader(c); rerr != nil {
			return rerr
		}
		if rerr := plugins.preReadReplyBody(c); rerr != nil {
			return rerr
		}
		if rerr := cmd.settle(c.in, c.rerr); rerr != nil {
			return rerr
		}
		return plugins.postReadReplyBody(c)
	})
}

// hasReadHooks says whether hooks run before or after the body is decoded.
func (h *Handler) hasReadHooks() bool {
	t := h.plugins.hooks()
	if h.isPush {
		return len(t.preReadPushBody)+len(t.postReadPushBody) > 0
	}
	return len(t.preReadPullBody)+len(t.postReadPullBody) > 0
}
