package tp

import (
	"context"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// await waits for the end of a call that somebody waits for. Where nobody reads
// the link, the caller does it itself until its reply is there: that saves two
// changes of goroutine. The deadline of a cancelled caller's read wakes it, and
// what it has read so far stays with the link.
//
// req: TP-DEAD-004
func (c *call) await() {
	if l := c.at.Load(); l != nil && !c.served() {
		c.stepAside()
		switch {
		case !l.mayLead():
			if l.calledBack() {
				l.sess.start(l)
			}
			l.ensureReader()
		case l.token.take():
			c.lead(l, true)
		case l.calledBack():
			c.lead(l, false)
		}
	}
	if !c.own {
		c.wait()
	}
	c.conclude()
	c.log()
	c.recycle()
}

// stepAside has another goroutine read in place of the handler, if that is who
// waits: its context tells, whichever session it calls.
func (c *call) stepAside() {
	if c.ctx.Done() == nil {
		return
	}
	if hc, _ := c.ctx.Value(handlerKey{}).(*handlerCtx); hc != nil {
		hc.stepAside()
	}
}

// calledBack takes the token away from a handler that pulls on its own session,
// as far as can be told: it is about to wait.
func (l *link) calledBack() bool {
	s := l.token.load()
	return s.is(tokenInside) && l.callback.Load() && l.token.steal(s)
}

// lead reads the link, whose token the caller has, until the call is served.
// letGo says that the token may be free then.
func (c *call) lead(l *link, letGo bool) {
	if c.ctx.Done() != nil {
		defer context.AfterFunc(c.ctx, l.conn.Interrupt)()
	}
	returned := false
	defer func() {
		if !returned { // runtime.Goexit in a user's code
			c.leads.Store(false)
			l.sess.start(l)
		}
	}()
	l.stay /= 2 // a caller has come
	r := reading{l: l, lead: c}
	c.leads.Store(true)
	err := r.begin()
	if err == nil {
		_, err = r.read()
	}
	c.leads.Store(false)
	returned = true
	if err != errLed && err != errPass {
		fault := err
		l.fault = &fault
	}
	if err != errLed || !letGo || !l.letGo() {
		l.sess.start(l)
	}
}

// served says that the caller need not wait any more.
func (c *call) served() bool {
	return c.own || len(c.wake) > 0 || c.ctx.Done() != nil && c.ctx.Err() != nil
}

// arrive hands a call that somebody waits for its REPLY, by the one that took it
// from the table.
func (c *call) arrive(in *packet.Packet, bad *Rerror, mine bool) {
	c.arrived, c.bad = in, bad
	if mine {
		c.own = true // nobody else writes it: its caller looks at it all the time
		return
	}
	c.poke()
}

// poke wakes the caller, who may wait by reading.
func (c *call) poke() {
	c.wake <- struct{}{}
	// From here on the call may be used again: what is found now may be another's.
	if l := c.at.Load(); l != nil && c.leads.Load() {
		l.conn.Interrupt()
	}
}

// conclude is what the caller does with its REPLY.
func (c *call) conclude() {
	if c.arrived != nil { // else another one has ended the call
		c.finish(c.settle(c.arrived, c.bad))
	}
}
