package tp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// link is one connection of a session: what breaks, and is replaced by a
// redial. Calls and handlers belong to the link that carried them.
type link struct {
	sess    *session
	conn    *socket.Conn
	pending pendingTable
	tasks   *inflight
	pushes  pushLog

	halfClosed atomic.Bool   // the other side has closed its sending half: finish when idle
	ending     atomic.Bool   // end has begun
	down       chan struct{} // closed when end is done
	packets    int           // read so far; the reader's
}

// newLink makes a link of a connection that the session owns from then on.
func (s *session) newLink(nc net.Conn, pf packet.ProtoFunc) *link {
	cfg := &s.peer.cfg
	l := &link{sess: s, tasks: &inflight{max: cfg.MaxHandlers}, down: make(chan struct{})}
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
	l.conn.OnWriteError(l.end)
	s.addLink(l)
	return l
}

// write encodes and accepts a packet; it may wait for room in the queue. A body
// whose own methods panic is an encoding error like any other.
func (l *link) write(p *packet.Packet) (t socket.Ticket, err error) {
	defer encodingPanic(p, &err)
	return l.conn.WritePacket(context.Background(), p)
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
	select {
	case <-l.down:
		select {
		case <-l.tasks.drained():
			return true
		default:
		}
	default:
	}
	return false
}

// serve reads until the stream ends or breaks. It runs on the session's one
// reading goroutine and never waits for a handler, a slot or the wire. A fault
// ends this link and nothing else, without waiting for its handlers.
//
// req: TP-LIM-006, TP-SESS-020, TP-SESS-040
func (l *link) serve() {
	err := l.read()
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		l.halfClose()
		return
	}
	l.end(err)
	<-l.down // a failed flush may have been faster and be at it still
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
	}
}

// leave ends a task; the last one of a half-closed link ends the link.
func (l *link) leave(handler bool) {
	if l.tasks.leave(handler) && l.halfClosed.Load() {
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
	l.tasks.seal()
	close(l.down)
}

// lose ends a call that the link took down with it, or keeps it for the next
// link where it provably was not sent. The caller took it from the table.
//
// req: TP-SESS-029
func (l *link) lose(cmd *PullCmd, again bool, cause error) {
	if cmd.state.CompareAndSwap(launchWriting, launchOrphaned) {
		return // its own goroutine comes back from WritePacket and sees to it
	}
	switch {
	case !l.conn.Untouched(cmd.ticket):
		cmd.end(newCodeRerror(CodeConnClosed, causeText(cause)))
	case again && l.sess.keep(cmd):
	default:
		cmd.end(newCodeRerror(CodeWriteFailed, "never sent: "+causeText(cause)))
	}
}
