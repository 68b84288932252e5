package tp

import "sync"

// inflight counts the tasks of one link: handlers, which are bounded, and the
// handling of replies, which the pending calls bound.
type inflight struct {
	mu     sync.Mutex // guards what follows; held for the counting only
	all    int        // tasks
	slots  int        // of them handlers
	max    int        // of slots
	sealed bool       // no more handlers
	idle   chan struct{}
}

// admission is the answer of enter.
type admission uint8

const (
	admitted   admission = iota
	noCapacity           // as many handlers run as may
	closing              // sealed
)

// enter admits a handler. Each admitted one must leave.
//
// req: TP-LIM-007
func (f *inflight) enter() admission {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.sealed:
		return closing
	case f.slots >= f.max:
		return noCapacity
	}
	f.slots++
	f.all++
	return admitted
}

// enterReply admits the handling of a REPLY, sealed or not.
func (f *inflight) enterReply() {
	f.mu.Lock()
	f.all++
	f.mu.Unlock()
}

// leave ends a task. last is true when nothing runs any more after the seal.
func (f *inflight) leave(handler bool) (last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all--
	if handler {
		f.slots--
	}
	if f.all > 0 {
		return false
	}
	if f.idle != nil {
		close(f.idle)
		f.idle = nil
	}
	return f.sealed
}

// seal refuses handlers from now on. empty is true when nothing runs.
func (f *inflight) seal() (empty bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sealed = true
	return f.all == 0
}

// drained gives a channel that is closed when nothing runs, now or later.
func (f *inflight) drained() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.all == 0 {
		return closedChan()
	}
	if f.idle == nil {
		f.idle = make(chan struct{})
	}
	return f.idle
}

// closedChan returns a new closed channel: not one for the package, which a
// synctest bubble could not share.
func closedChan() <-chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}
