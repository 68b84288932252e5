package tp

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/socket"
)

// parking has links that nothing comes on for long wait without a goroutine: one
// for all of a peer waits in their place (socket.Parker). Every
// PeerConfig.ParkAfter it looks for links whose reader has waited since the look
// before, as long as there is one that could be found.
type parking struct {
	parker socket.Parker
	mu     sync.Mutex  // guards timer
	timer  *time.Timer // of the next look; nil: none is due
}

// expect has a look taken after ParkAfter: a link has a goroutine that reads.
func (k *parking) expect(p *Peer) {
	after := p.cfg.ParkAfter
	if after <= 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer == nil {
		k.timer = time.AfterFunc(after, func() { k.look(p) })
	}
}

// look asks the readers that have waited for long to park their links.
func (k *parking) look(p *Peer) {
	k.mu.Lock()
	k.timer = nil
	k.mu.Unlock()
	again := false
	for _, s := range p.allSessions() {
		if l := s.cur.Load(); l != nil && l.idleSince() {
			again = true
		}
	}
	if again && !isClosed(p.closed) {
		k.expect(p)
	}
}

// end takes back the next look.
func (k *parking) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
}

// idleSince asks the link's reader to park it if it has waited since the last
// look. again says that the link is to be looked at once more.
func (l *link) idleSince() (again bool) {
	if !l.conn.Interrupts() || l.park.isDone.Load() {
		return false
	}
	waits := l.park.waits.Load()
	if waits != l.park.seen || waits == l.park.refused.Load() || !l.token.load().is(tokenHeld) {
		l.park.seen = waits
		return true
	}
	l.park.wanted.Store(true)
	l.conn.Interrupt()
	return true
}

// parkState is a link's part in the parking.
type parkState struct {
	waits   atomic.Uint32 // how often its readers have begun to wait
	seen    uint32        // at the last look, whose field this is
	refused atomic.Uint32 // the wait that could not be handed over: of half a frame, or any of such a connection
	wanted  atomic.Bool   // its reader is to park it
	isDone  atomic.Bool   // it is parked
}

// parkNow hands the link, with its token, to the peer's Parker, if that was
// asked for.
func (l *link) parkNow() bool {
	if !l.park.wanted.Load() || !l.park.wanted.CompareAndSwap(true, false) {
		return false
	}
	l.park.isDone.Store(true)
	if l.sess.peer.parking.parker.Park(l.conn, l.unparked) {
		return true
	}
	l.park.isDone.Store(false)
	l.park.refused.Store(l.park.waits.Load() + 1)
	return false
}

// unparked goes on reading: something has come, or the end.
func (l *link) unparked() {
	l.park.isDone.Store(false)
	l.sess.start(l)
}
