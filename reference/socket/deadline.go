package socket

import (
	"net"
	"sync/atomic"
	"time"
)

// readClock puts the read timeouts on a connection's read deadline. All but the
// durations belongs to the goroutine that reads. Where no timeout is set it never
// touches the deadline.
type readClock struct {
	idle, frame atomic.Int64              // nanoseconds, 0: none
	waiting     atomic.Bool               // a read waits under the idle timeout
	armed       atomic.Bool               // the deadline in force is ours
	stop        atomic.Bool               // interrupt was called, and nobody was interrupted yet
	stops       atomic.Bool               // interrupt was called at all: its deadline may come late
	begun       *begun                    // nil: neither of them is set
	changed     atomic.Pointer[time.Time] // when the idle timeout was changed during a wait
}

// begun is when things have begun, zero while they have not: apart, because it
// takes a timeout to matter.
type begun struct {
	wait  time.Time // that the timeout counts from
	frame time.Time // that is not whole yet
}

// neither is what a clock has without a begun. It is only read.
var neither begun

func (k *readClock) was() *begun {
	if k.begun == nil {
		return &neither
	}
	return k.begun
}

func (k *readClock) setWait(t time.Time) {
	if k.begun != nil {
		k.begun.wait = t
	} else if !t.IsZero() {
		k.begun = &begun{wait: t}
	}
}

// longAgo is a deadline that has passed on any clock.
var longAgo = time.Unix(1, 0)

// lateStops bounds how often in a row the deadline of an interrupt that was
// taken already is believed to have come late.
const lateStops = 100

// interrupt ends the wait of the goroutine that reads.
func (k *readClock) interrupt(nc net.Conn) {
	k.stops.Store(true)
	k.stop.Store(true)
	nc.SetReadDeadline(longAgo)
}

// takeStop takes an interrupt away, and its deadline. The deadline of one that
// comes at the same time may be set later: early knows it when it sees it.
func (k *readClock) takeStop(nc net.Conn) bool {
	if !k.stop.Load() {
		return false
	}
	nc.SetReadDeadline(time.Time{})
	k.armed.Store(false)
	return k.stop.Swap(false)
}

// duration gives the timeout in force.
func (k *readClock) duration(begun bool) time.Duration {
	if begun {
		if d := k.frame.Load(); d > 0 {
			return time.Duration(d)
		}
	}
	return time.Duration(k.idle.Load())
}

// start begins a wait for bytes: of a frame that has begun, or of the next.
func (k *readClock) start(begun bool) {
	switch {
	case begun && k.frame.Load() > 0:
		if k.was().frame.IsZero() {
			now := time.Now()
			k.setWait(now)
			k.begun.frame = now
		}
		k.begun.wait = k.begun.frame
	case k.idle.Load() > 0 && k.was().wait.IsZero():
		k.setWait(time.Now())
	}
}

// arrived ends a wait that was not interrupted: the next one counts anew.
func (k *readClock) arrived() { k.setWait(time.Time{}) }

// done ends the frame.
func (k *readClock) done() {
	if k.begun != nil {
		k.begun.frame = time.Time{}
	}
}

// from is when the timeout in force began: with the wait, or with its change.
func (k *readClock) from(begun bool) time.Time {
	if t := k.changed.Load(); t != nil && t.After(k.was().wait) && !(begun && k.frame.Load() > 0) {
		return *t
	}
	return k.was().wait
}

// arm sets the deadline for the next read.
func (k *readClock) arm(nc net.Conn, begun bool) {
	k.waiting.Store(!begun || k.frame.Load() == 0)
	for {
		d := k.duration(begun)
		switch {
		case d > 0:
			if k.was().wait.IsZero() { // set while we were about to wait
				k.setWait(time.Now())
			}
			k.armed.Store(true)
			until := k.from(begun).Add(d)
			if !until.After(time.Now()) {
				until = longAgo // now, not with the next tick of a timer
			}
			nc.SetReadDeadline(until)
		case k.armed.Load() && k.armed.CompareAndSwap(true, false):
			nc.SetReadDeadline(time.Time{})
		}
		// setIdle may have run between our look and our call: look again.
		if k.duration(begun) == d {
			return
		}
	}
}

// early tells whether err is a deadline that was in force before the timeout
// was changed or started anew, or that of an interrupt that is over: the read
// has to be tried again. tries counts the times that it was in a row.
func (k *readClock) early(nc net.Conn, begun bool, err error, tries int) bool {
	k.waiting.Store(false)
	if err == nil || !isTimeout(err) || k.stop.Load() {
		return false
	}
	d := k.duration(begun)
	if d <= 0 || k.was().wait.IsZero() {
		if !k.stops.Load() || tries >= lateStops {
			return false
		}
		nc.SetReadDeadline(time.Time{})
		return true
	}
	return time.Since(k.from(begun)) < d
}

// setIdle changes the idle timeout, also of a read that waits now.
func (k *readClock) setIdle(nc net.Conn, d time.Duration) {
	d = max(d, 0)
	k.idle.Store(int64(d))
	if !k.waiting.Load() {
		return
	}
	now := time.Now()
	k.changed.Store(&now)
	if d > 0 {
		k.armed.Store(true)
		nc.SetReadDeadline(now.Add(d))
	} else if k.armed.CompareAndSwap(true, false) {
		nc.SetReadDeadline(time.Time{})
	}
	if k.stop.Load() { // its deadline must not be lost under ours
		nc.SetReadDeadline(longAgo)
	}
}
