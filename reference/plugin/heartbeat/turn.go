package heartbeat

import (
	"math"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// never is a time at which no packet came.
const never = math.MaxUint64

// record is what is known of a session.
type record struct {
	sess tp.Session
	seen atomic.Uint64 // the wheel's time of the last sign of life
	busy atomic.Bool   // a question is being written

	// Of the turn that looks at it.
	last  uint64 // what seen was at the last look
	asked bool   // since then

	place // the wheel's
}

// startLocked begins to turn the wheel.
func (h *Heartbeat) startLocked() {
	h.run++
	run := h.run
	h.due = time.Now().Add(h.tick)
	h.timer = time.AfterFunc(h.tick, func() { h.turn(run) })
}

// turn is one turn of the wheel. Turns follow each other and never overlap. One
// that comes late, because the process did not run, is one turn all the same:
// silence is counted in turns.
func (h *Heartbeat) turn(run uint64) {
	h.mu.Lock()
	if h.timer == nil || h.run != run {
		h.mu.Unlock()
		return
	}
	list := h.wheel.turn(func() int { return h.low + random(longestWait-h.low+1) })
	now := h.wheel.now
	h.turned.Store(now)
	h.mu.Unlock()

	for _, v := range list {
		h.look(v.r, now, v.next)
	}

	h.mu.Lock()
	defer h.mu.Unlock()
	if h.timer == nil || h.run != run {
		return
	}
	h.due = h.due.Add(h.tick)
	wait := time.Until(h.due)
	if wait <= 0 { // late: what was missed is not made up for
		wait = h.tick
		h.due = time.Now().Add(wait)
	}
	h.timer.Reset(wait)
}

// look decides about one session: it waits for nothing. next is when it will be
// looked at again.
func (h *Heartbeat) look(r *record, now, next uint64) {
	if !r.sess.Health() { // no connection just now, or it is being closed: nothing to ask
		r.seen.Store(now)
		r.last, r.asked = never, false
		return
	}
	seen := r.seen.Load()
	switch {
	case seen != r.last:
		r.last, r.asked = seen, false
	case next-seen > uint64(h.bound): // the next look would be too late
		h.dead(r, seen, now)
	case !r.asked && r.busy.CompareAndSwap(false, true):
		r.asked = true
		h.asked.Add(1)
		go h.ask(r)
	}
}

// ask sends the question. It may have to wait for room in the queue, or for the
// wire, so it has a goroutine of its own; it ends with the waiting, at the
// latest when the connection ends. What comes of the PULL is not looked at: that
// something comes is what counts.
func (h *Heartbeat) ask(r *record) {
	defer r.busy.Store(false)
	r.sess.AsyncPull(Uri, nil, nil, nil)
}

// dead ends the connection.
func (h *Heartbeat) dead(r *record, seen, now uint64) {
	// What comes next, a redialed connection, starts anew.
	if !r.seen.CompareAndSwap(seen, now) {
		return // it came to life just now
	}
	r.last, r.asked = never, false
	h.declared.Add(1)
	cause := &DeadError{Silence: time.Duration(now-seen) * h.tick}
	tp.Noticef("session %q: %s", r.sess.Id(), cause)
	if e, ok := r.sess.(tp.LinkEnder); ok {
		e.EndLink(cause)
		return
	}
	go r.sess.Close() // a Session of another make: Close may wait
}
