package tp

import (
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// This file is the seam between the reading goroutine and those of handlers:
// what the reader does itself, what it hands over, and how.

// unsupportedType is the session's verdict on a packet type that is none.
//
// req: TP-SESS-005, TP-ERR-013
func unsupportedType(ptype byte) error {
	return packet.PayloadError(packet.ClassType, 8,
		fmt.Errorf("packet type %d (code %d): expected 1 (PULL), 2 (REPLY) or 3 (PUSH)", ptype, CodeNotImplemented))
}

// dispatch sees to one packet without waiting; bad is what is wrong with its
// body. kept says that the packet is in other hands now. Where that is a handler
// for this goroutine to run, it is inline: a handler gets as much of the stack as
// it can, and runs when the frames of finding it are gone. An error ends the link.
func (r *reading) dispatch(in *packet.Packet, bad *Rerror) (kept bool, inline *handlerCtx, err error) {
	l := r.l
	l.replied = false
	switch in.Ptype() {
	case packet.TypeReply:
		l.proven()
		return r.dispatchReply(in, bad), nil, nil
	case packet.TypePush:
		if in.Uri() == closingUri {
			return false, nil, l.otherCloses() // which does not show that the link is any good
		}
		l.proven()
		return r.dispatchCall(in, bad)
	case packet.TypePull:
		l.proven()
		return r.dispatchCall(in, bad)
	}
	return false, nil, unsupportedType(in.Ptype())
}

// proven notes that something came; not on a link that is left, of which the
// session's goroutine has the fields.
func (l *link) proven() {
	if !l.left {
		l.good = true
	}
}

// spoilsBodyOnly says that the packet is there but for its body: a Proto of the
// user's may decode that itself. The stream is at the next packet.
func spoilsBodyOnly(err error) bool {
	var pe *packet.Error
	return errors.As(err, &pe) && pe.Stage == packet.StageBody
}

// dispatchReply gives a REPLY to the caller that waits for it, which decodes it.
// Where nobody waits (AsyncPull), the reader decodes where it may, and else a
// goroutine of its own does. So do hooks, which might end the caller's; pending
// calls bound how many.
//
// req: TP-SEQ-007
func (r *reading) dispatchReply(in *packet.Packet, bad *Rerror) (kept bool) {
	l, p := r.l, r.l.sess.peer
	cmd := l.pending.take(in.Seq())
	if cmd == nil {
		if n := p.stats.repliesIgnored.Add(1); rarely(n) {
			Debugf("session %s: ignored a REPLY with seq %d: no call waits for it (%d so far)", logText(l.sess.Id()), in.Seq(), n)
		}
		return false
	}
	if raw := cmd.rawReply(); raw != nil {
		raw.Earlier = l.earlierPushes()
	}
	hooked := p.hasReplyHooks()
	if !cmd.async() && !hooked {
		l.detach(in, cmd.reply)
		l.replied = true
		l.serving = max(l.serving-1, 0)
		cmd.arrive(in, bad, cmd == r.lead)
		return true
	}
	if !hooked && l.decodesInline(in, cmd.reply, false) && !cmd.logsItself() {
		rerr := cmd.settle(in, bad)
		l.dropRawBody(in)
		cmd.end(rerr)
		return true
	}
	in.Detach()
	l.tasks.enterReply()
	c := &handlerCtx{sess: l.sess, link: l, in: in, uri: in.Uri(), rerr: bad}
	c.more().cmd = cmd
	l.hand(c)
	return true
}

// dispatchCall admits a PULL or PUSH, routes it and decodes its body where no
// hook has a say. Its handler is for the caller to run, inline, where that is
// known to be short; else another goroutine does. A call that reads while it
// waits runs no handler: it wants to go on when its reply is there.
//
// req: TP-SESS-018, TP-SESS-019, TP-SEQ-010, TP-SEQ-011
func (r *reading) dispatchCall(in *packet.Packet, bad *Rerror) (kept bool, inline *handlerCtx, err error) {
	l := r.l
	l.serving = servingFor
	p := l.sess.peer
	held := heldBytes(in)
	if a := l.tasks.enter(held, p.cfg.MaxHandlers, p.cfg.MaxInflightBytes); a != admitted {
		return false, nil, l.refuse(in, a)
	}
	c := &handlerCtx{sess: l.sess, link: l, in: in, held: held, uri: in.Uri(), rerr: bad}
	if p.timed() {
		c.more().start = time.Now()
	}
	c.setDeadline()
	if !p.hasHeaderHooks(in.Ptype()) {
		c.route()
		if c.rerr == nil && !c.handler.hasReadHooks() && !c.handler.unknown {
			if c.arg = c.handler.newArg(); l.decodesInline(in, c.arg, true) {
				c.rerr, c.bound = c.bind(), true
			}
		}
	}
	if c.bound {
		l.dropRawBody(in)
	} else {
		l.detach(in, c.arg)
	}
	if in.Ptype() == packet.TypePush && (c.handler == nil || c.handler.unknown) {
		c.more().pushNo = l.pushState().order.begin()
	}
	if pace := c.pace(); r.lead != nil || !l.inlines || held > inlineBody || !pace.short() || l.wary && pace.unknown() {
		l.hand(c)
		return true, nil, nil
	}
	return true, c, nil
}

// hand gives a packet to a goroutine of its own: packets of one session are
// handled in any order.
//
// req: TP-SESS-037
func (l *link) hand(c *handlerCtx) {
	c.timed = true // that costs little beside a goroutine
	go c.serveApart()
}

// detach makes the body the packet's own, for v to be decoded into. What the run
// log needs is nobody else's.
func (l *link) detach(in *packet.Packet, v any) {
	if l.sess.peer.cfg.PrintBody {
		v = nil
	}
	in.DetachFor(v)
}

// dropRawBody forgets a body that has been decoded, and that the reader's
// buffer owns; the run log may need a copy.
func (l *link) dropRawBody(in *packet.Packet) {
	if l.sess.peer.cfg.PrintBody {
		in.Detach()
		return
	}
	in.SetRawBody(nil, 0)
}

// refuse answers a PULL with 503 and drops a PUSH, on the reader: the answer is
// queued, and where there is no room for it the session ends.
//
// req: TP-SESS-018, TP-SESS-035, TP-SESS-039, TP-LIM-008
func (l *link) refuse(in *packet.Packet, why admission) error {
	p := l.sess.peer
	detail := fmt.Sprintf("%d handlers run for this session (MaxHandlers)", p.cfg.MaxHandlers)
	switch why {
	case noMemory:
		detail = fmt.Sprintf("the packets being handled for this session and this one have more than %d bytes (MaxInflightBytes)", p.cfg.MaxInflightBytes)
	case closing:
		detail = "the session is being closed"
	}
	if in.Ptype() == packet.TypePush {
		if n := p.stats.pushesDropped.Add(1); rarely(n) {
			Warnf("session %s: dropped the PUSH %s: %s (%d so far)", logText(l.sess.Id()), logText(in.Uri()), detail, n)
		}
		return nil
	}
	if n := p.stats.pullsRefused.Add(1); rarely(n) {
		Warnf("session %s: refused the PULL %s: %s (%d so far)", logText(l.sess.Id()), logText(in.Uri()), detail, n)
	}
	out := newReply(p, in, in.Uri())
	setErrorReply(out, newCodeRerror(CodeOverload, detail))
	_, err := l.tryWrite(out)
	var pe *packet.Error
	if errors.As(err, &pe) {
		out = newReply(p, nil, in.Uri())
		out.SetSeq(in.Seq())
		setErrorReply(out, newCodeRerror(CodeOverload, detail))
		_, err = l.tryWrite(out)
	}
	if errors.Is(err, socket.ErrWriteClosed) {
		return nil // the other side has been told that no reply comes any more
	}
	if err != nil {
		return fmt.Errorf("teleport: session ended: cannot answer a PULL: %w", err)
	}
	return nil
}

// rarely picks what is logged of what a peer can send without end: the first,
// the second, the fourth, ...
func rarely(n uint64) bool { return n&(n-1) == 0 }

// guard runs a hook and turns its panic into an error.
func guard(hook string, run func() *Rerror) (rerr *Rerror) {
	defer func() {
		if r := recover(); r != nil {
			Errorf("panic in a %s hook: %v\n%s", hook, r, debug.Stack())
			rerr = newCodeRerror(CodeInternal, "a "+hook+" hook panicked")
		}
	}()
	return run()
}

// bindBody decodes the body into v; a codec or a value that panics fails the
// call, not the reader.
func bindBody(in *packet.Packet, v any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			Errorf("panic while decoding a body into %T: %v\n%s", v, r, debug.Stack())
			err = fmt.Errorf("decoding into %T panicked", v)
		}
	}()
	return in.Bind(v)
}
