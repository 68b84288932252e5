package tptest

import (
	"errors"
	"io"
	"sync"
	"syscall"
	"time"
)

// DefaultBuffer is the number of bytes that fit between a writer and a reader.
const DefaultBuffer = 64 << 10

// ErrCut is what a writer gets on a connection that CutAfter has cut.
var ErrCut = errors.New("tptest: the connection was cut")

// Link is one direction of a connection, and the place of its faults. All
// methods are safe for concurrent use and may be called at any time.
type Link struct {
	mu      *sync.Mutex // guards both links of the connection
	back    *Link       // the other direction
	changed chan struct{}

	segs    []segment
	held    int // bytes in segs
	limit   int
	end     error // what the reader gets after segs; nil: the link is open
	endAt   time.Time
	refused error // what the writer gets; nil: the link is open

	stalled  bool
	delay    time.Duration
	maxRead  int
	maxWrite int
	plan     []int
	cutLeft  int64 // < 0: no cut
	cutErr   error
	failLeft int64 // < 0: no failure
	holeLeft int64 // < 0: no hole
	failErr  error
	readErr  error

	writes, reads int
	written, read int64
}

// segment is what one write has brought, readable from at on.
type segment struct {
	b  []byte
	at time.Time
}

func newLinks() (a, b *Link) {
	mu := new(sync.Mutex)
	make1 := func() *Link {
		return &Link{mu: mu, changed: make(chan struct{}), limit: DefaultBuffer, cutLeft: -1, failLeft: -1, holeLeft: -1}
	}
	a, b = make1(), make1()
	a.back, b.back = b, a
	return a, b
}

// do runs f under the lock and wakes everybody who waits for a change.
func (l *Link) do(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
	l.wakeLocked()
}

func (l *Link) wakeLocked() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// SetBuffer changes how many unread bytes the link holds; at least 1.
func (l *Link) SetBuffer(n int) { l.do(func() { l.limit = max(n, 1) }) }

// Stall holds everything back, the end included, until Resume: the reader sees
// nothing, the writer can write until the buffer is full.
func (l *Link) Stall() { l.do(func() { l.stalled = true }) }

// Resume ends Stall.
func (l *Link) Resume() { l.do(func() { l.stalled = false }) }

// Delay makes what is written from now on readable d later. Order is kept.
func (l *Link) Delay(d time.Duration) { l.do(func() { l.delay = d }) }

// MaxRead makes each Read give n bytes at most: 1 is one byte at a time. 0 ends it.
func (l *Link) MaxRead(n int) { l.do(func() { l.maxRead = n }) }

// MaxWrite makes each TryWrite take n bytes at most, as a kernel does whose
// buffer is nearly full. Write goes on until all is written. 0 ends it.
func (l *Link) MaxWrite(n int) { l.do(func() { l.maxWrite = n }) }

// Segments makes the reader get the stream in pieces of these sizes: no Read
// crosses from one piece into the next. What comes after the plan is not cut.
func (l *Link) Segments(sizes ...int) { l.do(func() { l.plan = append([]int(nil), sizes...) }) }

// CutAfter ends the connection, both directions, once n more bytes were written
// here. The reader gets these n bytes and then end, nil meaning io.EOF; the
// writer gets ErrCut. The other direction keeps what was written before.
func (l *Link) CutAfter(n int64, end error) {
	l.do(func() {
		l.cutLeft, l.cutErr = max(n, 0), end
		l.cutLocked()
	})
}

// Swallow makes a hole of the link behind the next n bytes: what is written then
// is lost, the end included, and neither side is told, as on a connection that
// is half open. A hole stays one.
func (l *Link) Swallow(n int64) {
	l.do(func() {
		if l.holeLeft != 0 {
			l.holeLeft = max(n, 0)
		}
	})
}

// FailWrite makes the write that goes past the n-th byte from now take only
// these n bytes and return err. The link itself stays as it is. A nil err makes
// a writer that breaks the contract of io.Writer.
func (l *Link) FailWrite(n int64, err error) {
	l.do(func() { l.failLeft, l.failErr = max(n, 0), err })
}

// FailRead makes the reader get err after what is there now was read, once.
func (l *Link) FailRead(err error) { l.do(func() { l.readErr = err }) }

// Writes is the number of calls of Write and TryWrite that moved a byte.
func (l *Link) Writes() int { l.mu.Lock(); defer l.mu.Unlock(); return l.writes }

// Reads is the number of calls of Read that gave a byte.
func (l *Link) Reads() int { l.mu.Lock(); defer l.mu.Unlock(); return l.reads }

// Written is the number of bytes that the writer has written.
func (l *Link) Written() int64 { l.mu.Lock(); defer l.mu.Unlock(); return l.written }

// Delivered is the number of bytes that the reader has read.
func (l *Link) Delivered() int64 { l.mu.Lock(); defer l.mu.Unlock(); return l.read }

// Unread is the number of bytes that were written and not read.
func (l *Link) Unread() int { l.mu.Lock(); defer l.mu.Unlock(); return l.held }

// closeLocked ends the link: the reader gets what is there and then end, the
// writer gets refused.
func (l *Link) closeLocked(end, refused error) {
	if l.end == nil {
		l.end, l.endAt = end, l.readyLocked()
	}
	if l.refused == nil {
		l.refused = refused
	}
}

// readyLocked is when something written now can be read.
func (l *Link) readyLocked() time.Time {
	at := time.Now().Add(l.delay)
	if n := len(l.segs); n > 0 && at.Before(l.segs[n-1].at) {
		at = l.segs[n-1].at
	}
	return at
}

// cutLocked carries a due cut out.
func (l *Link) cutLocked() {
	if l.cutLeft != 0 {
		return
	}
	end := l.cutErr
	if end == nil {
		end = io.EOF
	}
	l.cutLeft = -1
	l.closeLocked(end, ErrCut)
	l.back.closeLocked(end, ErrCut)
	l.wakeLocked()
	l.back.wakeLocked()
}

// writeLocked takes as much of b as goes without waiting. more says that the
// rest may be tried later.
func (l *Link) writeLocked(b []byte, maxWrite int) (n int, more bool, err error) {
	if l.refused != nil {
		return 0, false, l.refused
	}
	n = min(len(b), max(l.limit-l.held, 0))
	if maxWrite > 0 {
		n = min(n, maxWrite)
	}
	if l.cutLeft >= 0 {
		n = int(min(int64(n), l.cutLeft))
		l.cutLeft -= int64(n)
	}
	fail := l.failLeft >= 0 && int64(len(b)) > l.failLeft && int64(n) >= l.failLeft
	if l.failLeft >= 0 {
		n = int(min(int64(n), l.failLeft))
		l.failLeft -= int64(n)
	}
	kept := n
	if l.holeLeft >= 0 {
		kept = int(min(int64(n), l.holeLeft))
		l.holeLeft -= int64(kept)
	}
	if kept > 0 {
		l.segs = append(l.segs, segment{append([]byte(nil), b[:kept]...), l.readyLocked()})
		l.held += kept
	}
	if n > 0 {
		l.written += int64(n)
		l.writes++
		l.wakeLocked()
	}
	l.cutLocked()
	if fail {
		l.failLeft = -1
		return n, false, l.failErr
	}
	if l.refused != nil && n < len(b) { // cut just now
		return n, false, l.refused
	}
	return n, n < len(b), nil
}

// readLocked gives what can be read now. wait is the time until more can be
// tried without a change, 0 when there is none.
func (l *Link) readLocked(b []byte) (n int, wait time.Duration, err error) {
	if l.readErr != nil && l.held == 0 {
		err, l.readErr = l.readErr, nil
		return 0, 0, err
	}
	if l.stalled {
		return 0, 0, nil
	}
	now := time.Now()
	most := len(b)
	if l.maxRead > 0 {
		most = min(most, l.maxRead)
	}
	if len(l.plan) > 0 {
		most = min(most, l.plan[0])
	}
	for n < most && len(l.segs) > 0 && !l.segs[0].at.After(now) {
		k := copy(b[n:most], l.segs[0].b)
		n += k
		if l.segs[0].b = l.segs[0].b[k:]; len(l.segs[0].b) == 0 {
			l.segs = l.segs[1:]
		}
	}
	if n > 0 {
		l.held -= n
		l.read += int64(n)
		l.reads++
		if len(l.plan) > 0 {
			if l.plan[0] -= n; l.plan[0] <= 0 {
				l.plan = l.plan[1:]
			}
		}
		l.wakeLocked()
		return n, 0, nil
	}
	switch {
	case len(l.segs) > 0:
		return 0, l.segs[0].at.Sub(now), nil
	case l.holeLeft == 0:
		return 0, 0, nil
	case l.end != nil && l.endAt.After(now):
		return 0, l.endAt.Sub(now), nil
	}
	return 0, 0, l.end
}

// readyToReadLocked tells whether Read has something to say, as readLocked does.
func (l *Link) readyToReadLocked() (ready bool, wait time.Duration) {
	switch now := time.Now(); {
	case l.readErr != nil && l.held == 0:
		return true, 0
	case l.stalled:
		return false, 0
	case len(l.segs) > 0:
		left := l.segs[0].at.Sub(now)
		return left <= 0, left
	case l.holeLeft == 0:
		return false, 0
	case l.end != nil:
		left := l.endAt.Sub(now)
		return left <= 0, left
	}
	return false, 0
}

// errReset is what both sides get after Abort.
var errReset error = syscall.ECONNRESET
