package tptest

import (
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Addr is the address of an in-memory connection.
type Addr string

// Network gives "mem".
func (Addr) Network() string { return "mem" }

// String gives the address.
func (a Addr) String() string { return string(a) }

// Conn is one end of an in-memory connection. It is a net.Conn, safe for
// concurrent use, a socket.Readiness and a socket.ReadNotifier. A wrapper that overrides Read or Write
// embeds it as a net.Conn: through an embedded *Conn, whoever knows Readiness
// would pass the wrapper by.
type Conn struct {
	in, out       *Link
	local, remote Addr
	rdl, wdl      *deadline
	writing       chan struct{} // holds a token while nobody writes: one Write is one run of bytes
	once          sync.Once
	done          chan struct{} // closed by Close
}

// Pipe makes a connection and gives its two ends.
func Pipe() (a, b *Conn) { return pipe("pipe:a", "pipe:b") }

func pipe(a, b Addr) (*Conn, *Conn) {
	ab, ba := newLinks()
	return newConn(ba, ab, a, b), newConn(ab, ba, b, a)
}

func newConn(in, out *Link, local, remote Addr) *Conn {
	c := &Conn{in: in, out: out, local: local, remote: remote,
		rdl: newDeadline(), wdl: newDeadline(), done: make(chan struct{}), writing: make(chan struct{}, 1)}
	c.writing <- struct{}{}
	return c
}

// In is the direction that this end reads from.
func (c *Conn) In() *Link { return c.in }

// Out is the direction that this end writes to.
func (c *Conn) Out() *Link { return c.out }

// Read implements net.Conn.
func (c *Conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	n := 0
	err := c.wait("read", c.rdl, c.in, func() (done bool, wait time.Duration, err error) {
		n, wait, err = c.in.readLocked(b)
		return n > 0, wait, err
	})
	return n, err
}

// WaitRead blocks until Read would not (see socket.Readiness).
func (c *Conn) WaitRead() error {
	return c.wait("read", c.rdl, c.in, func() (bool, time.Duration, error) {
		ready, wait := c.in.readyToReadLocked()
		return ready, wait, nil
	})
}

// NotifyRead calls ready when a Read would not block (see socket.ReadNotifier).
func (c *Conn) NotifyRead(ready func()) (cancel func() bool) {
	stop := make(chan struct{})
	var over atomic.Bool // ready is called, or will not be
	go func() {
		c.wait("read", &deadline{passed: stop}, c.in, func() (bool, time.Duration, error) {
			can, wait := c.in.readyToReadLocked()
			return can, wait, nil
		})
		if over.CompareAndSwap(false, true) {
			ready()
		}
	}()
	return func() bool {
		if !over.CompareAndSwap(false, true) {
			return false
		}
		close(stop)
		return true
	}
}

// Write implements net.Conn: it waits until all of b is in the buffer.
func (c *Conn) Write(b []byte) (int, error) {
	select {
	case <-c.writing:
		defer func() { c.writing <- struct{}{} }()
	case <-c.done:
		return 0, c.fault("write", net.ErrClosed)
	case <-c.wdl.wait():
		return 0, c.fault("write", os.ErrDeadlineExceeded)
	}
	n := 0
	err := c.wait("write", c.wdl, c.out, func() (bool, time.Duration, error) {
		k, more, err := c.out.writeLocked(b[n:], 0)
		n += k
		return !more, 0, err
	})
	return n, err
}

// TryWrite writes what fits without waiting (see socket.Readiness).
func (c *Conn) TryWrite(b []byte) (int, error) {
	switch {
	case isClosed(c.done):
		return 0, c.fault("write", net.ErrClosed)
	case isClosed(c.wdl.wait()): // a kernel's poller refuses it too
		return 0, c.fault("write", os.ErrDeadlineExceeded)
	}
	select {
	case <-c.writing:
		defer func() { c.writing <- struct{}{} }()
	default:
		return 0, nil // a Write is under way: its bytes come first
	}
	c.out.mu.Lock()
	n, _, err := c.out.writeLocked(b, c.out.maxWrite)
	c.out.mu.Unlock()
	if err != nil {
		return n, c.fault("write", err)
	}
	return n, nil
}

// wait tries until it is done, or fails, or the deadline or Close comes.
func (c *Conn) wait(op string, d *deadline, l *Link, try func() (bool, time.Duration, error)) error {
	for {
		passed := d.wait()
		switch {
		case isClosed(c.done):
			return c.fault(op, net.ErrClosed)
		case isClosed(passed):
			return c.fault(op, os.ErrDeadlineExceeded)
		}
		l.mu.Lock()
		done, left, err := try()
		changed := l.changed
		l.mu.Unlock()
		switch {
		case err == io.EOF && op == "read":
			return io.EOF
		case err != nil:
			return c.fault(op, err)
		case done:
			return nil
		}
		var later *time.Timer
		var tick <-chan time.Time
		if left > 0 {
			later = time.NewTimer(left)
			tick = later.C
		}
		select {
		case <-changed:
		case <-tick:
		case <-passed:
		case <-c.done:
		}
		if later != nil {
			later.Stop()
		}
	}
}

func (c *Conn) fault(op string, err error) error {
	return &net.OpError{Op: op, Net: "mem", Source: c.local, Addr: c.remote, Err: err}
}

// Close implements net.Conn. The other side gets what was written, then io.EOF;
// its writes fail with EPIPE.
func (c *Conn) Close() error {
	first := false
	c.once.Do(func() { first = true; close(c.done) })
	if !first {
		return c.fault("close", net.ErrClosed)
	}
	c.end(io.EOF, nil)
	return nil
}

// Abort closes the connection as a reset does: the other side gets ECONNRESET at
// once, what it has not read is lost.
func (c *Conn) Abort() {
	c.once.Do(func() { close(c.done) })
	c.end(errReset, errReset)
}

// end closes both directions; with drop, unread bytes are lost and drop takes
// the place of an end that came before.
func (c *Conn) end(out, drop error) {
	c.out.mu.Lock()
	if drop != nil {
		c.out.segs, c.out.held, c.out.stalled = nil, 0, false
		c.out.end, c.out.endAt = drop, time.Time{}
	}
	c.out.closeLocked(out, syscall.EPIPE)
	c.in.closeLocked(out, syscall.EPIPE)
	c.in.segs, c.in.held = nil, 0
	c.out.wakeLocked()
	c.in.wakeLocked()
	c.out.mu.Unlock()
	c.rdl.stop()
	c.wdl.stop()
}

// CloseWrite ends this end's sending: the other side gets what was written, then
// io.EOF, and can still write.
func (c *Conn) CloseWrite() error {
	c.out.do(func() { c.out.closeLocked(io.EOF, syscall.EPIPE) })
	return nil
}

// CloseRead makes the other side's writes fail with EPIPE.
func (c *Conn) CloseRead() error {
	c.in.do(func() { c.in.closeLocked(io.EOF, syscall.EPIPE) })
	return nil
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn, for reads that wait now too.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(c.rdl, c.in, t) }

// SetWriteDeadline implements net.Conn, for writes that wait now too.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(c.wdl, c.out, t) }

func (c *Conn) setDeadline(d *deadline, l *Link, t time.Time) error {
	if isClosed(c.done) {
		return c.fault("set", net.ErrClosed)
	}
	d.set(t)
	l.do(func() {}) // whoever waits takes the new deadline up
	return nil
}
