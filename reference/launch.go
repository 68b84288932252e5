package tp

import (
	"context"
	"errors"
	"fmt"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// jsonNull gives the body of a REPLY without a result, where one is needed.
func jsonNull() packet.RawBody { return packet.RawBody("null") }

// UnbufferedError is what AsyncPull panics with when its channel has no buffer.
type UnbufferedError struct{ Uri string }

func (e *UnbufferedError) Error() string {
	return fmt.Sprintf("teleport: AsyncPull(%q): the channel done has no buffer; make it with one, or give nil and use PullCmd.Done", e.Uri)
}

func (s *session) Pull(uri string, args, reply any, settings ...packet.PacketSetting) *PullCmd {
	return s.call(context.Background(), uri, args, reply, settings).handle()
}

func (s *session) PullContext(ctx context.Context, uri string, args, reply any, settings ...packet.PacketSetting) *PullCmd {
	return s.call(ctx, uri, args, reply, settings).handle()
}

func (s *session) AsyncPull(uri string, args, reply any, done chan *PullCmd, settings ...packet.PacketSetting) *PullCmd {
	return s.AsyncPullContext(context.Background(), uri, args, reply, done, settings...)
}

func (s *session) AsyncPullContext(ctx context.Context, uri string, args, reply any, done chan *PullCmd, settings ...packet.PacketSetting) *PullCmd {
	if done != nil && cap(done) == 0 {
		panic(&UnbufferedError{Uri: uri})
	}
	c := &call{notify: done, done: make(chan struct{})}
	c.cmd = &PullCmd{sess: s, call: c}
	s.fill(c, ctx, uri, args, reply, settings)
	s.launch(c)
	if l := c.at.Load(); l != nil {
		c.stepAside() // who launches in a handler is likely to wait for it there
		if l.calledBack() {
			l.sess.start(l)
		}
		l.ensureReader()
	}
	c.watch()
	return c.cmd
}

// fill makes cmd, whose packet is empty, that PULL. Settings cannot change seq
// and type: a reply would not find its call.
//
// req: TP-SEQ-001, TP-SEQ-003, TP-SEQ-009
func (s *session) fill(cmd *call, ctx context.Context, uri string, args, reply any, settings []packet.PacketSetting) {
	cmd.sess, cmd.ctx, cmd.reply = s, ctx, reply
	cmd.start = s.peer.now()
	s.fillOut(&cmd.out, uri, args, settings)
	cmd.seq = s.pullSeq.Add(1) - 1
	cmd.out.SetPtype(packet.TypePull)
	cmd.out.SetSeq(cmd.seq)
}

// fillOut makes an empty packet one to launch: the caller's settings, else the
// peer's defaults.
//
// req: TP-CODEC-012
func (s *session) fillOut(out *packet.Packet, uri string, args any, settings []packet.PacketSetting) {
	out.SetEnv(s.peer.env)
	out.SetUri(uri)
	out.SetBody(args)
	for _, set := range settings {
		if set != nil { // as packet.NewPacket has it
			set(out)
		}
	}
	if lacksCodec(out) {
		out.SetBodyCodec(s.peer.defaultCodec)
	}
	if out.Body() == nil && s.peer.cfg.V3Compat {
		out.SetBodyCodec(codec.JSONId)
		out.SetBody(jsonNull())
	}
}

// launch runs the hooks around the sending and sends. When it returns the call
// is on its way, or has ended.
func (s *session) launch(cmd *call) {
	defer cmd.launched()
	if cmd.ctx.Err() != nil {
		cmd.end(rerrorOfContext(cmd.ctx))
		return
	}
	hooks := s.peer.plugins.hooks()
	if len(hooks.preWritePull) > 0 {
		ctx := cmd.launchCtx()
		rerr := guard("PreWritePull", func() *Rerror { return s.peer.plugins.preWritePull(ctx) })
		cmd.out.SetPtype(packet.TypePull)
		cmd.out.SetSeq(cmd.seq)
		if rerr != nil {
			cmd.end(rerr)
			return
		}
	}
	if s.send(cmd) && len(hooks.postWritePull) > 0 {
		ctx := cmd.launchCtx()
		guard("PostWritePull", func() *Rerror { return s.peer.plugins.postWritePull(ctx) })
	}
}

// launchCtx is the context of the hooks around the launch.
func (c *call) launchCtx() *handlerCtx {
	c.lent.Store(true)
	ctx := &handlerCtx{sess: c.sess, out: &c.out}
	ctx.more().cmd = c
	return ctx
}

// send registers the call with the link and writes it; on a link that breaks
// before any byte has left, it goes on with the next one. It reports whether
// the packet was accepted; if not, the call has ended.
//
// req: TP-SESS-023, TP-SESS-029, TP-DEAD-004
func (s *session) send(cmd *call) (accepted bool) {
	for tried := false; ; {
		l, rerr := s.acquire(cmd.ctx)
		if rerr != nil {
			cmd.end(neverSent(rerr, tried))
			return false
		}
		cmd.state.Store(launchWriting)
		if ok, room := l.pending.add(cmd, s.peer.cfg.MaxPending); !ok {
			if rerr := cmd.waitRoom(room); rerr != nil {
				cmd.end(rerr)
				return false
			}
			continue // there may be room now; or the link is just ending: acquire waits for what comes of it
		}
		cmd.at.Store(l)
		setTimeout(cmd.ctx, &cmd.out)
		t, err := l.write(cmd.ctx, &cmd.out)
		cmd.ticket = t
		if err == nil && cmd.state.CompareAndSwap(launchWriting, launchSent) {
			return true // from here on the reader, or the link's end, ends the call
		}
		// Not sent, or sent on a link that has ended. Who owns the call now?
		if l.pending.take(cmd.seq) == nil && cmd.state.CompareAndSwap(launchWriting, launchSent) {
			return err == nil // whoever took it out ends it
		}
		if rerr := writeRerror(cmd.ctx, err); rerr != nil {
			cmd.end(rerr)
			return false
		}
		if err != nil && !errors.Is(err, socket.ErrWriteClosed) { // a link that is left is not broken
			l.end(err)
		}
		switch {
		case !l.conn.Untouched(t):
			cmd.end(newCodeRerror(CodeConnClosed, "the connection ended before the reply came"))
			return true
		case s.redial == nil:
			cmd.end(newCodeRerror(CodeWriteFailed, "never sent: "+causeText(err)))
			return false
		}
		tried = true
	}
}

// waitRoom waits for room among the pending calls, where the caller's context
// can end that; room is nil when it is no room that is missing.
//
// req: TP-LIM-013
func (c *call) waitRoom(room <-chan struct{}) *Rerror {
	switch {
	case room == nil && c.ctx.Err() != nil:
		return rerrorOfContext(c.ctx)
	case room == nil:
		return nil
	case c.ctx.Done() == nil:
		return newCodeRerror(CodeOverload, fmt.Sprintf("%d PULLs of this session wait for their reply (MaxPending)", c.sess.peer.cfg.MaxPending))
	}
	select {
	case <-room:
		return nil
	case <-c.ctx.Done():
		return rerrorOfContext(c.ctx)
	}
}

// writeRerror gives the error of a packet that cannot be encoded, or whose
// caller stopped waiting for room; nil where it is the link that failed.
func writeRerror(ctx context.Context, err error) *Rerror {
	var pe *packet.Error
	switch {
	case errors.As(err, &pe):
		return newCodeRerror(CodeWriteFailed, err.Error())
	case err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return rerrorOfContext(ctx)
	}
	return nil
}

// neverSent makes the error of a session that has no link for a call that it
// has tried to send already.
func neverSent(rerr *Rerror, tried bool) *Rerror {
	if tried && rerr.Code == CodeConnClosed {
		return newCodeRerror(CodeWriteFailed, "never sent: "+rerr.Detail)
	}
	return rerr
}

// sendKept sends, on a fresh link, a call that an earlier link did not send. It
// does not wait: the link's reader has not begun.
func (s *session) sendKept(l *link, cmd *call) {
	if cmd.ctx.Err() != nil {
		cmd.end(rerrorOfContext(cmd.ctx))
		return
	}
	cmd.state.Store(launchWriting)
	if ok, _ := l.pending.add(cmd, s.peer.cfg.MaxPending); !ok {
		cmd.end(newCodeRerror(CodeWriteFailed, "never sent: the next connection ended too"))
		return
	}
	cmd.at.Store(l)
	setTimeout(cmd.ctx, &cmd.out)
	t, err := l.tryWrite(&cmd.out)
	cmd.ticket = t
	if err == nil && cmd.state.CompareAndSwap(launchWriting, launchSent) {
		cmd.endPending(l)
		return
	}
	if l.pending.take(cmd.seq) == nil && cmd.state.CompareAndSwap(launchWriting, launchSent) {
		return
	}
	code, why := int32(CodeWriteFailed), "never sent: "+causeText(err)
	if !l.conn.Untouched(t) {
		code, why = CodeConnClosed, "the connection ended before the reply came"
	}
	cmd.end(newCodeRerror(code, why))
}
