package tp

import (
	"context"
	"errors"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// This file is the orderly end of a link: how the side that was dialed asks the
// other to go, and how that one goes, so that no call is lost between them.

// closingUri names the PUSH that announces the end of a session. The engine
// itself takes it: no router and no hook sees it.
const closingUri = "/teleport/closing"

// closingWait is how long a closing peer waits for the other side to say
// something, or to end its stream, when it has nothing to do itself.
const closingWait = time.Second

var errOtherCloses = errors.New("the other side is closing the session")

// announces says whether this side asks the other to go. Only who dialed can
// dial again, so only the other side asks; what Teleport v3 sent was nothing.
func (s *session) announces() bool { return !s.dialed && !s.peer.cfg.V3Compat }

// announce tells the other side that the session is being closed, and serves
// what it still sends, until it has ended its stream, or is silent while nothing
// runs here, or the time is over.
//
// req: TP-SESS-041, TP-SESS-042
func (l *link) announce(ctx context.Context) {
	before := l.tasks.count()
	out := packet.NewPacket()
	out.SetPtype(packet.TypePush)
	out.SetSeq(l.sess.pushSeq.Add(1) - 1)
	out.SetUri(closingUri)
	out.SetBodyCodec(codec.JSONId)
	out.SetBody(jsonNull()) // deployed v3 peers are uneasy about empty bodies
	if _, err := l.conn.WritePacket(ctx, out); err != nil {
		return // nobody listens, or the link is ending
	}
	quiet := time.NewTimer(closingWait)
	defer quiet.Stop()
	for {
		select {
		case <-l.down.wait():
			return
		case <-ctx.Done():
			return
		case <-quiet.C:
			now := l.tasks.count()
			if now == before && l.tasks.isIdle() {
				return
			}
			before = now
			quiet.Reset(closingWait)
		}
	}
}

// otherCloses is what the reader does about an announcement: no new calls on
// this link, and an end of it once the old ones have ended. It returns errLeft
// where the session goes on with another link.
//
// req: TP-SESS-043
func (l *link) otherCloses() error {
	if l.left || l.leaving.Load() {
		return nil
	}
	s := l.sess
	if s.cur.Load() != l {
		return nil // this side closes already, or the link ends
	}
	l.leaving.Store(true)
	again := s.down(l, errOtherCloses)
	s.startDrain(l, errOtherCloses)
	if !again {
		return nil
	}
	l.left = true
	return errLeft
}

// errLeft makes the session's goroutine go to the next link while another one
// reads the rest of this.
var errLeft = errors.New("the link is left")

// leaveOrderly waits until own calls have their replies and handlers have
// replied, then ends the sending half: that tells the other side that nothing
// more comes. It then waits for the other side's end. Once this side closes the
// session, too, CloseTimeout bounds all that.
//
// req: TP-SESS-043
func (l *link) leaveOrderly() {
	s := l.sess
	stop := s.stop.wait()
	var timeout <-chan time.Time
	for done := false; !done; {
		wait := l.pending.drained()
		if isClosed(wait) {
			wait = l.tasks.drained()
			done = isClosed(wait) && l.pending.closeEmpty()
		}
		select {
		case <-wait:
		case <-stop:
			stop = nil
			var cancel func() bool
			timeout, cancel = after(s.peer.cfg.CloseTimeout)
			defer cancel()
		case <-timeout:
			l.end(errOtherCloses)
			return
		case <-l.down.wait():
			return
		}
	}
	ctx, cancel := s.flushContext()
	defer cancel()
	if l.conn.CloseWrite(ctx) == nil {
		select {
		case <-l.down.wait():
		case <-ctx.Done():
		}
	}
	l.end(errOtherCloses)
}

// closeOrderly ends the sending half and waits a moment for the other side to
// end, too: a connection closed while something unread is in it is reset, and
// takes the last replies with it.
func (l *link) closeOrderly(cause error) {
	ctx, cancel := l.sess.flushContext()
	defer cancel()
	err := l.conn.CloseWrite(ctx)
	if err == nil && !l.halfClosed.Load() {
		patience := time.NewTimer(closingWait)
		defer patience.Stop()
		select {
		case <-l.down.wait():
		case <-patience.C:
		}
	}
	if err != nil && !errors.Is(err, errors.ErrUnsupported) {
		Debugf("session %s: packets are lost: %s", logText(l.sess.Id()), logText(err.Error()))
	}
	l.end(cause)
}

func isClosed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// closeEmpty refuses calls from now on if none waits; false if one does.
func (t *pendingTable) closeEmpty() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = t.closed || t.len() == 0
	return t.closed
}

// count is the number of handlers admitted so far.
func (f *inflight) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.entered
}

func (f *inflight) isIdle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.all == 0
}
