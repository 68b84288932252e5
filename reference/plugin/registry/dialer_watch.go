package registry

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// watchAgain is the wait after a Watch that ended by itself, which none should.
const watchAgain = time.Second

// service is one service that a Dialer was asked for.
type service struct {
	name  string
	ready chan struct{} // closed with the first list
	turn  atomic.Uint64
	list  atomic.Pointer[addrList] // nil before the first list
}

// addrList is what the registry said last; it is immutable.
type addrList struct {
	addrs []string
	err   error
}

// maxServices bounds the names that a Dialer watches: each costs a goroutine
// until the Dialer is closed.
const maxServices = 1024

// service gives the service of that name, which is watched from then on.
func (d *Dialer) service(name string) (*service, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return nil, ErrDialerClosed
	}
	s := d.services[name]
	if s == nil && len(d.services) >= maxServices {
		return nil, fmt.Errorf("registry: %q would be service %d that this Dialer watches: set DialerOptions.Service where uris come from others", name, maxServices+1)
	}
	if s == nil {
		s = &service{name: name, ready: make(chan struct{})}
		d.services[name] = s
		d.wg.Add(1)
		go d.watch(s)
	}
	return s, nil
}

// watch keeps a service's addresses. Owner: the Dialer; end: its Close.
func (d *Dialer) watch(s *service) {
	defer d.wg.Done()
	first := true
	for d.ctx.Err() == nil {
		for list, err := range d.reg.Watch(d.ctx, s.name) {
			if err != nil {
				tp.Warnf("registry: the list of %q may be old: %s", s.name, err)
			}
			addrs := make([]string, len(list))
			for i, e := range list {
				addrs[i] = e.Addr
			}
			s.list.Store(&addrList{slices.Compact(addrs), err})
			d.prune()
			if first {
				first = false
				close(s.ready)
			}
		}
		if d.ctx.Err() == nil {
			tp.Errorf("registry: the watch of %q ended; trying again in %v", s.name, watchAgain)
			pause(d.ctx, watchAgain)
		}
	}
}

// prune forgets the addresses that no service lists and that have no session:
// addresses come and go for ever. A session that is up stays, for whoever uses
// it, until either side ends it.
func (d *Dialer) prune() {
	d.mu.Lock()
	defer d.mu.Unlock()
	listed := make(map[string]bool)
	for _, s := range d.services {
		if l := s.list.Load(); l != nil {
			for _, a := range l.addrs {
				listed[a] = true
			}
		}
	}
	for addr, c := range d.conns {
		if !listed[addr] && c.idle() {
			delete(d.conns, addr)
		}
	}
}

// pathOf is the path of a uri, as it is routed on.
func pathOf(uri string) string {
	if path, _, plain := strings.Cut(uri, "?"); !plain && !strings.ContainsAny(path, "%#:") {
		return path
	}
	u, err := url.Parse(uri)
	if err != nil {
		return uri
	}
	return u.Path
}
