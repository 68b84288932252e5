package registry

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Order is how a Dialer goes through the addresses of a service.
type Order uint8

const (
	// RoundRobin takes one after the other.
	RoundRobin Order = iota
	// Random takes any. It spreads better where many dialers begin at once.
	Random
)

// DialerOptions says how a Dialer works. The zero value works.
type DialerOptions struct {
	// Order is how addresses take turns. 0: RoundRobin.
	Order Order
	// Proto is what sessions speak. nil: the default Proto.
	Proto packet.ProtoFunc
	// Service names the service of a uri, for Pull and Push. nil: its path,
	// which is what a Publisher publishes.
	Service func(uri string) string
	// Cooldown is how long an address that could not be dialed comes last. 0: 1 s.
	Cooldown time.Duration
}

// Dialer gives sessions to who serves a service. There is one session an
// address, shared by all callers and all services; it is dialed when it is
// wanted first, and again when it is wanted and has ended. The Dialer watches
// each service that it was asked for, until Close. All its methods are safe for
// concurrent use.
//
// The peer redials by itself where PeerConfig.RedialTimes says so; meanwhile
// others are taken. Without that an ended session is left at once, which is
// what most programs with a registry want.
type Dialer struct {
	reg    Registry
	peer   *tp.Peer
	opts   DialerOptions
	ctx    context.Context // done when closed
	cancel context.CancelFunc
	wg     sync.WaitGroup // the watching goroutines

	mu       sync.Mutex // guards what follows; never held while dialing
	services map[string]*service
	conns    map[string]*conn // by address
}

// ErrDialerClosed is what a Dialer returns after Close.
var ErrDialerClosed = errors.New("registry: the dialer is closed")

// NoAddressError says that nobody offers a service.
type NoAddressError struct {
	Service string
	Err     error // what is wrong with the registry; nil: nothing, there just is no entry
}

func (e *NoAddressError) Error() string {
	s := fmt.Sprintf("registry: nobody offers the service %q", e.Service)
	if e.Err != nil {
		s += ", as far as the registry can be read: " + e.Err.Error()
	}
	return s
}

// Unwrap returns what is wrong with the registry.
func (e *NoAddressError) Unwrap() error { return e.Err }

// NewDialer makes a Dialer of sessions of the peer. The peer stays the
// caller's: close the Dialer first.
func NewDialer(reg Registry, peer *tp.Peer, opts DialerOptions) *Dialer {
	if opts.Service == nil {
		opts.Service = pathOf
	}
	if opts.Cooldown <= 0 {
		opts.Cooldown = time.Second
	}
	d := &Dialer{reg: reg, peer: peer, opts: opts, services: make(map[string]*service), conns: make(map[string]*conn)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// Close ends the watching and closes the sessions that the Dialer has dialed,
// gracefully and at the same time; it waits for both.
func (d *Dialer) Close() error {
	d.cancel()
	d.wg.Wait()
	d.mu.Lock()
	conns := d.conns
	d.conns = nil
	d.mu.Unlock()
	errs := make(chan error, len(conns))
	for _, c := range conns {
		go func() { errs <- c.close() }() // owner: Close, which waits for it
	}
	var all []error
	for range conns {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// Dial gives a session to a peer that offers the service. Whoever calls next
// gets the next address's. The session is shared: do not close it, and do not
// keep it for longer than a piece of work, so that changes count. Addresses
// that cannot be dialed are passed over; with none left, the error joins theirs.
// ctx bounds the waiting and the dialing.
func (d *Dialer) Dial(ctx context.Context, service string) (tp.Session, error) {
	s, err := d.service(service)
	if err != nil {
		return nil, err
	}
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil, fmt.Errorf("registry: the list of %q has not come: %w", service, ctx.Err())
	case <-d.ctx.Done():
		return nil, ErrDialerClosed
	}
	list := s.list.Load()
	if len(list.addrs) == 0 {
		return nil, &NoAddressError{service, list.err}
	}
	conns, err := d.use(s.inOrder(list.addrs, d.opts.Order))
	if err != nil {
		return nil, err
	}
	defer done(conns)
	return d.pick(ctx, service, conns)
}

// pick takes the first that is good: one that is up or can be dialed, then one
// that could not be dialed a moment ago, then one that the peer redials.
func (d *Dialer) pick(ctx context.Context, service string, conns []*conn) (tp.Session, error) {
	var errs []error
	var later []*conn
	var redialing tp.Session
	for _, c := range conns {
		if c.cools() {
			later = append(later, c)
			continue
		}
		sess, err := d.get(ctx, c)
		switch {
		case err == nil:
			return sess, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("registry: dial %q: %w", service, errors.Join(append(errs, err)...))
		case sess != nil:
			redialing = sess
		}
		errs = append(errs, err)
	}
	for _, c := range later {
		sess, err := d.get(ctx, c)
		if err == nil {
			return sess, nil
		}
		errs = append(errs, err)
	}
	if redialing != nil {
		return redialing, nil
	}
	return nil, fmt.Errorf("registry: none of the %d addresses of %q can be dialed: %w", len(conns), service, errors.Join(errs...))
}

// pullTries is how many sessions one Pull may try.
const pullTries = 3

// Pull is Session.PullContext on a session to who offers the uri's service.
// Where the PULL provably was not sent, it goes to the next one. The error is
// nil, a *tp.Rerror from the call, or that of Dial.
func (d *Dialer) Pull(ctx context.Context, uri string, args, reply any, settings ...packet.PacketSetting) error {
	for try := 1; ; try++ {
		sess, err := d.Dial(ctx, d.opts.Service(uri))
		if err != nil {
			return err
		}
		cmd := sess.PullContext(ctx, uri, args, reply, settings...)
		if rerr := cmd.Rerror(); rerr == nil || try == pullTries || ctx.Err() != nil || !neverSent(cmd, rerr) {
			return rerr.ToError()
		}
	}
}

// neverSent says that no byte of the call has left: the engine says so (104),
// or the packet was not even encoded, as the session had ended (102) or too
// many of its calls were pending (503).
func neverSent(cmd *tp.PullCmd, rerr *tp.Rerror) bool {
	switch rerr.Code {
	case tp.CodeWriteFailed:
		return true
	case tp.CodeConnClosed, tp.CodeOverload:
		return cmd.Output().Size() == 0
	}
	return false
}

// Push is Session.PushContext on a session to who offers the uri's service. It tries
// one only: of a PUSH that failed nobody can say that it has not arrived.
func (d *Dialer) Push(ctx context.Context, uri string, args any, settings ...packet.PacketSetting) error {
	sess, err := d.Dial(ctx, d.opts.Service(uri))
	if err != nil {
		return err
	}
	return sess.PushContext(ctx, uri, args, settings...).ToError()
}

// inOrder gives the addresses as they are to be tried.
func (s *service) inOrder(addrs []string, order Order) []string {
	if order == Random {
		out := make([]string, len(addrs))
		for i, j := range rand.Perm(len(addrs)) {
			out[i] = addrs[j]
		}
		return out
	}
	at := int((s.turn.Add(1) - 1) % uint64(len(addrs)))
	return append(append(make([]string, 0, len(addrs)), addrs[at:]...), addrs[:at]...)
}
