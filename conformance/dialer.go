package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// CheckDialer judges a live peer that dials: every case takes connections that the peer has made to ln. The
// peer keeps at least four open and dials again whenever one ends (chapter 19 of the standard); the first may
// take as long as the connect timeout, else the report is one harness-error, harness/connect.
//
// CheckDialer owns ln from now on: it closes it before it returns, which tells the peer that it is done, and
// closes every connection that was accepted. ln may be of any network; over TLS (tls.NewListener) the handshake
// is part of connecting. See CheckPeer for features, CheckProto for ctx and the report.
func CheckDialer(ctx context.Context, ln net.Listener, opts ...Option) *Report {
	c := newConfig(opts)
	a := accept(ln, c.target.ConnectTimeout)
	defer a.close()
	return c.checkPeer(ctx, a.take, "a dialing peer")
}

// TestDialer judges a dialing peer as CheckDialer does, one subtest a case, by the rules of TestProto.
func TestDialer(t *testing.T, ln net.Listener, opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	a := accept(ln, c.target.ConnectTimeout)
	defer a.close()
	c.testPeer(t, a.take)
}

// mostWaiting bounds the accepted connections that no case has taken yet.
const mostWaiting = 16

// acceptor takes connections from a listener before they are asked for, so that a dialing peer is never held
// up in its handshake. Its goroutines end with close.
type acceptor struct {
	ln        net.Listener
	handshake time.Duration // how long one may take
	ctx       context.Context
	stop      context.CancelFunc
	room      chan struct{} // one token for each connection that waits
	conns     chan net.Conn // never full: it has as much room
	ended     chan struct{} // closed when the listener gives no more
	work      sync.WaitGroup

	mu     sync.Mutex // guards what follows
	failed error      // why the listener gives no more
	shook  error      // the last handshake that failed
}

func accept(ln net.Listener, handshake time.Duration) *acceptor {
	if handshake <= 0 {
		handshake = 10 * time.Second
	}
	ctx, stop := context.WithCancel(context.Background())
	a := &acceptor{ln: ln, handshake: handshake, ctx: ctx, stop: stop, room: make(chan struct{}, mostWaiting),
		conns: make(chan net.Conn, mostWaiting), ended: make(chan struct{})}
	a.work.Go(a.run)
	return a
}

// run accepts until the listener ends.
func (a *acceptor) run() {
	defer close(a.ended)
	for {
		select {
		case a.room <- struct{}{}:
		case <-a.ctx.Done():
			return
		}
		conn, err := a.ln.Accept()
		if err != nil {
			a.mu.Lock()
			a.failed = err
			a.mu.Unlock()
			return
		}
		a.work.Go(func() { a.shake(conn) })
	}
}

// shake does the handshake that a connection has, if any, and lets it wait.
func (a *acceptor) shake(conn net.Conn) {
	if h, ok := conn.(interface{ HandshakeContext(context.Context) error }); ok {
		ctx, cancel := context.WithTimeout(a.ctx, a.handshake)
		defer cancel()
		if err := h.HandshakeContext(ctx); err != nil {
			conn.Close()
			a.mu.Lock()
			a.shook = err
			a.mu.Unlock()
			<-a.room
			return
		}
	}
	a.conns <- conn
}

// take gives the connection that has waited longest and still stands.
func (a *acceptor) take(ctx context.Context) (net.Conn, error) {
	for {
		select {
		case conn := <-a.conns:
			<-a.room
			if conn := standing(conn); conn != nil {
				return conn, nil
			}
		case <-a.ended:
			if len(a.conns) > 0 {
				continue
			}
			a.mu.Lock()
			defer a.mu.Unlock()
			return nil, fmt.Errorf("accepting on %v: %w", a.ln.Addr(), a.failed)
		case <-ctx.Done():
			a.mu.Lock()
			defer a.mu.Unlock()
			if a.shook != nil {
				return nil, fmt.Errorf("nobody has connected to %v, and the last handshake failed: %w", a.ln.Addr(), a.shook)
			}
			return nil, fmt.Errorf("nobody has connected to %v: %w", a.ln.Addr(), context.Cause(ctx))
		}
	}
}

// close ends the accepting, and what has been accepted and not taken.
func (a *acceptor) close() {
	a.stop()
	a.ln.Close()
	a.work.Wait()
	for {
		select {
		case conn := <-a.conns:
			conn.Close()
		default:
			return
		}
	}
}

// standing gives the connection, unless the peer has ended it while it waited: a peer may end one that is idle.
func standing(conn net.Conn) net.Conn {
	conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	first := make([]byte, 1)
	n, err := conn.Read(first)
	conn.SetReadDeadline(time.Time{})
	switch {
	case n > 0:
		return &begun{Conn: conn, first: first}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return conn
	}
	conn.Close()
	return nil
}

// begun is a connection whose first byte has been read already. It is read by one goroutine.
type begun struct {
	net.Conn
	first []byte
}

// Read gives the first byte, then what follows.
func (b *begun) Read(p []byte) (int, error) {
	if len(b.first) > 0 && len(p) > 0 {
		n := copy(p, b.first)
		b.first = b.first[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}

// CloseWrite ends the sending half, where the connection has such an end.
func (b *begun) CloseWrite() error {
	if c, ok := b.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}
