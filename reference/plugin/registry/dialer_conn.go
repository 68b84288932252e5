package registry

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// conn is the place of the one session to an address.
type conn struct {
	addr   string
	dial   chan struct{} // held, by putting in, while dialing: a lock that a context can leave
	sess   atomic.Pointer[tp.Session]
	cooled atomic.Pointer[time.Time] // until when a failed address comes last; nil: it does not
	users  atomic.Int32              // calls of Dial that look at it; raised under the Dialer's lock
}

// use gives the places of the addresses, in that order; they stay until done.
func (d *Dialer) use(addrs []string) ([]*conn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return nil, ErrDialerClosed
	}
	list := make([]*conn, len(addrs))
	for i, addr := range addrs {
		c := d.conns[addr]
		if c == nil {
			c = &conn{addr: addr, dial: make(chan struct{}, 1)}
			d.conns[addr] = c
		}
		c.users.Add(1)
		list[i] = c
	}
	return list, nil
}

func done(conns []*conn) {
	for _, c := range conns {
		c.users.Add(-1)
	}
}

func (c *conn) cools() bool {
	until := c.cooled.Load()
	return until != nil && time.Now().Before(*until)
}

// session gives the session where there is one that has not ended.
func (c *conn) session(p *tp.Peer) (sess tp.Session, up bool) {
	at := c.sess.Load()
	if at == nil {
		return nil, false
	}
	sess = *at
	if sess.Health() {
		return sess, true
	}
	if now, ok := p.GetSession(sess.Id()); ok && now == sess {
		return sess, false // the peer is redialing it
	}
	return nil, false
}

// get gives the session of an address, dialed where there is none. A session
// beside an error is one that is being redialed.
func (d *Dialer) get(ctx context.Context, c *conn) (tp.Session, error) {
	if sess, up := c.session(d.peer); up {
		return sess, nil
	}
	select {
	case c.dial <- struct{}{}:
		defer func() { <-c.dial }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", c.addr, ctx.Err())
	case <-d.ctx.Done():
		return nil, ErrDialerClosed
	}
	sess, up := c.session(d.peer)
	switch {
	case up:
		return sess, nil
	case sess != nil:
		return sess, fmt.Errorf("%s: the session is being redialed", c.addr)
	case d.ctx.Err() != nil:
		return nil, ErrDialerClosed
	}
	sess, rerr := d.connect(ctx, c.addr)
	if rerr != nil {
		if ctx.Err() == nil { // else it is not the address's fault
			until := time.Now().Add(d.opts.Cooldown)
			c.cooled.Store(&until)
		}
		return nil, fmt.Errorf("%s: %w", c.addr, rerr)
	}
	c.cooled.Store(nil)
	c.sess.Store(&sess)
	return sess, nil
}

// connect dials within ctx and the Dialer's life.
func (d *Dialer) connect(ctx context.Context, addr string) (tp.Session, *tp.Rerror) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.ctx, cancel)()
	if d.opts.Proto != nil {
		return d.peer.DialContext(ctx, addr, d.opts.Proto)
	}
	return d.peer.DialContext(ctx, addr)
}

// idle says that nobody looks at it and that the session has ended, if there
// was one.
func (c *conn) idle() bool {
	at := c.sess.Load()
	return c.users.Load() == 0 && (at == nil || !(*at).Health())
}

// close closes the session, after a dial that is under way; none comes after it.
func (c *conn) close() error {
	c.dial <- struct{}{}
	at := c.sess.Load()
	if at == nil {
		return nil
	}
	return (*at).Close()
}
