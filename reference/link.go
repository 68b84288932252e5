package tp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// link is one connection of a session: what breaks, and is replaced by a
// redial. Calls and handlers belong to the link that carried them.
type link struct {
	sess     *session
	conn     *socket.Conn
	token    readToken
	inside   atomic.Pointer[pace] // of the handler that has the token
	callback atomic.Bool          // the handler that has the token has asked for its session
	inlines  bool                 // short handlers run on the reader, and callers read while they wait
	again    bool                 // what down has said; guarded by the session's lock

	// What the reader owns: it changes hands with the token.
	left    bool   // the session goes on with another link
	good    bool   // something came before that, its end apart
	rest    bool   // a goroutine reads only what is left of it
	headed  bool   // PreReadHeader has run for the next packet
	replied bool   // the last packet was a REPLY to a caller that waits
	wary    bool   // a handler has just overstayed: what follows it may be like it
	serving int32  // how many REPLYs in a row make it a link of calls alone
	stay    int32  // the same for a reader that was started because no caller came; see accept
	fault   *error // what a caller that read has found, for the session's goroutine

	tasks   inflight
	pending pendingTable
	park    parkState
	pushes  atomic.Pointer[linkPushes]
	life    atomic.Pointer[linkLife]

	halfClosed atomic.Bool                // the other side has closed its sending half: finish when idle
	draining   atomic.Bool                // the link is to end: its token is not let go
	leaving    atomic.Bool                // the other side has announced its end
	ending     atomic.Bool                // end has begun
	down       doneSignal                 // end is done
	lost       *error                     // what ended the link, when it was not this side; guarded by sess.mu
	patience   atomic.Pointer[time.Timer] // of a half-closed link: its end is that of the handlers' contexts
}

// newLink makes a link of a connection that the session owns from then on.
func (s *session) newLink(nc net.Conn, pf packet.ProtoFunc) *link {
	cfg := &s.peer.cfg
	l := &link{sess: s}
	if err := socket.Tune(nc); err != nil {
		Debugf("socket settings for %s: %s", addrText(nc.RemoteAddr()), logText(err.Error()))
	}
	l.conn = socket.NewConn(nc, pf, socket.Options{
		Env:          s.peer.env,
		ReadTimeout:  s.ReadTimeout(),
		WriteTimeout: s.WriteTimeout(),
		FrameTimeout: cfg.FrameTimeout,
		MaxQueued:    cfg.MaxQueued,
	})
	l.inlines = cfg.MaxInlineTime > 0 && l.conn.Frames()
	l.token.state.Store(uint64(tokenHeld)) // for the goroutine that will begin to read
	l.conn.OnWriteError(l.end)
	s.addLink(l)
	return l
}

// write encodes and accepts a packet; it may wait for room in the queue, while
// ctx lasts. A body whose own methods panic is an encoding error like any other.
func (l *link) write(ctx context.Context, p *packet.Packet) (t socket.Ticket, err error) {
	defer encodingPanic(p, &err)
	return l.conn.WritePacket(ctx, p)
}

// hold is write without flush and without waiting, for a handler that has the
// token: who reads flushes before it waits.
func (l *link) hold(p *packet.Packet) (err error) {
	defer encodingPanic(p, &err)
	_, err = l.conn.HoldPacket(p)
	return err
}

// tryWrite is write for the reader: it never waits.
func (l *link) tryWrite(p *packet.Packet) (t socket.Ticket, err error) {
	defer encodingPanic(p, &err)
	return l.conn.TryWritePacket(p)
}

func encodingPanic(p *packet.Packet, err *error) {
	if r := recover(); r != nil {
		Errorf("panic while encoding a %T: %v\n%s", p.Body(), r, debug.Stack())
		*err = packet.PackError(packet.ClassBody, fmt.Errorf("encoding a %T panicked", p.Body()))
	}
}

func (l *link) isDone() bool {
	return l.down.isFired() && l.tasks.isIdle()
}

// ended is what the session's one reading goroutine does when read has returned:
// the stream has ended or is broken, or the token is gone. It never waits for a
// handler, a slot or the wire. A fault ends this link and nothing else, without
// waiting for its handlers.
//
// req: TP-LIM-006, TP-SESS-020, TP-SESS-040
func (r *reading) ended(err error) {
	l := r.l
	switch {
	case r.gone, err == errLeft:
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		l.halfClose()
	default:
		l.conn.Release() // what handlers have replied on this goroutine
		l.end(err)
		<-l.down.wait() // a failed flush may have been faster and be at it still
	}
}

// halfClose is what a clean end of stream does: no reply can come any more, so
// calls end; handlers go on and their replies are written.
//
// req: TP-SESS-022, TP-SESS-027, TP-SESS-028, TP-SESS-036
func (l *link) halfClose() {
	again := l.sess.down(l, io.EOF)
	for _, cmd := range l.pending.takeAll(true) {
		l.lose(cmd, again, io.EOF)
	}
	l.halfClosed.Store(true)
	if l.tasks.seal() {
		l.finish(io.EOF)
		return
	}
	// A process that was killed looks the same. Its handlers learn of the end when nobody can still be waiting.
	if d := l.sess.peer.cfg.CloseTimeout; d >= 0 {
		l.patience.Store(time.AfterFunc(d, func() { l.cancel(errHalfClosed) }))
		if l.ending.Load() { // meanwhile: end may not have seen the timer
			l.patience.Load().Stop()
		}
	}
}

// errHalfClosed is why a handler's context ends long after the other side has
// closed its sending half.
var errHalfClosed = errors.New("the other side closed its sending half, and has waited for longer than CloseTimeout")

// leave ends a task, of a packet of n bytes; the last one of a half-closed link
// ends the link.
func (l *link) leave(handler bool, n int) {
	if l.tasks.leave(handler, n) && l.halfClosed.Load() {
		l.finish(io.EOF)
	}
}

// finish writes what is queued, then ends the link.
func (l *link) finish(cause error) {
	ctx, cancel := l.sess.flushContext()
	defer cancel()
	if err := l.conn.Flush(ctx); err != nil {
		Debugf("session %s: replies are lost: %s", logText(l.sess.Id()), logText(err.Error()))
	}
	l.end(cause)
}

// end ends the link, once, the first cause wins: no new calls, the connection
// is closed, what is pending fails. It waits for nothing, so that it may be
// called from a handler, the reader or a flusher.
//
// req: TP-SESS-022, TP-SESS-023
func (l *link) end(cause error) {
	if !l.ending.CompareAndSwap(false, true) {
		return
	}
	again := l.sess.down(l, cause)
	if err := l.conn.Close(); err != nil {
		Tracef("close %s: %s", logText(l.sess.Id()), logText(err.Error()))
	}
	for _, cmd := range l.pending.takeAll(true) {
		l.lose(cmd, again, cause)
	}
	l.cancel(cause)
	if t := l.patience.Load(); t != nil {
		t.Stop()
	}
	l.tasks.seal()
	l.down.fire()
	l.ensureReader() // the session's goroutine has to see the end
}

// lose ends a call that the link took down with it, or keeps it for the next
// link where it provably was not sent. The caller took it from the table.
//
// req: TP-SESS-029
func (l *link) lose(cmd *call, again bool, cause error) {
	if cmd.state.CompareAndSwap(launchWriting, launchOrphaned) {
		return // its own goroutine comes back from WritePacket and sees to it
	}
	switch {
	case !l.conn.Untouched(cmd.ticket):
		cmd.end(newCodeRerror(CodeConnClosed, causeText(cause)))
	case again && l.sess.keep(cmd):
		cmd.endKept() // if its caller gave up on the way here
	default:
		cmd.end(newCodeRerror(CodeWriteFailed, "never sent: "+causeText(cause)))
	}
}
