package tp

import (
	"sync"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// This file is what a handler needs that passes packets on undecoded, as
// plugin/proxy does. What it sends is a *packet.RawBody: its bytes go out as
// they are, and under codec 0 too, where any other body gets the default codec.

// RawReply as the reply of a Pull takes a REPLY as it came: its body is not
// decoded, and is there beside an error too. What it holds is the caller's.
type RawReply struct {
	// Received says that a REPLY came: without one the call ended locally, and
	// the rest is empty. The metadata are PullCmd.InputMeta.
	Received bool
	// Body is the undecoded body, nil when it is empty; BodyCodec its codec.
	Body      []byte
	BodyCodec byte
	// Pipe holds the ids of the filters that the REPLY came through.
	Pipe []byte
	// Earlier is closed once the handlers of the PUSHes have returned that no
	// other handler matched and that came on this connection before the REPLY;
	// nil when none of them runs. Who passes those on as well waits for it to
	// keep the order.
	Earlier <-chan struct{}
}

func (r *RawReply) take(in *packet.Packet) {
	in.Detach()
	r.Received, r.BodyCodec, r.Pipe = true, in.BodyCodec(), in.XferPipe().Ids()
	if b := in.RawBody(); len(b) > 0 {
		r.Body = b[:len(b):len(b)]
	}
}

// rawReply gives the caller's RawReply, nil where it wants the body decoded.
func (c *call) rawReply() *RawReply {
	raw, _ := c.reply.(*RawReply)
	return raw
}

// lacksCodec says that the packet is to have the peer's default codec.
func lacksCodec(out *packet.Packet) bool {
	if out.BodyCodec() != codec.NilCodecId {
		return false
	}
	raw, ok := out.Body().(*packet.RawBody)
	return !ok || raw == nil
}

// ReplyWatcher is what the context of a PULL's handler has besides its own
// methods; a handler asks for it with a type assertion.
type ReplyWatcher interface {
	// AfterReply has f called once, on the handler's goroutine, when the REPLY
	// was accepted for sending, or is lost for the reason err. A later f
	// replaces an earlier one.
	AfterReply(f func(err error))
}

var _ ReplyWatcher = (*handlerCtx)(nil)

func (c *handlerCtx) AfterReply(f func(err error)) { c.more().after = f }

// finish is the last thing that a handler's goroutine does with its packet.
func (c *handlerCtx) finish() {
	has := c.has()
	if has.pushNo != 0 {
		c.link.pushState().order.end(has.pushNo)
	}
	if has.after != nil {
		guard("AfterReply", func() *Rerror { has.after(has.lost); return nil })
	}
	if c.in.Ptype() != packet.TypeReply {
		c.recycle()
	}
}

// Done gives a channel that is closed when the closing of the peer begins.
func (p *Peer) Done() <-chan struct{} { return p.closed }

// pushOrder knows which pushes of one link are being handled, in the order in
// which they came. The zero value works.
type pushOrder struct {
	mu     sync.Mutex // guards what follows
	last   uint64     // number of the newest push; the first is 1
	active int
	waits  []pushWait // oldest first
}

// pushWait is somebody who waits for the pushes up to a number.
type pushWait struct {
	upTo uint64
	left int
	over chan struct{}
}

// begin notes a push; the number goes to end.
func (o *pushOrder) begin() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last++
	o.active++
	return o.last
}

func (o *pushOrder) end(number uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.active--
	kept := o.waits[:0]
	for _, w := range o.waits {
		if number <= w.upTo {
			w.left--
		}
		if w.left == 0 {
			close(w.over)
			continue
		}
		kept = append(kept, w)
	}
	o.waits = kept
}

// earlier gives a channel that is closed when the pushes that are being handled
// now no longer are; nil when there are none.
func (o *pushOrder) earlier() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.active == 0 {
		return nil
	}
	if n := len(o.waits); n > 0 && o.waits[n-1].upTo == o.last {
		return o.waits[n-1].over
	}
	w := pushWait{o.last, o.active, make(chan struct{})}
	o.waits = append(o.waits, w)
	return w.over
}
