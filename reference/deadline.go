package tp

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// MetaTimeoutKey is the metadata key under which a PULL or PUSH carries how
// long its caller still waits, in milliseconds (spec, chapter "Deadlines").
// PullContext and PushContext set it where their context has a deadline.
const MetaTimeoutKey = "X-Timeout-Ms"

// maxTimeoutMs is the largest value of MetaTimeoutKey: ten digits, 115 days.
const maxTimeoutMs = 9_999_999_999

// setTimeout tells the other side of ctx's deadline, if it has one.
//
// req: TP-DEAD-001, TP-DEAD-002
func setTimeout(ctx context.Context, out *packet.Packet) {
	until, ok := ctx.Deadline()
	if !ok {
		return
	}
	left := max(time.Until(until), 0)
	ms := int64((left + time.Millisecond - 1) / time.Millisecond)
	if ms > maxTimeoutMs {
		out.Meta().Del(MetaTimeoutKey)
		return
	}
	out.Meta().Set(MetaTimeoutKey, strconv.FormatInt(ms, 10))
}

// timeoutOf reads how long the caller still waits; false where it has not said.
//
// req: TP-DEAD-003
func timeoutOf(in *packet.Packet) (time.Duration, bool) {
	if in.Meta().Len() == 0 {
		return 0, false
	}
	v := in.Meta().Peek(MetaTimeoutKey)
	if len(v) == 0 || len(v) > 10 {
		return 0, false
	}
	ms := int64(0)
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		ms = ms*10 + int64(c-'0')
	}
	return time.Duration(ms) * time.Millisecond, true
}

// rerrorOfContext gives the local error for a call whose context has ended.
//
// req: TP-DEAD-004
func rerrorOfContext(ctx context.Context) *Rerror {
	code := int32(CodeCancelled)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		code = CodeTimeout
	}
	return newCodeRerror(code, context.Cause(ctx).Error())
}

// liveContext is a handler's context, made when it is first asked for.
type liveContext struct {
	context.Context
	cancel context.CancelFunc
	of     *handlerCtx
}

// handlerKey finds the handler in its context, and in those made of it.
type handlerKey struct{}

func (l *liveContext) Value(key any) any {
	if key == (handlerKey{}) {
		return l.of
	}
	return l.Context.Value(key)
}

// Context returns the context that fits: the caller's for what is launched, the
// link's before a packet is read, a handler's own for what came.
//
// req: TP-DEAD-007
func (c *handlerCtx) Context() context.Context {
	switch has := c.has(); {
	case has.cmd != nil:
		return has.cmd.ctx
	case has.caller != nil:
		return has.caller
	case c.in == nil:
		return c.link.context()
	}
	r := c.more()
	if live := r.live.Load(); live != nil {
		return live
	}
	live := &liveContext{of: c}
	if r.deadline.IsZero() {
		live.Context, live.cancel = context.WithCancel(c.link.context())
	} else {
		live.Context, live.cancel = context.WithDeadline(c.link.context(), r.deadline)
	}
	if !r.live.CompareAndSwap(nil, live) {
		live.cancel()
		return r.live.Load()
	}
	return live
}

// release ends the handler's context: the handler has returned.
func (c *handlerCtx) release() {
	if c.rare.CompareAndSwap(nil, rareOver) {
		return
	}
	if r := c.rare.Load(); !r.live.CompareAndSwap(nil, contextOver) {
		r.live.Load().cancel()
	}
}

// contextOver is for who asks when the handler has returned.
var contextOver = func() *liveContext {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return &liveContext{Context: ctx, cancel: cancel}
}()

// setDeadline notes when the caller stops waiting, counted from now.
func (c *handlerCtx) setDeadline() {
	if d, ok := timeoutOf(c.in); ok {
		c.more().deadline = time.Now().Add(d)
	}
}

// late says that the caller waits no longer: the handler is not worth starting.
//
// req: TP-DEAD-005, TP-DEAD-006
func (c *handlerCtx) late() *Rerror {
	if d := c.has().deadline; d.IsZero() || time.Now().Before(d) {
		return nil
	}
	c.sess.peer.stats.expired.Add(1)
	return newCodeRerror(CodeTimeout, "the deadline ("+MetaTimeoutKey+") passed before the handler began")
}
