package tp

import (
	"runtime"
	"sync"
	"time"
)

// watch is a peer's look at the links whose token is inside a handler, or free:
// twice in each PeerConfig.MaxInlineTime it looks whether that has lasted since
// the look before, and then gives the link a goroutine that reads, or offers it
// one. It costs nothing while there is no such link.
type watch struct {
	mu    sync.Mutex // guards what follows
	links []*link
	spare []*link       // the slice of the round before
	stop  chan struct{} // closed by end; nil while nobody looks
	over  chan struct{} // closed when the rounds are over
	ended bool          // no link of the peer is left
}

// observe has the link looked at, as its token is free or inside a handler.
func (w *watch) observe(l *link) {
	if l.token.watched.Load() || !l.token.watched.CompareAndSwap(false, true) {
		return
	}
	w.mu.Lock()
	w.links = append(w.links, l)
	begin := w.stop == nil && !w.ended
	if begin {
		w.stop, w.over = make(chan struct{}), make(chan struct{})
	}
	stop, over := w.stop, w.over
	w.mu.Unlock()
	if begin {
		go w.run(max(l.sess.peer.cfg.MaxInlineTime/2, time.Microsecond), stop, over)
	}
}

// run looks round after round. Owner: the peer; end: nothing to look at, or end.
func (w *watch) run(pause time.Duration, stop, over chan struct{}) {
	defer close(over)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-stop:
		}
		w.mu.Lock()
		links := w.links
		w.links, w.spare = w.spare[:0], nil
		if len(links) == 0 {
			w.stop = nil
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		timer.Reset(pause)
		for _, l := range links {
			if l.overdue() {
				w.keep(l)
			}
		}
		clear(links)
		w.mu.Lock()
		w.spare = links
		w.mu.Unlock()
	}
}

// end ends the rounds once no link is left that could need them, and gives a
// channel that is closed then.
func (w *watch) end() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.stop == nil {
		return closedChan()
	}
	if !isClosed(w.stop) {
		close(w.stop)
	}
	return w.over
}

// keep has a link that is on the list looked at again.
func (w *watch) keep(l *link) {
	w.mu.Lock()
	w.links = append(w.links, l)
	w.mu.Unlock()
}

// overdue looks at a link's token, and starts a reader where it was inside one
// handler at the last look too; where it was free, one that reads if nobody else
// does by then. again says that the link stays on the list.
//
// req: TP-SESS-019
func (l *link) overdue() (again bool) {
	t := &l.token
	s := t.load()
	switch {
	case s.is(tokenHeld), s.is(tokenOffered):
	case t.seen != uint32(s):
		t.seen = uint32(s)
		return true
	case s.is(tokenFree):
		if offer := s.after(tokenOffered); t.change(s, offer) {
			l.sess.startFor(l, offer)
		}
	default:
		inside := l.inside.Load() // of this handler, where the token is still in there
		if t.steal(s) {
			inside.overstayed()
			l.wary = true
			l.sess.start(l)
		}
	}
	t.watched.Store(false)
	if s = t.load(); s.is(tokenHeld) || s.is(tokenOffered) {
		return false
	}
	return t.watched.CompareAndSwap(false, true) // else somebody has put it on the list meanwhile
}

// accept takes the token that was offered to this goroutine, unless somebody reads
// by the time that it has its turn, behind those that wait for theirs: where they
// are many, the caller that will read itself is among them.
//
// A reader that is started for each call costs more than it saves. So it stays for
// some replies: for more each time that no caller has come, for less as callers do.
func (l *link) accept(offer tokenState) bool {
	runtime.Gosched()
	if !l.token.change(offer, offer.after(tokenHeld)) {
		return false
	}
	l.stay = min(max(2*l.stay, 1), servingFor)
	l.serving = l.stay
	return true
}
