package tp

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

// SessionState names what happened to a session.
type SessionState uint8

// What happens to a session, in this order; lost to connected repeats with each redial.
const (
	// SessionConnected: a connection stands and its handshake is through.
	SessionConnected SessionState = iota + 1
	// SessionLost: the connection ended, and this side did not end it.
	SessionLost
	// SessionRedialing: the session is about to dial again, after SessionEvent.Wait.
	SessionRedialing
	// SessionGaveUp: PeerConfig.RedialTimes attempts were in vain.
	SessionGaveUp
	// SessionClosed: the session is over. It comes once, and last.
	SessionClosed
)

var sessionStates = [...]string{"", "connected", "lost", "redialing", "gave up", "closed"}

// String returns "connected", "lost", "redialing", "gave up" or "closed".
func (s SessionState) String() string {
	if int(s) < len(sessionStates) && s > 0 {
		return sessionStates[s]
	}
	return "SessionState(" + strconv.Itoa(int(s)) + ")"
}

// SessionEvent is one change of a session. Events of one session come in
// order.
type SessionEvent struct {
	State   SessionState
	Session Session   // for its Public and the like; after SessionClosed it takes no calls
	Id      string    // of the session, when it happened
	Time    time.Time // when it happened

	Attempt int           // SessionRedialing, SessionConnected, SessionGaveUp: which attempt since a connection last held; 0 for the first connection
	Wait    time.Duration // SessionRedialing: how long until the attempt
	Cause   error         // SessionLost, SessionGaveUp, SessionClosed: why

	// What the session has lost so far; with SessionClosed, in all.
	PullsFailed   uint64   // own PULLs that a lost or missing connection has ended, with 102 or 104
	UnsentPackets int      // packets that were accepted for sending and did not leave: replies, PUSHes, PULLs
	UnsentBytes   int      // their size on the wire
	UnsentPushes  []string // "seq uri" of the PUSHes among them, the last 32 at most of each connection, 256 in all

	// Missed is how many events of all sessions the subscription has dropped
	// for lack of room since the one before.
	Missed uint64
}

// Subscription is a stream of session events: see Peer.Subscribe.
type Subscription struct {
	hub *eventHub

	mu     sync.Mutex // guards what follows; a send under it never waits
	ch     chan SessionEvent
	missed uint64 // since the last event that had room
	total  uint64
	closed bool
}

// Events returns the channel of the events. Close closes it.
func (s *Subscription) Events() <-chan SessionEvent { return s.ch }

// Missed returns how many events were dropped because the channel was full.
func (s *Subscription) Missed() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Close ends the subscription and closes its channel. It may be called more than once.
func (s *Subscription) Close() {
	s.hub.remove(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.ch)
	}
}

func (s *Subscription) send(ev SessionEvent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	ev.Missed = s.missed
	select {
	case s.ch <- ev:
		s.missed = 0
	default:
		s.missed++
		s.total++
	}
}

// eventHub knows who subscribed to a peer's events.
type eventHub struct {
	mu   sync.Mutex // guards subs, which is replaced, not changed
	subs []*Subscription
}

func (h *eventHub) add(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs = append(slices.Clone(h.subs), s)
}

func (h *eventHub) remove(s *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs = slices.DeleteFunc(slices.Clone(h.subs), func(o *Subscription) bool { return o == s })
}

func (h *eventHub) all() []*Subscription {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.subs
}

// Subscribe returns the events of the peer's sessions from now on, in a channel
// that holds as many as buffer says (at least 1). The peer never waits for it:
// an event for which there is no room is dropped and counted. Close it when it
// is no longer read.
func (p *Peer) Subscribe(buffer int) *Subscription {
	s := &Subscription{hub: &p.events, ch: make(chan SessionEvent, max(buffer, 1))}
	p.events.add(s)
	return s
}

// tell makes an event of the session known. It never waits.
func (s *session) tell(ev SessionEvent) {
	p := s.peer
	subs := p.events.all()
	if len(subs) == 0 && p.cfg.Metrics == nil {
		return
	}
	ev.Session, ev.Id, ev.Time = s, s.Id(), time.Now()
	ev.PullsFailed = s.pullsFailed.Load()
	lost := s.unsentNow()
	ev.UnsentPackets, ev.UnsentBytes, ev.UnsentPushes = lost.frames, lost.bytes, lost.pushes
	p.meterSession(ev)
	for _, sub := range subs {
		sub.send(ev)
	}
}

// tellLost tells that the link ended, where this side did not end it.
func (s *session) tellLost(l *link) {
	s.mu.Lock()
	cause := l.lost
	s.mu.Unlock()
	if cause != nil {
		s.tell(SessionEvent{State: SessionLost, Cause: *cause})
	}
}

// unsentNow adds up what the session's connections that are over did not send.
// A write that was under way when its connection ended makes it less than all,
// for some of it may have left.
func (s *session) unsentNow() lostPushes {
	s.mu.Lock()
	all, links := s.keptLocked().unsent, s.links
	s.mu.Unlock()
	all.pushes = slices.Clone(all.pushes)
	for _, l := range links {
		if l.down.isFired() {
			all.add(l)
		}
	}
	return all
}
