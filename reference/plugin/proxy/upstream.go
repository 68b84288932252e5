package proxy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// Waits after failed attempts to connect.
const (
	firstRest = 100 * time.Millisecond
	mostRest  = 5 * time.Second
)

// upstream is one address, and the session there: one for all, or that of one
// downstream session. It is dialed when it is needed.
type upstream struct {
	px    *Proxy
	addr  string
	owner *downstream // nil: shared
	to    *gate       // what waits for it
	from  *gate       // what it has sent that is under way

	mu      sync.Mutex // guards what follows
	sess    tp.Session // the last one; nil: none yet
	dialing *attempt   // nil: none under way
	failed  error      // of the last attempt
	fails   int        // in a row
	restEnd time.Time  // no attempt before
	closed  bool
}

// attempt is one attempt to connect, for all who wait for it.
type attempt struct {
	done chan struct{}
	sess tp.Session // set before done is closed, and so is err
	err  error
}

func (px *Proxy) newUpstream(addr string, owner *downstream) *upstream {
	return &upstream{px: px, addr: addr, owner: owner, to: px.toGate(), from: px.fromGate()}
}

func (u *upstream) gates() (to, from *gate) { return u.to, u.from }

func (u *upstream) name() string { return "upstream " + u.addr }

// inOrder says that the PUSHes of this session before a REPLY are passed on
// before it. Where many share it they would wait for one another.
func (u *upstream) inOrder() bool { return u.owner != nil }

// session gives the session, dialed if need be. The error is the cause that
// there is none.
func (u *upstream) session(ctx context.Context) (tp.Session, error) {
	sess, a, err := u.sessionOrAttempt()
	if a == nil {
		return sess, err
	}
	select {
	case <-a.done:
		return a.sess, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// sessionOrAttempt gives the session if it can be used, else the attempt that is
// under way, or begins one. It looks once for both: a session made between two
// looks would have a second beside it.
func (u *upstream) sessionOrAttempt() (tp.Session, *attempt, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case u.isUpLocked():
		return u.sess, nil, nil
	case u.closed:
		return nil, nil, errUpstreamClosed
	case u.dialing != nil:
		return nil, u.dialing, nil
	case u.failed != nil && time.Now().Before(u.restEnd):
		return nil, nil, u.failed
	}
	u.dialing = &attempt{done: make(chan struct{})}
	u.px.dials.Add(1)
	go u.dial(u.dialing)
	return nil, u.dialing, nil
}

// isUpLocked says that the session can be used.
func (u *upstream) isUpLocked() bool { return u.sess != nil && u.sess.Health() }

var errUpstreamClosed = errors.New("the session that it belongs to has ended")

// dial makes one attempt. Owner: the proxy, whose end waits for it; end: the
// dial timeout.
func (u *upstream) dial(a *attempt) {
	defer u.px.dials.Done()
	ctx, cancel := context.WithTimeout(u.px.ctx, u.px.cfg.DialTimeout)
	defer cancel()
	sess, rerr := u.px.up.DialContext(ctx, u.addr, u.px.cfg.Proto)
	if rerr != nil {
		a.err = errors.New(textOf(rerr))
		u.px.counts.dialsFailed.Add(1)
	} else {
		a.sess = sess
		u.px.counts.dials.Add(1)
		bindingOf(sess).set(u)
	}
	late := u.dialed(a)
	close(a.done)
	if late {
		sess.Close()
	}
}

// dialed notes what came of an attempt; late says that nobody wants the session
// any more.
func (u *upstream) dialed(a *attempt) (late bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.dialing, u.failed = nil, a.err
	if a.err != nil {
		rest := mostRest
		if u.fails < 10 {
			rest = min(firstRest<<u.fails, mostRest)
		}
		u.fails++
		u.restEnd = time.Now().Add(rest/2 + rand.N(rest/2))
		return false
	}
	u.sess, u.fails = a.sess, 0
	return u.closed
}

// close ends the upstream of a downstream session that has ended: gracefully,
// so that what was passed on still leaves, and without waiting where the engine calls.
func (u *upstream) close() {
	u.mu.Lock()
	u.closed = true
	sess := u.sess
	u.mu.Unlock()
	if sess != nil {
		sess.Close()
	}
}

// isIdle says that nothing is lost when the upstream is forgotten.
func (u *upstream) isIdle() bool {
	if calls, _ := u.to.held(); calls > 0 {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.dialing == nil && !u.isUpLocked()
}

func (u *upstream) status() Upstream {
	s := Upstream{Addr: u.addr}
	s.Calls, s.Bytes = u.to.held()
	u.mu.Lock()
	defer u.mu.Unlock()
	s.Up = u.isUpLocked()
	if u.failed != nil {
		s.Error = u.failed.Error()
	}
	return s
}

// binding says which upstream a session belongs to. The session's first packets
// may be here before its Dial has returned, so they wait.
type binding struct {
	ready chan struct{}
	u     *upstream
}

type bindingKey struct{}

func (b *binding) set(u *upstream) {
	b.u = u
	close(b.ready)
}

func bindingOf(sess interface{ Public() *sync.Map }) *binding {
	v, _ := sess.Public().Load(bindingKey{})
	b, _ := v.(*binding)
	return b
}

// binder is the plugin of the upstream peer.
type binder struct{}

func (binder) Name() string { return "proxy-upstream" }

func (binder) PostDial(sess tp.PreSession) *tp.Rerror {
	sess.Public().Store(bindingKey{}, &binding{ready: make(chan struct{})})
	return nil
}

// upstreamOf gives the upstream that has sent a packet.
func upstreamOf(ctx context.Context, sess tp.Session) (*upstream, error) {
	b := bindingOf(sess)
	if b == nil {
		return nil, fmt.Errorf("session %s is none of the proxy's", sess.Id())
	}
	select {
	case <-b.ready:
		return b.u, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
