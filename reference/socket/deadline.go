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
	nc          net.Conn
	idle, frame atomic.Int64 // nanoseconds, 0: none
	waiting     atomic.Bool  // a read waits under the idle timeout
	armed       atomic.Bool  // the deadline in force is ours
	since       time.Time    // when the wait began that the timeout counts from
	frameSince  time.Time    // when the frame was found begun, zero between frames
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
	k.since = time.Time{}
	switch {
	case begun && k.frame.Load() > 0:
		if k.frameSince.IsZero() {
			k.frameSince = time.Now()
		}
		k.since = k.frameSince
	case k.idle.Load() > 0:
		k.since = time.Now()
	}
}

// done ends the frame.
func (k *readClock) done() {
	if !k.frameSince.IsZero() {
		k.frameSince = time.Time{}
	}
}

// arm sets the deadline for the next read.
func (k *readClock) arm(begun bool) {
	k.waiting.Store(!begun || k.frame.Load() == 0)
	for {
		d := k.duration(begun)
		switch {
		case d > 0:
			if k.since.IsZero() { // set while we were about to wait
				k.since = time.Now()
			}
			k.armed.Store(true)
			k.nc.SetReadDeadline(k.since.Add(d))
		case k.armed.CompareAndSwap(true, false):
			k.nc.SetReadDeadline(time.Time{})
		}
		// setIdle may have run between our look and our call: look again.
		if k.duration(begun) == d {
			return
		}
	}
}

// early tells whether err is a deadline that was in force before the timeout
// was changed or started anew: the read has to be tried again.
func (k *readClock) early(begun bool, err error) bool {
	k.waiting.Store(false)
	if err == nil || !isTimeout(err) {
		return false
	}
	d := k.duration(begun)
	return d > 0 && !k.since.IsZero() && time.Since(k.since) < d
}

// setIdle changes the idle timeout, also of a read that waits now.
func (k *readClock) setIdle(d time.Duration) {
	d = max(d, 0)
	k.idle.Store(int64(d))
	if !k.waiting.Load() {
		return
	}
	if d > 0 {
		k.armed.Store(true)
		k.nc.SetReadDeadline(time.Now().Add(d))
	} else if k.armed.CompareAndSwap(true, false) {
		k.nc.SetReadDeadline(time.Time{})
	}
}
