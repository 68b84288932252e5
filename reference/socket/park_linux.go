package socket

import (
	"os"
	"syscall"
	"time"
)

// parkBatch is how many reports are taken from the epoll set at once.
const parkBatch = 64

// poller is an epoll set and the goroutine that waits for it. The set's own
// descriptor is one of Go's network poller, so the goroutine waits as any
// reader does, and holds no thread.
type poller struct {
	pk   *Parker
	file *os.File // of the set
	fd   int      // of the set; valid for whoever holds one of refs
	refs int      // descriptors that are, or are about to be, watched; guarded by pk.mu
}

// parkRaw parks a TCP or unix connection.
//
// The descriptor is registered for one report that carries p's token. What
// comes later for a token that was taken out means nothing, so neither a
// descriptor's number nor its life is relied on: it may be closed, and its
// number may be another connection's, at any moment.
func (pk *Parker) parkRaw(p *parked) bool {
	if descriptorOf(p.c) == nil {
		return false
	}
	e := pk.acquire()
	if e == nil {
		return false
	}
	p.watch = e
	if !pk.enter(p) {
		pk.release(e)
		return false
	}
	if !e.add(p) && pk.take(p) {
		pk.release(e)
		return false
	}
	return pk.settle(p, e)
}

// descriptorOf gives c's way to its descriptor, nil where it has none.
func descriptorOf(c *Conn) syscall.RawConn {
	switch s := c.rd.src.(type) {
	case *rawIO:
		return s.rc
	case *messageSource:
		return s.rc
	}
	return nil
}

// add has the set report p once.
func (e *poller) add(p *parked) bool {
	event := syscall.EpollEvent{
		Events: syscall.EPOLLIN | syscall.EPOLLRDHUP | syscall.EPOLLONESHOT,
		Fd:     int32(p.token), Pad: int32(p.token >> 32),
	}
	var err error
	rerr := descriptorOf(p.c).Control(func(fd uintptr) {
		err = syscall.EpollCtl(e.fd, syscall.EPOLL_CTL_ADD, int(fd), &event)
		if err == syscall.EEXIST { // an earlier stop could not remove it
			err = syscall.EpollCtl(e.fd, syscall.EPOLL_CTL_MOD, int(fd), &event)
		}
	})
	return rerr == nil && err == nil
}

// stop implements watch: an open descriptor is removed from the set, so that it
// costs nothing while it is in use.
func (e *poller) stop(p *parked) {
	descriptorOf(p.c).Control(func(fd uintptr) {
		syscall.EpollCtl(e.fd, syscall.EPOLL_CTL_DEL, int(fd), nil)
	})
	e.pk.release(e)
}

// acquire gives the Parker's set, which it makes where there is none; nil where
// the system refuses.
func (pk *Parker) acquire() *poller {
	pk.mu.Lock()
	if e := pk.poll; e != nil {
		e.refs++
		pk.mu.Unlock()
		return e
	}
	pk.mu.Unlock()
	fresh := newPoller(pk)
	if fresh == nil {
		return nil
	}
	pk.mu.Lock()
	if pk.poll == nil {
		pk.poll = fresh
	}
	e := pk.poll
	e.refs++
	pk.mu.Unlock()
	if e == fresh {
		e.start()
	} else {
		fresh.file.Close() // another goroutine made one meanwhile
	}
	return e
}

// release closes the set with the last descriptor in it.
func (pk *Parker) release(e *poller) {
	pk.mu.Lock()
	e.refs--
	last := e.refs == 0
	if last {
		pk.poll = nil
	}
	pk.mu.Unlock()
	if last {
		e.file.Close()
	}
}

func newPoller(pk *Parker) *poller {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil
	}
	if err := syscall.SetNonblock(fd, true); err != nil { // tells os.NewFile that it can be polled
		syscall.Close(fd)
		return nil
	}
	f := os.NewFile(uintptr(fd), "epoll")
	if err := f.SetReadDeadline(time.Time{}); err != nil {
		f.Close() // Go's poller has not taken it: its goroutine would hold a thread
		return nil
	}
	return &poller{pk: pk, file: f, fd: fd}
}

// start starts the set's goroutine. Its owner is the Parker; it ends with the
// last connection in the set.
func (e *poller) start() { go e.run() }

func (e *poller) run() {
	rc, err := e.file.SyscallConn()
	if err != nil {
		return // closed already
	}
	var events [parkBatch]syscall.EpollEvent
	var n int
	var failed error
	look := func(fd uintptr) bool {
		for {
			n, failed = syscall.EpollWait(int(fd), events[:], 0)
			if failed != syscall.EINTR {
				return n > 0 || failed != nil
			}
		}
	}
	for rc.Read(look) == nil {
		if failed != nil {
			e.pk.Close() // the connections go back to goroutines of their own
			return
		}
		for i := range events[:n] {
			e.pk.report(uint64(uint32(events[i].Fd)) | uint64(uint32(events[i].Pad))<<32)
		}
	}
}

// report wakes the connection with that token, if it is still parked.
func (pk *Parker) report(token uint64) {
	pk.mu.Lock()
	p := pk.held.find(token)
	pk.mu.Unlock()
	if p != nil {
		pk.wake(p, true)
	}
}
