package tp

import (
	"sync"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// inflight counts the tasks of one link: handlers, which are bounded, and the
// handling of replies, which the pending calls bound.
type inflight struct {
	mu      sync.Mutex // guards what follows; held for the counting only
	all     int32      // tasks
	slots   int32      // of them handlers
	sealed  bool       // no more handlers
	held    int        // bytes of the packets that the handlers were given
	entered int        // handlers so far
	idle    chan struct{}
}

// admission is the answer of enter.
type admission uint8

const (
	admitted   admission = iota
	noCapacity           // as many handlers run as may
	noMemory             // they hold as many bytes as they may
	closing              // sealed
)

// enter admits a handler of a packet of n bytes, where no more than max run and
// no more than room bytes are held: one packet is always let in. Each admitted
// one must leave, with as many.
//
// req: TP-LIM-007, TP-LIM-014
func (f *inflight) enter(n, max, room int) admission {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.sealed:
		return closing
	case int(f.slots) >= max:
		return noCapacity
	case f.held > 0 && f.held+n > room:
		return noMemory
	}
	f.slots++
	f.held += n
	f.all++
	f.entered++
	return admitted
}

// enterReply admits the handling of a REPLY, sealed or not.
func (f *inflight) enterReply() {
	f.mu.Lock()
	f.all++
	f.mu.Unlock()
}

// leave ends a task, of a packet of n bytes where it is a handler. last is true
// when nothing runs any more after the seal.
func (f *inflight) leave(handler bool, n int) (last bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all--
	if handler {
		f.slots--
		f.held -= n
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

// handlers counts the handlers that run, and the bytes of their packets.
func (f *inflight) handlers() (n, bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return int(f.slots), f.held
}

// heldBytes is what a handler's packet takes of memory: the body with its pipe
// undone, the uri and the metadata.
func heldBytes(in *packet.Packet) int {
	n := len(in.RawBody()) + len(in.Uri())
	if in.Meta().Len() > 0 {
		in.Meta().VisitAll(func(k, v []byte) { n += len(k) + len(v) })
	}
	return n
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
