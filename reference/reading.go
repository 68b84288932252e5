package tp

import (
	"errors"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// reading is what a goroutine does that has the token of a link.
type reading struct {
	l    *link
	lead *call // the call whose caller this goroutine is; nil for the session's
	rest bool  // l is not the session's current link any more
	gone bool  // the token is with somebody else
	held bool  // replies may be held back: they leave before this goroutine waits
}

// Why a goroutine ends its reading though the link goes on.
var (
	errTaken = errors.New("another goroutine reads: a handler took too long")
	errIdle  = errors.New("nobody needs to read for the moment")
	errLed   = errors.New("the caller that reads has what it waits for")
	errPass  = errors.New("a caller must not run this hook")
)

// begin is what comes before read.
func (r *reading) begin() error {
	l := r.l
	if err := l.fault; err != nil {
		l.fault = nil
		return *err
	}
	l.replied = false // who begins to read does not stop before something has come
	l.conn.Release()  // what handlers have replied on the goroutine before
	r.held = false
	return nil
}

// read hands out packet after packet until one has a handler to be run inline,
// or the stream ends, breaks or has a packet that ends the session, or the token
// is to go. It is the same for both roles, but that a caller gets no handler.
//
// req: TP-SESS-002
func (r *reading) read() (inline *handlerCtx, err error) {
	l := r.l
	for {
		if r.lead != nil && r.lead.served() {
			return nil, errLed
		}
		waits, hooked := !l.conn.Buffered(), r.hooked()
		if r.held && (waits || hooked) {
			l.conn.Release() // what handlers have replied on this one
			r.held = false
		}
		if hooked {
			if err := r.headerHook(); err != nil {
				return nil, err
			}
		}
		if waits {
			l.wary = false
			if r.lead == nil && l.replied && l.mayLead() && l.letGo() {
				r.gone = true
				return nil, errIdle
			}
			l.park.waits.Add(1)
			if l.conn.WaitPacket() != nil { // interrupted
				if r.lead == nil && l.parkNow() {
					r.gone = true
					return nil, errIdle
				}
				continue
			}
		}
		in := packet.GetPacket()
		err := l.conn.ReadPacket(in)
		l.headed = false
		if err != nil && !spoilsBodyOnly(err) {
			packet.PutPacket(in)
			return nil, err
		}
		r.held = true
		kept, inline, err := r.dispatch(in, rerrorOfBody(err))
		if !kept {
			packet.PutPacket(in)
		}
		if inline != nil || err != nil {
			return inline, err
		}
	}
}

// hooked says that PreReadHeader is to run, once for each packet.
func (r *reading) hooked() bool {
	return !r.l.headed && len(r.l.sess.peer.plugins.hooks().preReadHeader) > 0
}

// headerHook runs PreReadHeader: the one hook that holds the reader, for that is
// what it is for. It never holds a caller.
func (r *reading) headerHook() error {
	p := r.l.sess.peer
	if r.lead != nil {
		return errPass
	}
	ctx := &handlerCtx{sess: r.l.sess, link: r.l}
	if rerr := guard("PreReadHeader", func() *Rerror { return p.plugins.preReadHeader(ctx) }); rerr != nil {
		return rerr
	}
	r.l.headed = true
	return nil
}

// runInline runs a handler on the goroutine that reads. errTaken says that the
// token was lost meanwhile.
func (r *reading) runInline(c *handlerCtx) error {
	l := r.l
	l.inside.Store(c.pace())
	if l.callback.Load() {
		l.callback.Store(false)
	}
	c.timed = c.pace().due()
	c.turn = l.token.enter()
	l.sess.peer.watch.observe(l)
	returned := false
	defer func() {
		if !returned { // runtime.Goexit: this goroutine is no reader any more
			r.gone = true
			if l.token.leave(c.turn) {
				l.sess.start(l)
			}
			l.conn.Release()
		}
	}()
	c.serve()
	returned = true
	if l.token.leave(c.turn) {
		return nil
	}
	r.gone = true
	l.conn.Release() // the reply may have come after the one who reads now had looked
	return errTaken
}

// pace is the handler's, or that of the header hooks before it is known whose it is.
func (c *handlerCtx) pace() *pace {
	if c.handler != nil {
		return &c.handler.pace
	}
	return &c.sess.peer.headerPace
}

// takeOver takes the token out of the handler that it was in at state s and
// starts another goroutine that reads.
func (l *link) takeOver(s tokenState) bool {
	if !l.token.steal(s) {
		return false
	}
	l.sess.start(l)
	return true
}

// ensureReader sees to it that somebody reads.
func (l *link) ensureReader() {
	if l.token.take() {
		l.sess.start(l)
	}
}

// mayLead says whether callers may read while they wait. A hook that holds the
// reader must not hold them.
func (l *link) mayLead() bool {
	return l.inlines && l.conn.Interrupts() && len(l.sess.peer.plugins.hooks().preReadHeader) == 0
}

// servingFor is how many REPLYs must come in a row before a link is one on which
// the other side calls nothing: its PULLs would wait for the watch.
const servingFor = 64

// letGo frees the token where nobody needs a reader for the moment; if false the
// goroutine still has it.
func (l *link) letGo() bool {
	if l.serving > 0 || l.fault != nil || l.left || l.draining.Load() || l.conn.Buffered() || l.pending.len() > 0 {
		return false
	}
	l.token.free()
	if (l.pending.len() > 0 || l.ending.Load() || l.draining.Load()) && l.token.take() {
		return false // somebody came, and found the token held
	}
	l.sess.peer.watch.observe(l)
	return true
}
