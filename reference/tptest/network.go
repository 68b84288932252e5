package tptest

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

// backlog is how many dialled connections may wait for Accept.
const backlog = 128

// Network is a network in memory. Use one per test, made inside the bubble where
// there is one. It is safe for concurrent use.
type Network struct {
	mu        sync.Mutex // guards what follows
	listeners map[Addr]*Listener
	ports     int
	dialErrs  []error
	onDial    func(client, server *Conn)
	latency   time.Duration
}

// NewNetwork makes an empty network.
func NewNetwork() *Network { return &Network{listeners: make(map[Addr]*Listener)} }

// OnDial has f called with both ends of each new connection before anybody else
// has them: the place to set faults.
func (n *Network) OnDial(f func(client, server *Conn)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.onDial = f
}

// FailDials makes the next dials fail with these errors, one each; nil lets one
// through.
func (n *Network) FailDials(errs ...error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dialErrs = append(n.dialErrs, errs...)
}

// DialDelay makes each dial take d.
func (n *Network) DialDelay(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.latency = d
}

// Listen listens on addr, any string; "" picks one. An address that is taken is
// EADDRINUSE.
func (n *Network) Listen(addr string) (*Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if addr == "" {
		addr = string(n.pickLocked("server"))
	}
	a := Addr(addr)
	if n.listeners[a] != nil {
		return nil, &net.OpError{Op: "listen", Net: "mem", Addr: a, Err: syscall.EADDRINUSE}
	}
	l := &Listener{n: n, addr: a, queue: make(chan *Conn, backlog), done: make(chan struct{})}
	n.listeners[a] = l
	return l, nil
}

func (n *Network) pickLocked(kind string) Addr {
	n.ports++
	return Addr(fmt.Sprintf("%s:%d", kind, n.ports))
}

// Dial connects to addr. Nobody there is ECONNREFUSED.
func (n *Network) Dial(ctx context.Context, addr string) (*Conn, error) {
	n.mu.Lock()
	latency := n.latency
	n.mu.Unlock()
	if latency > 0 {
		t := time.NewTimer(latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	client, err := n.connect(ctx, Addr(addr))
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "mem", Addr: Addr(addr), Err: err}
	}
	return client, nil
}

func (n *Network) connect(ctx context.Context, addr Addr) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n.mu.Lock()
	var err error
	if len(n.dialErrs) > 0 {
		err, n.dialErrs = n.dialErrs[0], n.dialErrs[1:]
	}
	l, hook, local := n.listeners[addr], n.onDial, n.pickLocked("client")
	n.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case l == nil:
		return nil, syscall.ECONNREFUSED
	}
	client, server := pipe(local, addr)
	if hook != nil {
		hook(client, server)
	}
	select {
	case <-l.done:
		return nil, syscall.ECONNREFUSED
	default:
	}
	select {
	case l.queue <- server:
		return client, nil
	case <-l.done:
		return nil, syscall.ECONNREFUSED
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// DialContext has the shape of net.Dialer's; the network's name is not looked at.
func (n *Network) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	c, err := n.Dial(ctx, addr)
	if err != nil {
		return nil, err // not a nil *Conn in a net.Conn
	}
	return c, nil
}

// Listener is a net.Listener of a Network.
type Listener struct {
	n     *Network
	addr  Addr
	queue chan *Conn
	once  sync.Once
	done  chan struct{}
}

// Accept implements net.Listener; the connections are of type *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case <-l.done:
	default:
		select {
		case c := <-l.queue:
			return c, nil
		case <-l.done:
		}
	}
	return nil, &net.OpError{Op: "accept", Net: "mem", Addr: l.addr, Err: net.ErrClosed}
}

// Close implements net.Listener: the address is free again, and connections that
// were not accepted are reset.
func (l *Listener) Close() error {
	first := false
	l.once.Do(func() { first = true; close(l.done) })
	if !first {
		return &net.OpError{Op: "close", Net: "mem", Addr: l.addr, Err: net.ErrClosed}
	}
	l.n.mu.Lock()
	delete(l.n.listeners, l.addr)
	l.n.mu.Unlock()
	for {
		select {
		case c := <-l.queue:
			c.Abort()
		default:
			return nil
		}
	}
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return l.addr }
