package tp

import (
	"runtime/debug"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// servePull handles a PULL and answers it, whatever happens: a panic and a
// handler that ends its goroutine are answered with 500.
//
// req: TP-SESS-003, TP-SESS-016
func (c *handlerCtx) servePull() {
	defer c.release()
	c.out = newReply(c.sess.peer, c.in, c.uri)
	var (
		result   any
		rerr     *Rerror
		returned bool // not after runtime.Goexit
	)
	defer func() {
		if !returned {
			rerr = newCodeRerror(CodeInternal, "the handler ended its goroutine")
		}
		c.answer(result, rerr)
	}()
	if c.timed {
		result, rerr = c.timedRun()
	} else { // the stack of the handler is deep enough
		result, rerr = c.run()
	}
	returned = true
}

// servePush handles a PUSH. Nothing is answered: what goes wrong is counted.
//
// req: TP-SESS-004, TP-SESS-008, TP-SESS-010, TP-SESS-013
func (c *handlerCtx) servePush() {
	defer c.release()
	_, rerr := c.timedRun()
	if rerr != nil {
		c.sess.peer.stats.pushesDropped.Add(1)
		Debugf("session %s: the PUSH %s failed: %s", logText(c.sess.Id()), logText(c.uri), logText(rerr.String()))
	}
	c.ended(rerr)
}

// timedRun is run, and measures the handler where that is wanted.
func (c *handlerCtx) timedRun() (result any, rerr *Rerror) {
	var start time.Time
	if c.timed {
		start = time.Now()
	}
	result, rerr = c.run()
	if c.timed && c.handler != nil {
		c.handler.pace.note(time.Since(start))
	}
	return result, rerr
}

// run is what is left of the way of a PULL or PUSH: hooks, routing, decoding, the
// handler.
func (c *handlerCtx) run() (result any, rerr *Rerror) {
	defer func() {
		if r := recover(); r != nil {
			Errorf("panic in the handler of %s: %v\n%s", logText(c.uri), r, debug.Stack())
			result, rerr = nil, newCodeRerror(CodeInternal, "the handler panicked")
		}
	}()
	if rerr = c.late(); rerr != nil {
		return nil, rerr
	}
	push := c.in.Ptype() == packet.TypePush
	if !c.routed {
		if rerr = c.timedHeaderHooks(push); rerr != nil {
			return nil, rerr
		}
		c.route()
	}
	if c.rerr != nil {
		return nil, c.rerr
	}
	if !c.bound {
		if rerr = c.preBody(push); rerr != nil {
			return nil, rerr
		}
		if rerr = c.bind(); rerr != nil {
			return nil, rerr
		}
		if rerr = c.postBody(push); rerr != nil {
			return nil, rerr
		}
	}
	if rerr = c.late(); rerr != nil { // hooks take time
		return nil, rerr
	}
	if c.inside() {
		c.link.inside.Store(&c.handler.pace)
		if !c.handler.pace.short() {
			c.stepAside() // a header hook had a say in where this goes
		}
	}
	return c.handler.call(c, c.arg)
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
