package proxy

import (
	"slices"
	"strings"
	"sync"
)

// table holds the upstreams that downstream sessions share.
type table struct {
	max int

	mu     sync.Mutex // guards what follows
	byAddr map[string]*upstream
}

// get gives the upstream of an address, made if need be; nil where there are
// too many.
func (t *table) get(addr string, fresh func() *upstream) *upstream {
	if u := t.find(addr); u != nil {
		return u
	}
	if t.len() >= t.max {
		t.forget()
	}
	u := fresh()
	t.mu.Lock()
	defer t.mu.Unlock()
	if had := t.byAddr[addr]; had != nil {
		return had
	}
	if len(t.byAddr) >= t.max {
		return nil
	}
	if t.byAddr == nil {
		t.byAddr = make(map[string]*upstream)
	}
	t.byAddr[addr] = u
	return u
}

func (t *table) find(addr string) *upstream {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byAddr[addr]
}

func (t *table) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byAddr)
}

func (t *table) all() []*upstream {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]*upstream, 0, len(t.byAddr))
	for _, u := range t.byAddr {
		list = append(list, u)
	}
	return list
}

// forget takes one upstream out that has neither a connection nor anything to do.
func (t *table) forget() {
	for _, u := range t.all() {
		if !u.isIdle() {
			continue
		}
		t.mu.Lock()
		delete(t.byAddr, u.addr)
		t.mu.Unlock()
		return
	}
}

func (t *table) status() []Upstream {
	var list []Upstream
	for _, u := range t.all() {
		list = append(list, u.status())
	}
	slices.SortFunc(list, func(a, b Upstream) int { return strings.Compare(a.Addr, b.Addr) })
	return list
}
