package registry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// PublisherOptions says how a Publisher works. The zero value works where the
// listener's address is one that others can dial.
type PublisherOptions struct {
	// Advertise is the address to publish: a host, which gets the listener's
	// port, or host and port. "": the listener's own address.
	Advertise string
	// Service names the service that a handler belongs to; "" is none. nil: the
	// handler's path.
	Service func(*tp.Handler) string
	// Timeout bounds what the Publisher asks of the registry by itself: the
	// entries of routes that are registered late, and taking entries back when
	// the listener is closed. 0: 5 s.
	Timeout time.Duration
}

// Publisher is a plugin for a peer: it collects the routes that are registered,
// and publishes them for the addresses that the peer serves. Give it to
// NewPeer: it knows the routes that are registered after it. One Publisher
// serves one peer. All its methods are safe for concurrent use.
type Publisher struct {
	reg  Registry
	opts PublisherOptions

	mu        sync.Mutex // guards what follows; never held while the registry is asked
	services  []string   // in the order of registration, each once
	published map[string]*publication
}

// publication is one address whose entries are in the registry.
type publication struct {
	deregister []func(context.Context) error
}

var _ tp.PostRegPlugin = (*Publisher)(nil)

// NewPublisher makes a Publisher into reg.
func NewPublisher(reg Registry, opts PublisherOptions) *Publisher {
	if opts.Service == nil {
		opts.Service = (*tp.Handler).Name
	}
	if opts.Timeout <= 0 {
		opts.Timeout = 5 * time.Second
	}
	return &Publisher{reg: reg, opts: opts, published: make(map[string]*publication)}
}

// Name implements tp.Plugin.
func (p *Publisher) Name() string { return "registry" }

// PostReg implements tp.PostRegPlugin: it notes the service, and adds it to
// what is published already. Where that fails, so does the registration.
func (p *Publisher) PostReg(h *tp.Handler) *tp.Rerror {
	service := p.opts.Service(h)
	if service == "" {
		return nil
	}
	p.mu.Lock()
	if slices.Contains(p.services, service) {
		p.mu.Unlock()
		return nil
	}
	p.services = append(p.services, service)
	addrs := make(map[string]*publication, len(p.published))
	for addr, pub := range p.published {
		addrs[addr] = pub
	}
	p.mu.Unlock()
	for addr, pub := range addrs {
		ctx, cancel := context.WithTimeout(context.Background(), p.opts.Timeout)
		err := p.register(ctx, pub, addr, []string{service})
		cancel()
		if err != nil {
			return tp.NewRerror(tp.CodeInternal, "cannot publish "+service, err.Error())
		}
	}
	return nil
}

// Services gives the names of the services found so far, in order.
func (p *Publisher) Services() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.services)
}

// PublishedError says that an address is published already by this Publisher.
type PublishedError struct{ Addr string }

func (e *PublishedError) Error() string {
	return fmt.Sprintf("registry: the address %s is published already; Withdraw it first", e.Addr)
}

// Publish registers all services for the address, those of routes that are
// registered later too, until Withdraw. Programs that serve a listener use
// Listener, which does both.
func (p *Publisher) Publish(ctx context.Context, addr string) error {
	pub := new(publication)
	p.mu.Lock()
	if p.published[addr] != nil {
		p.mu.Unlock()
		return &PublishedError{addr}
	}
	p.published[addr] = pub
	services := slices.Clone(p.services)
	p.mu.Unlock()
	err := p.register(ctx, pub, addr, services)
	if err != nil {
		p.mu.Lock()
		delete(p.published, addr)
		p.mu.Unlock()
	}
	return err
}

// register adds services of one publication to the registry.
func (p *Publisher) register(ctx context.Context, pub *publication, addr string, services []string) error {
	entries := make([]Entry, len(services))
	for i, s := range services {
		entries[i] = Entry{Service: s, Addr: addr}
	}
	deregister, err := p.reg.Register(ctx, entries...)
	if err != nil {
		return fmt.Errorf("registry: publish %s: %w", addr, err)
	}
	p.mu.Lock()
	stays := p.published[addr] == pub
	if stays {
		pub.deregister = append(pub.deregister, deregister)
	}
	p.mu.Unlock()
	if stays {
		return nil
	}
	return errors.Join(fmt.Errorf("registry: publish %s: it was withdrawn meanwhile", addr), deregister(ctx))
}

// Withdraw removes the entries of the address from the registry. An address
// that is not published is no error. A failure leaves it to Withdraw again.
// Called some time before Peer.Close, it lets others go elsewhere in peace.
func (p *Publisher) Withdraw(ctx context.Context, addr string) error {
	p.mu.Lock()
	pub := p.published[addr]
	delete(p.published, addr)
	var list []func(context.Context) error
	if pub != nil {
		list = pub.deregister
	}
	p.mu.Unlock()
	var errs []error
	var left []func(context.Context) error
	for _, deregister := range list {
		if err := deregister(ctx); err != nil {
			errs, left = append(errs, err), append(left, deregister)
		}
	}
	if len(left) == 0 {
		return nil
	}
	p.mu.Lock()
	if p.published[addr] == nil {
		p.published[addr] = &publication{deregister: left}
	}
	p.mu.Unlock()
	return fmt.Errorf("registry: withdraw %s: %w", addr, errors.Join(errs...))
}

// Listener publishes all services for the listener's address and gives a
// listener to serve: when it is closed, which Peer.Close and tp.Shutdown do
// first of all, the entries are taken back. On an error lis is left as it is.
//
//	lis, err = pub.Listener(ctx, lis)
//	...
//	err = peer.ServeListener(lis)
func (p *Publisher) Listener(ctx context.Context, lis net.Listener) (net.Listener, error) {
	addr, err := p.address(lis.Addr())
	if err != nil {
		return nil, err
	}
	if err := p.Publish(ctx, addr); err != nil {
		return nil, err
	}
	return &publishedListener{Listener: lis, pub: p, addr: addr}, nil
}

// AddressError says that an address is of no use to others.
type AddressError struct {
	Addr   string
	Reason string
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("registry: the address %q cannot be published: %s", e.Addr, e.Reason)
}

// address is what others shall dial to reach a.
func (p *Publisher) address(a net.Addr) (string, error) {
	addr := p.opts.Advertise
	if addr == "" {
		if ap, err := netip.ParseAddrPort(a.String()); err == nil && ap.Addr().IsUnspecified() {
			return "", &AddressError{a.String(), "it stands for every address of this host; set PublisherOptions.Advertise"}
		}
		return a.String(), nil
	}
	if _, _, err := net.SplitHostPort(addr); err == nil {
		return addr, nil
	}
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return "", &AddressError{addr, fmt.Sprintf("it has no port, and neither has the listener's, %s", a)}
	}
	return net.JoinHostPort(addr, port), nil
}

// publishedListener takes its entries back when it is closed.
type publishedListener struct {
	net.Listener
	pub  *Publisher
	addr string
	once sync.Once
}

// Close closes the listener first, so that a dial is refused rather than
// accepted by a peer that is closing: who dials goes elsewhere at once.
func (l *publishedListener) Close() error {
	err := l.Listener.Close()
	l.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), l.pub.opts.Timeout)
		defer cancel()
		err = errors.Join(err, l.pub.Withdraw(ctx, l.addr))
	})
	return err
}
