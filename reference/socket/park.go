package socket

import (
	"container/heap"
	"math"
	"sync"
	"time"
)

// ReadNotifier is what a connection may offer beside Readiness so that it can
// be parked (see Parker) without a descriptor.
type ReadNotifier interface {
	// NotifyRead has ready called once, on a goroutine of the connection's,
	// when WaitRead would return; the read deadline does not count. ready may
	// be called before NotifyRead returns, and does not block. cancel takes the
	// call back: true means that ready will not be called, false that it was
	// called or is about to be.
	NotifyRead(ready func()) (cancel func() bool)
}

// Parker waits for idle connections in place of their reading goroutines: one
// goroutine waits for all of them, and only while there are some. The zero
// value works. All methods are safe for concurrent use.
//
// What a parked connection costs is its Conn and less than 200 bytes here.
type Parker struct {
	// mu guards what follows. It is held for moves of memory only: never in a
	// system call, nor while a ready is called.
	mu    sync.Mutex
	poll  *poller // nil while no descriptor is watched
	held  parkedSet
	due   dueHeap       // those with an idle timeout
	timer *time.Timer   // calls expire; nil until the first idle timeout
	next  time.Duration // when timer fires, since epoch; 0: it is stopped
	epoch time.Time     // set with timer
	ended bool          // Close was called, or the system failed
}

// parked is one connection's place in a Parker. It is in held from before it is
// watched until somebody takes it out, who then calls ready or gives the
// connection back to its reader. Only once it is watched is it known to its
// Conn, so that Close, Unpark and the timer find nothing half done.
type parked struct {
	pk    *Parker
	c     *Conn
	ready func()
	watch watch
	token uint64
	due   time.Duration // when the idle timeout ends, since the Parker's epoch
	at    int           // index in the Parker's heap; -1: not in it
}

// watch is what reports that a connection has something to read.
type watch interface {
	// stop ends it, for a connection that was taken out, before the connection
	// is handed on.
	stop(p *parked)
}

// Park hands c's waiting to the Parker, with the right to read, which the
// caller must have. ready is called once: when c has something to read (bytes,
// the end of the stream, an error), when its idle timeout has run out, or when
// it or the Parker is closed; whatever it is, the next ReadPacket finds it. The
// right to read goes to ready. It may be called before Park returns, by a
// goroutine of the Parker's or by the one that calls Close; it must not block.
//
// Park reports false where c goes on as it was: its Proto is not a Framer, it is
// not a TCP or unix connection of package net (on Linux) nor a ReadNotifier,
// bytes are buffered or reading has ended, the idle timeout is over, c or the
// Parker is closed, or the system refuses. The idle time that has passed counts either way.
func (pk *Parker) Park(c *Conn, ready func()) bool {
	if c.framer == nil || c.rd.err != nil || c.rd.w > c.rd.r || c.w.isClosed() || c.parked.Load() != nil {
		return false
	}
	c.rd.release()
	c.clock.pause()
	if c.clock.left() < 0 {
		return false // the idle timeout is over: the reader finds that itself
	}
	p := &parked{pk: pk, c: c, ready: ready, at: -1}
	if s, ok := c.rd.src.(readySource); ok {
		n, ok := s.r.(ReadNotifier)
		if !ok || !pk.enter(p) {
			return false
		}
		return pk.settle(p, notifyWatch(n.NotifyRead(func() { pk.wake(p, true) })))
	}
	return pk.parkRaw(p)
}

// notifyWatch is the cancel of a NotifyRead. Where it comes too late, the
// notice finds that its parked is taken.
type notifyWatch func() bool

func (cancel notifyWatch) stop(*parked) { cancel() }

// enter gives p a token, under which it can be woken from now on.
func (pk *Parker) enter(p *parked) bool {
	pk.mu.Lock()
	defer pk.mu.Unlock()
	if pk.ended {
		return false
	}
	pk.held.add(p)
	return true
}

// settle makes p, which is being watched, known to its Conn and to the timer.
// It reports false where p could be taken back because c or pk was closed on
// the way.
func (pk *Parker) settle(p *parked, w watch) bool {
	pk.mu.Lock()
	if !pk.held.has(p) {
		pk.mu.Unlock()
		return true // woken already
	}
	p.watch = w
	// First known, then the timeout read: SetReadTimeout does it the other way
	// round, so one of the two sees the other. So do Close and isClosed below.
	p.c.parked.Store(p)
	pk.timeLocked(p, p.c.clock.left())
	ended := pk.ended
	pk.mu.Unlock()
	if (ended || p.c.w.isClosed()) && pk.take(p) {
		p.watch.stop(p)
		return false
	}
	return true
}

// take takes p out; false where somebody has done so before.
func (pk *Parker) take(p *parked) bool {
	pk.mu.Lock()
	defer pk.mu.Unlock()
	return pk.takeLocked(p)
}

func (pk *Parker) takeLocked(p *parked) bool {
	if !pk.held.has(p) {
		return false
	}
	pk.held.remove(p)
	pk.timeLocked(p, 0)
	p.c.parked.CompareAndSwap(p, nil)
	return true
}

// wake takes p out and calls its ready, unless somebody was faster. arrived
// says that there is something to read: the idle time is over.
func (pk *Parker) wake(p *parked, arrived bool) {
	if !pk.take(p) {
		return
	}
	if p.watch != nil {
		p.watch.stop(p)
	}
	if arrived {
		p.c.clock.setWait(time.Time{})
	}
	p.ready()
}

// Unpark takes c back from the Parker, with the right to read: true means that
// ready will not be called. False: c is not parked here, or no longer.
func (pk *Parker) Unpark(c *Conn) bool {
	p := c.parked.Load()
	if p == nil || p.pk != pk || !pk.take(p) {
		return false
	}
	p.watch.stop(p)
	return true
}

// Parked is the number of connections that are parked.
func (pk *Parker) Parked() int {
	pk.mu.Lock()
	defer pk.mu.Unlock()
	return pk.held.len()
}

// Close calls the ready of every connection that is parked, and refuses others
// from now on. A Parker that holds no connection needs no Close.
func (pk *Parker) Close() {
	pk.mu.Lock()
	pk.ended = true
	all := make([]*parked, 0, pk.held.len())
	for _, p := range pk.held.places {
		if p != nil && p.c.parked.Load() == p { // else its Park is under way, and sees ended
			all = append(all, p)
		}
	}
	for _, p := range all {
		pk.takeLocked(p)
	}
	pk.mu.Unlock()
	for _, p := range all {
		p.watch.stop(p)
		p.ready()
	}
}

// wakeParked ends c's parking, if it is parked. Conn.Close calls it when the
// net.Conn is closed: the system has then forgotten the descriptor, and reports
// nothing.
func (c *Conn) wakeParked() {
	if p := c.parked.Load(); p != nil {
		p.pk.wake(p, false)
	}
}

// retime is called by SetReadTimeout: the new timeout counts from now, as it does
// for a read that waits.
func (c *Conn) retime() {
	p := c.parked.Load()
	if p == nil {
		return
	}
	p.pk.mu.Lock()
	defer p.pk.mu.Unlock()
	if p.pk.held.has(p) {
		p.pk.timeLocked(p, c.clock.restart())
	}
}

// timeLocked gives p d more time to be idle; 0: as long as it likes. d < 0 is
// over already.
func (pk *Parker) timeLocked(p *parked, d time.Duration) {
	if d == 0 {
		if p.at >= 0 {
			heap.Remove(&pk.due, p.at)
			pk.armLocked()
		}
		return
	}
	if pk.timer == nil {
		pk.epoch = time.Now()
		pk.timer = time.AfterFunc(d, pk.expire)
	}
	now := time.Since(pk.epoch)
	if p.due = max(now+d, 1); d > math.MaxInt64-now {
		p.due = math.MaxInt64
	}
	if p.at >= 0 {
		heap.Fix(&pk.due, p.at)
	} else {
		heap.Push(&pk.due, p)
	}
	pk.armLocked()
}

// armLocked has the timer fire for the first that is due. When that one goes
// the timer stays: firing for nothing is cheaper than setting it each time.
func (pk *Parker) armLocked() {
	switch {
	case len(pk.due) == 0:
		if pk.next != 0 {
			pk.timer.Stop()
			pk.next, pk.due = 0, nil
		}
	case pk.next == 0 || pk.due[0].due < pk.next:
		pk.next = pk.due[0].due
		pk.timer.Reset(pk.next - time.Since(pk.epoch))
	}
}

// expire wakes those whose idle timeout has run out.
func (pk *Parker) expire() {
	pk.mu.Lock()
	now := time.Since(pk.epoch)
	pk.next = 0
	var late []*parked
	for len(pk.due) > 0 && pk.due[0].due <= now {
		p := pk.due[0]
		heap.Pop(&pk.due)
		pk.takeLocked(p)
		late = append(late, p)
	}
	pk.armLocked()
	pk.mu.Unlock()
	for _, p := range late {
		p.watch.stop(p)
		p.ready()
	}
}

// pause keeps the time of a wait between packets, or of one that has not begun,
// for whoever goes on with it.
func (k *readClock) pause() {
	if k.was().wait.IsZero() && k.idle.Load() > 0 {
		k.setWait(time.Now())
	}
}

// left is what is left of the idle timeout of a wait that was paused: 0 where
// there is no timeout, less than that where it is over.
func (k *readClock) left() time.Duration {
	d := time.Duration(k.idle.Load())
	if d <= 0 {
		return 0
	}
	k.pause() // a timeout that was set while we were about to wait
	if d -= time.Since(k.was().wait); d == 0 {
		return -1
	}
	return d
}

// restart has a wait that was paused begin now, and is left for that.
func (k *readClock) restart() time.Duration {
	k.setWait(time.Time{})
	return k.left()
}

// dueHeap has the first that is due at its root.
type dueHeap []*parked

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].due < h[j].due }
func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// Push implements heap.Interface.
func (h *dueHeap) Push(x any) {
	p := x.(*parked)
	p.at = len(*h)
	*h = append(*h, p)
}

// Pop implements heap.Interface.
func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	p := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	p.at = -1
	return p
}
