package proxy

import (
	"context"
	"errors"
	"fmt"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// end is one end of a forwarding: a downstream session or an upstream.
type end interface {
	// session gives the session to send on; the error says why there is none.
	session(ctx context.Context) (tp.Session, error)
	// gates give what waits for this end, and what it has sent.
	gates() (to, from *gate)
	// inOrder says that PUSHes from this end are passed on before a later REPLY.
	inOrder() bool
	name() string
}

// pullCtx and pushCtx are what the contexts of the two handlers have in truth.
type (
	pullCtx interface {
		tp.UnknownPullCtx
		tp.ReplyWatcher
		Input() *packet.Packet
		Output() *packet.Packet
	}
	pushCtx interface {
		tp.UnknownPushCtx
		Input() *packet.Packet
	}
)

var errSilent = errors.New("no answer in time (Config.Timeout)")

// patience gives the context of a packet that is under way: the caller's
// deadline, which is passed on, the proxy's own timeout, which is not, and the
// proxy's end. That the caller has gone does not end it.
//
// req: TP-DEAD-008
func (px *Proxy) patience(caller context.Context) (context.Context, func()) {
	ctx, stop := px.ctx, func() {}
	if until, ok := caller.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, until)
		stop = cancel
	}
	if px.cfg.Timeout < 0 {
		return ctx, stop
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(px.cfg.Timeout, func() { cancel(errSilent) })
	outer := stop
	return ctx, func() {
		timer.Stop()
		cancel(nil)
		outer()
	}
}

// admit takes a packet of n bytes in at both ends; leave lets it out of the one
// it goes to.
func (px *Proxy) admit(from, to end, n int) (leaveTo func(), rerr *tp.Rerror) {
	_, source := from.gates()
	sink, _ := to.gates()
	if !source.enter(n) {
		return nil, px.refuse("too much of " + from.name() + " is under way (MaxSessionCalls, MaxSessionBytes)")
	}
	if !sink.enter(n) {
		source.leave(n)
		return nil, px.refuse("too much waits for " + to.name() + " (MaxCalls, MaxBytes)")
	}
	return func() { sink.leave(n) }, nil
}

func (px *Proxy) refuse(detail string) *tp.Rerror {
	px.counts.refused.Add(1)
	return newRerror(tp.CodeOverload, detail)
}

// pull passes a PULL on and gives what is to be answered.
func (px *Proxy) pull(c pullCtx, from, to end, h *header) (any, *tp.Rerror) {
	body := packet.RawBody(c.Input().RawBody())
	held := cost(h.uri, h.in.Meta(), body)
	leaveTo, rerr := px.admit(from, to, held)
	if rerr != nil {
		return nil, rerr
	}
	_, source := from.gates()
	came := false
	c.AfterReply(func(err error) {
		source.leave(held)
		if err != nil && came {
			px.counts.repliesDropped.Add(1)
		}
	})
	ctx, stop := px.patience(c.Context())
	defer stop()
	reply, cmd, rerr := px.ask(ctx, to, h, &body)
	leaveTo()
	if rerr != nil {
		return nil, rerr
	}
	came = true
	if reply.Earlier != nil && to.inOrder() {
		select {
		case <-reply.Earlier:
		case <-ctx.Done():
		}
	}
	n := cost("", cmd.InputMeta(), reply.Body)
	if !source.grow(n) {
		px.counts.repliesDropped.Add(1)
		came = false // counted already
		return nil, px.refuse(to.name() + " has answered, but " + from.name() + " has not taken what came before (MaxSessionBytes)")
	}
	held += n
	px.counts.pulls.Add(1)
	return answer(c, reply, cmd.InputMeta()), nil
}

// answer makes the REPLY what the upstream's was.
//
// req: TP-XFER-021
func answer(c pullCtx, reply *tp.RawReply, meta *packet.Meta) packet.RawBody {
	out := c.Output()
	copyReplyMeta(out.Meta(), meta)
	out.XferPipe().Reset()
	if out.XferPipe().AppendFromRegistry(out.Env().FilterRegistry(), reply.Pipe...) != nil {
		// The upstream has added a filter that this side does not know.
		out.XferPipe().Reset()
		out.AppendXferPipeFrom(c.Input())
	}
	c.SetBodyCodec(reply.BodyCodec)
	if reply.Body == nil {
		return packet.RawBody{} // not nil: a result, of no bytes
	}
	return reply.Body
}

// ask sends the PULL and waits for its REPLY. One that was never sent, because
// the connection had just ended, is sent once more.
func (px *Proxy) ask(ctx context.Context, to end, h *header, body *packet.RawBody) (*tp.RawReply, *tp.PullCmd, *tp.Rerror) {
	for again := true; ; again = false {
		sess, err := to.session(ctx)
		if err != nil {
			return nil, nil, px.failed(ctx, to, err)
		}
		reply := new(tp.RawReply)
		cmd := sess.PullContext(ctx, h.uri, body, reply, h.apply)
		if reply.Received {
			return reply, cmd, nil
		}
		rerr := cmd.Rerror()
		if again && rerr != nil && rerr.Code == tp.CodeWriteFailed && !sess.Health() {
			continue
		}
		return nil, nil, px.failed(ctx, to, rerr.ToError())
	}
}

// push passes a PUSH on.
func (px *Proxy) push(c pushCtx, from, to end, h *header) *tp.Rerror {
	body := packet.RawBody(c.Input().RawBody())
	held := cost(h.uri, h.in.Meta(), body)
	leaveTo, rerr := px.admit(from, to, held)
	if rerr != nil {
		return rerr
	}
	_, source := from.gates()
	defer source.leave(held)
	defer leaveTo()
	ctx, stop := px.patience(c.Context())
	defer stop()
	sess, err := to.session(ctx)
	if err != nil {
		return px.failed(ctx, to, err)
	}
	if rerr := sess.PushContext(ctx, h.uri, &body, h.apply); rerr != nil {
		return px.failed(ctx, to, rerr)
	}
	px.counts.pushes.Add(1)
	return nil
}

// failed gives the error for a packet that got no answer.
func (px *Proxy) failed(ctx context.Context, to end, err error) *tp.Rerror {
	var rerr *tp.Rerror
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, errClosing):
		return px.refuse(errClosing.Error())
	case errors.Is(cause, context.DeadlineExceeded):
		px.counts.expired.Add(1)
		return newRerror(tp.CodeTimeout, "the deadline passed while the call waited for "+to.name())
	case errors.Is(cause, errSilent):
		err = cause
	case errors.As(err, &rerr):
		err = errors.New(textOf(rerr))
	case err == nil:
		err = errors.New("the call ended without a reply")
	}
	px.counts.failed.Add(1)
	return newRerror(tp.CodeBadGateway, to.name()+": "+err.Error())
}

// newRerror gives an error with the message of the standard's registry.
func newRerror(code int32, detail string) *tp.Rerror {
	return tp.NewRerror(code, tp.CodeText(code), detail)
}

// textOf gives a local error as a text for people.
func textOf(rerr *tp.Rerror) string {
	if rerr.Detail == "" {
		return fmt.Sprintf("%s (%d)", rerr.Message, rerr.Code)
	}
	return fmt.Sprintf("%s (%d): %s", rerr.Message, rerr.Code, rerr.Detail)
}
