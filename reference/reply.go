package tp

import (
	"context"
	"errors"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// newReply begins a REPLY: seq, the whole uri as it came, and the filters of
// the PULL, of which in is nil where they cannot be used.
//
// req: TP-SEQ-004, TP-SEQ-005, TP-XFER-021, TP-SESS-021
func newReply(p *Peer, in *packet.Packet, uri string) *packet.Packet {
	out := packet.GetPacket()
	out.SetEnv(p.env)
	out.SetPtype(packet.TypeReply)
	out.SetUri(uri)
	if in != nil {
		out.SetSeq(in.Seq())
		out.AppendXferPipeFrom(in)
	}
	return out
}

// setErrorReply makes out an error without a result.
//
// req: TP-ERR-001, TP-ERR-008
func setErrorReply(out *packet.Packet, rerr *Rerror) {
	rerr.SetToMeta(out.Meta())
	out.SetBodyCodec(codec.JSONId)
	out.SetBody(jsonNull())
}

// setResult puts the handler's outcome into the REPLY.
//
// req: TP-CODEC-013, TP-ERR-016
func (c *handlerCtx) setResult(result any, rerr *Rerror) {
	if result == nil && rerr != nil {
		setErrorReply(c.out, rerr)
		return
	}
	rerr.SetToMeta(c.out.Meta())
	if !c.codecSet {
		c.out.SetBodyCodec(c.in.BodyCodec())
	}
	if result == nil && c.sess.peer.cfg.V3Compat {
		c.out.SetBodyCodec(codec.JSONId)
		result = jsonNull()
	}
	if _, raw := result.(packet.RawBody); !raw && result != nil && c.out.BodyCodec() == codec.NilCodecId {
		c.out.SetBodyCodec(c.sess.peer.defaultCodec) // an empty PULL named none
	}
	c.out.SetBody(result)
}

// answer sends the REPLY. One that cannot be encoded becomes a 500, first with
// the PULL's filters, then without any.
//
// req: TP-SESS-017
func (c *handlerCtx) answer(result any, rerr *Rerror) {
	written := false // not after runtime.Goexit
	defer func() {
		if !written {
			c.answerExited()
		}
	}()
	plugins := c.plugins()
	hooks := plugins.hooks()
	c.setResult(result, rerr)
	if len(hooks.preWriteReply) > 0 {
		seq := c.in.Seq()
		guard("PreWriteReply", func() *Rerror { return plugins.preWriteReply(c) })
		c.out.SetPtype(packet.TypeReply)
		c.out.SetSeq(seq)
	}
	err := c.send()
	if err != nil {
		c.lose(err)
		rerr, err = c.sendFailure(rerr, err)
	}
	written = true
	if err != nil {
		Debugf("session %s: the reply to %s was not sent: %s", logText(c.sess.Id()), logText(c.uri), logText(err.Error()))
	} else if len(hooks.postWriteReply) > 0 {
		guard("PostWriteReply", func() *Rerror { return plugins.postWriteReply(c) })
	}
	c.ended(rerr)
}

// sendFailure sends a 500 in place of a REPLY that was not sent for err, if it is
// the encoding that failed. It returns what the call has ended with, and why
// nothing was sent.
func (c *handlerCtx) sendFailure(rerr *Rerror, err error) (*Rerror, error) {
	var pe *packet.Error
	for pipe := c.in; errors.As(err, &pe); pipe = nil {
		Errorf("the reply to %s cannot be encoded: %s", logText(c.uri), logText(err.Error()))
		rerr = newCodeRerror(CodeInternal, "the result cannot be encoded: "+err.Error())
		c.out = newReply(c.sess.peer, pipe, c.uri)
		c.out.SetSeq(c.in.Seq())
		setErrorReply(c.out, rerr)
		if err = c.send(); err != nil && pipe == nil {
			c.link.end(err) // not even that: silence would be worse
			break
		}
	}
	return rerr, err
}

// answerExited sends the REPLY of a handler whose goroutine a hook or an
// encoding has ended: with nothing in it that could do so again.
func (c *handlerCtx) answerExited() {
	rerr := newCodeRerror(CodeInternal, "a hook or the encoding of the result ended the handler's goroutine")
	c.out = newReply(c.sess.peer, nil, c.uri)
	c.out.SetSeq(c.in.Seq())
	setErrorReply(c.out, rerr)
	err := c.send()
	c.lose(err)
	if err != nil {
		c.link.end(err) // silence would be worse
	}
	c.ended(rerr)
}

// lose notes why the REPLY was not sent, for AfterReply.
func (c *handlerCtx) lose(err error) {
	if err != nil {
		c.more().lost = err
	}
}

// send has the REPLY accepted. On the goroutine that reads it neither flushes nor
// waits for room: there it steps aside first.
func (c *handlerCtx) send() error {
	if c.inside() {
		err := c.link.hold(c.out)
		if !errors.Is(err, socket.ErrQueueFull) {
			if !c.inside() {
				c.link.conn.Release() // the one who reads now may have looked before
			}
			return err
		}
		c.stepAside()
	}
	_, err := c.link.write(context.Background(), c.out)
	return err
}

// plugins are the handler's, or the peer's where there is no handler.
func (c *handlerCtx) plugins() *pluginContainer {
	if c.handler != nil {
		return c.handler.plugins
	}
	return c.sess.peer.plugins
}
