package tp

import "sync/atomic"

// doneSignal is an event that happens once and may be waited for: a channel that is
// made when somebody waits. There are several in each session, and most never
// have anybody who waits. The zero value works.
type doneSignal struct{ ch atomic.Pointer[chan struct{}] } // nil: nobody waits

// fired stands for the channel when the event has happened: one that is closed
// already is made for each who asks then, as a synctest bubble can share none.
var fired = new(chan struct{})

// fire lets everybody go on who waits, now or later; false when it has before.
func (s *doneSignal) fire() bool {
	ch := s.ch.Swap(fired)
	if ch != nil && ch != fired {
		close(*ch)
	}
	return ch != fired
}

// wait gives a channel that is closed with the event.
func (s *doneSignal) wait() <-chan struct{} {
	for {
		switch ch := s.ch.Load(); ch {
		case nil:
			fresh := make(chan struct{})
			if s.ch.CompareAndSwap(nil, &fresh) {
				return fresh
			}
		case fired:
			return closedChan()
		default:
			return *ch
		}
	}
}

// isFired says whether it has happened.
func (s *doneSignal) isFired() bool { return s.ch.Load() == fired }
