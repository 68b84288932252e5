package tp

import (
	"errors"
	"fmt"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// jsonNull gives the body of a REPLY without a result, where one is needed.
func jsonNull() packet.RawBody { return packet.RawBody("null") }

// UnbufferedError is what AsyncPull panics with when its channel has no buffer.
type UnbufferedError struct{ Uri string }

func (e *UnbufferedError) Error() string {
	return fmt.Sprintf("teleport: AsyncPull(%q): the channel done has no buffer; make it with one, or give nil and use PullCmd.Done", e.Uri)
}

func (s *session) Pull(uri string, args, reply any, settings ...packet.PacketSetting) *PullCmd {
	cmd := s.newPull(uri, args, reply, settings)
	s.launch(cmd)
	<-cmd.done
	cmd.log()
	return cmd
}

func (s *session) AsyncPull(uri string, args, reply any, done chan *PullCmd, settings ...packet.PacketSetting) *PullCmd {
	if done != nil && cap(done) == 0 {
		panic(&UnbufferedError{Uri: uri})
	}
	cmd := s.newPull(uri, args, reply, settings)
	cmd.notify, cmd.async = done, true
	s.launch(cmd)
	return cmd
}

// newPull builds the PULL. Settings cannot change seq and type: a reply would
// not find its call.
//
// req: TP-SEQ-001, TP-SEQ-003, TP-SEQ-009
func (s *session) newPull(uri string, args, reply any, settings []packet.PacketSetting) *PullCmd {
	cmd := &PullCmd{sess: s, reply: reply, done: make(chan struct{})}
	if s.peer.cfg.CountTime {
		cmd.start = time.Now()
	}
	cmd.out = s.newOut(uri, args, settings)
	cmd.seq = s.pullSeq.Add(1) - 1
	cmd.out.SetPtype(packet.TypePull)
	cmd.out.SetSeq(cmd.seq)
	return cmd
}

// newOut builds a packet to launch: the caller's settings, else the peer's defaults.
//
// req: TP-CODEC-012
func (s *session) newOut(uri string, args any, settings []packet.PacketSetting) *packet.Packet {
	out := packet.NewPacket()
	out.SetEnv(s.peer.env)
	out.SetUri(uri)
	out.SetBody(args)
	for _, set := range settings {
		set(out)
	}
	if out.BodyCodec() == codec.NilCodecId {
		out.SetBodyCodec(s.peer.defaultCodec)
	}
	if out.Body() == nil && s.peer.cfg.V3Compat {
		out.SetBodyCodec(codec.JSONId)
		out.SetBody(jsonNull())
	}
	return out
}

// launch runs the hooks around the sending and sends. When it returns the call
// is on its way, or has ended.
func (s *session) launch(cmd *PullCmd) {
	hooks := s.peer.plugins.hooks()
	if len(hooks.preWritePull) > 0 {
		ctx := &handlerCtx{sess: s, out: cmd.out, cmd: cmd}
		rerr := guard("PreWritePull", func() *Rerror { return s.peer.plugins.preWritePull(ctx) })
		cmd.out.SetPtype(packet.TypePull)
		cmd.out.SetSeq(cmd.seq)
		if rerr != nil {
			cmd.end(rerr)
			return
		}
	}
	if s.send(cmd) && len(hooks.postWritePull) > 0 {
		ctx := &handlerCtx{sess: s, out: cmd.out, cmd: cmd}
		guard("PostWritePull", func() *Rerror { return s.peer.plugins.postWritePull(ctx) })
	}
}

// send registers the call with the link and writes it; on a link that breaks
// before any byte has left, it goes on with the next one. It reports whether
// the packet was accepted; if not, the call has ended.
//
// req: TP-SESS-023, TP-SESS-029
func (s *session) send(cmd *PullCmd) (accepted bool) {
	for tried := false; ; tried = true {
		l, rerr := s.acquire()
		if rerr != nil {
			if tried {
				rerr = newCodeRerror(CodeWriteFailed, "never sent: "+rerr.Detail)
			}
			cmd.end(rerr)
			return false
		}
		cmd.state.Store(launchWriting)
		if !l.pending.add(cmd) {
			continue // the link is just ending: acquire waits for what comes of it
		}
		t, err := l.write(cmd.out)
		cmd.ticket = t
		if err == nil && cmd.state.CompareAndSwap(launchWriting, launchSent) {
			return true // from here on the reader, or the link's end, ends the call
		}
		// Not sent, or sent on a link that has ended. Who owns the call now?
		if l.pending.take(cmd.seq) == nil && cmd.state.CompareAndSwap(launchWriting, launchSent) {
			return err == nil // whoever took it out ends it
		}
		var pe *packet.Error
		switch {
		case errors.As(err, &pe):
			cmd.end(newCodeRerror(CodeWriteFailed, err.Error()))
			return false
		case err != nil:
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
	}
}

// sendKept sends, on a fresh link, a call that an earlier link did not send. It
// does not wait: the link's reader has not begun.
func (s *session) sendKept(l *link, cmd *PullCmd) {
	cmd.state.Store(launchWriting)
	if !l.pending.add(cmd) {
		cmd.end(newCodeRerror(CodeWriteFailed, "never sent: the next connection ended too"))
		return
	}
	t, err := l.tryWrite(cmd.out)
	cmd.ticket = t
	if err == nil && cmd.state.CompareAndSwap(launchWriting, launchSent) {
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
