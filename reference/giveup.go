package tp

import "context"

// What a caller that gives up does with its call. The call may be in a pending
// table, kept for the next link, on the way from one to the other, or in the
// hands of whoever ends it. Those that move it look at gaveUp after they have
// put it down, the caller sets gaveUp before it looks for it: one of the two
// finds the call, and ends it once.

// wait waits until the call is served or has ended, or its caller's context has.
//
// req: TP-DEAD-004
func (c *call) wait() {
	if c.ctx.Done() != nil {
		select {
		case <-c.wake:
			return
		case <-c.ctx.Done():
		}
		c.giveUp()
	}
	<-c.wake // where it was not to be had, its end is under way
}

// watch is wait for a call that nobody waits for.
func (c *call) watch() {
	if c.ctx.Done() == nil {
		return
	}
	stop := context.AfterFunc(c.ctx, c.giveUp)
	c.unwatch.Store(&stop)
	select {
	case <-c.done:
		stop()
	default:
	}
}

func (c *call) giveUp() {
	rerr := rerrorOfContext(c.ctx)
	c.gaveUp.Store(rerr)
	if c.state.Load() == launchWriting {
		return // sendKept encodes it at the moment, and looks at gaveUp afterwards
	}
	if l := c.at.Load(); l != nil && l.pending.take(c.seq) != nil || c.sess.unkeep(c) {
		c.end(rerr)
	}
}

// endKept ends a call that was kept for the next link and given up meanwhile.
func (c *call) endKept() {
	if rerr := c.gaveUp.Load(); rerr != nil && c.sess.unkeep(c) {
		c.end(rerr)
	}
}

// endPending ends a call that was put into l's table and given up meanwhile.
func (c *call) endPending(l *link) {
	if rerr := c.gaveUp.Load(); rerr != nil && l.pending.take(c.seq) != nil {
		c.end(rerr)
	}
}
