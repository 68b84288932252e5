package tp

import "sync/atomic"

// readToken is the right to read a link: one goroutine at a time has it. That is the
// session's own goroutine (session.run), or a caller that waits for its reply
// and reads meanwhile (call.lead), or nobody for a moment, between two calls: if
// that lasts, the watch offers it to a goroutine that it starts (link.accept).
// The session's goroutine takes it along into a short handler that it runs
// itself; whoever finds it in there for too long takes it away (watch), and the
// goroutine that has lost it goes on as that handler's alone.
//
// What else the reader owns, the unread bytes and the link's fields that say so,
// changes hands with it.
//
// One word tells all: the kind in its last two bits, and above them a number
// that grows with each change, so that a state seen twice has lasted.
type readToken struct {
	state   atomic.Uint64
	watched atomic.Bool // on the peer's watch list
	seen    uint32      // the state's last bits at the last round of the watch, whose field this is
}

// tokenState is a state of a token: its kind and its number.
type tokenState uint64

// Kinds of state.
const (
	tokenFree    tokenState = iota // nobody reads
	tokenHeld                      // somebody reads, or is about to
	tokenInside                    // who would read is inside a handler
	tokenOffered                   // nobody reads, and a goroutine is on its way that will, if nobody else does before
	tokenKind    tokenState = 3
	tokenNext    tokenState = 4
)

func (s tokenState) is(kind tokenState) bool { return s&tokenKind == kind }

// after is the next state, of that kind.
func (s tokenState) after(kind tokenState) tokenState { return s&^tokenKind + tokenNext + kind }

func (t *readToken) load() tokenState { return tokenState(t.state.Load()) }

func (t *readToken) change(from, to tokenState) bool {
	return t.state.CompareAndSwap(uint64(from), uint64(to))
}

// take takes the token if nobody reads.
func (t *readToken) take() bool {
	s := t.load()
	return (s.is(tokenFree) || s.is(tokenOffered)) && t.change(s, s.after(tokenHeld))
}

// free gives the token up; only its holder may, outside of handlers.
func (t *readToken) free() { t.state.Store(uint64(t.load().after(tokenFree))) }

// enter takes the token into a handler; the state that it gives is for leave.
func (t *readToken) enter() tokenState {
	s := t.load().after(tokenInside)
	t.state.Store(uint64(s))
	return s
}

// leave brings the token back from a handler; false when it was lost in there.
func (t *readToken) leave(s tokenState) bool { return t.change(s, s.after(tokenHeld)) }

// steal takes the token from the handler that it was in at state s; false when
// it is not there any more.
func (t *readToken) steal(s tokenState) bool { return s.is(tokenInside) && t.leave(s) }
