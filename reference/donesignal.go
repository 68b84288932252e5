package tp

import "sync"

// doneSignal is an event that happens once and may be waited for: a channel that is
// made when somebody waits. There are several in each session, and most never
// have anybody who waits. The zero value works.
type doneSignal struct {
	mu    sync.Mutex // guards what follows
	fired bool
	ch    chan struct{}
}

// fire lets everybody go on who waits, now or later; false when it has before.
func (s *doneSignal) fire() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fired {
		return false
	}
	s.fired = true
	if s.ch != nil {
		close(s.ch)
	}
	return true
}

// wait gives a channel that is closed with the event.
func (s *doneSignal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
		if s.fired {
			close(s.ch)
		}
	}
	return s.ch
}

// isFired says whether it has happened.
func (s *doneSignal) isFired() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fired
}
