// Package registrytest says what a registry.Registry has to do, as tests. An
// implementation runs them in its own:
//
//	func TestMyRegistry(t *testing.T) {
//		registrytest.Test(t, func() registry.Registry { return newEmpty(t) })
//	}
package registrytest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/plugin/registry"
)

// patience is how long a change may take to show.
const patience = 20 * time.Second

// Test checks an implementation. fresh gives an empty registry, another one
// each time; what it needs to be cleaned up is the caller's matter (t.Cleanup).
// The tests take real time: let the implementation notice changes within
// milliseconds where that can be set.
func Test(t *testing.T, fresh func() registry.Registry) {
	t.Helper()
	cases := []struct {
		name string
		run  func(*rig)
	}{
		{"EmptyListComesAtOnce", emptyList},
		{"RegisterAndDeregister", registerAndDeregister},
		{"ServicesAreApart", servicesApart},
		{"SeveralEntriesInOneCall", severalEntries},
		{"BadEntryRegistersNothing", badEntry},
		{"DoneContextRegistersNothing", doneContext},
		{"TakenOverEntryStays", takenOver},
		{"ListsAreSortedAndTheCallers", listsAreTheCallers},
		{"WatchEndsWithContext", watchEnds},
		{"WatchCanBeLeftAndBegunAgain", watchAgain},
		{"ConcurrentUse", concurrentUse},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c.run(&rig{T: t, ctx: ctx, reg: fresh()})
		})
	}
}

type rig struct {
	*testing.T
	ctx context.Context
	reg registry.Registry
}

func (r *rig) register(entries ...registry.Entry) (deregister func()) {
	r.Helper()
	dereg, err := r.reg.Register(r.ctx, entries...)
	if err != nil {
		r.Fatalf("Register(%v): %v", entries, err)
	}
	return func() {
		r.Helper()
		if err := dereg(r.ctx); err != nil {
			r.Fatalf("deregister %v: %v", entries, err)
		}
	}
}

// watcher reads one Watch, a list at a time.
type watcher struct {
	*rig
	service string
	next    func() ([]registry.Entry, error, bool)
}

func (r *rig) watch(service string) *watcher {
	next, stop := iter.Pull2(r.reg.Watch(r.ctx, service))
	r.Cleanup(stop)
	return &watcher{r, service, next}
}

// want reads until the list has just these addresses. Lists between may come.
func (w *watcher) want(addrs ...string) {
	w.Helper()
	var got []string
	for {
		list, err, ok := w.next()
		if !ok {
			w.Fatalf("the Watch of %q ended (%v) with the list %q, want %q", w.service, w.ctx.Err(), got, addrs)
		}
		if err != nil {
			w.Fatalf("the Watch of %q gave the error: %v", w.service, err)
		}
		if got = addresses(w.rig, w.service, list); slices.Equal(got, addrs) {
			return
		}
	}
}

func addresses(r *rig, service string, list []registry.Entry) []string {
	r.Helper()
	var addrs []string
	for _, e := range list {
		if e.Service != service {
			r.Fatalf("the Watch of %q gave an entry of %q", service, e.Service)
		}
		addrs = append(addrs, e.Addr)
	}
	return addrs
}

func (r *rig) wantNow(service string, addrs ...string) {
	r.Helper()
	list, err := registry.Lookup(r.ctx, r.reg, service)
	if err != nil {
		r.Fatalf("Lookup(%q): %v", service, err)
	}
	if got := addresses(r, service, list); !slices.Equal(got, addrs) {
		r.Fatalf("Lookup(%q) gave %q, want %q", service, got, addrs)
	}
}

func emptyList(r *rig) {
	r.watch("/a").want()
	r.wantNow("/a")
}

func registerAndDeregister(r *rig) {
	w := r.watch("/a")
	w.want()
	one := r.register(registry.Entry{Service: "/a", Addr: "h:1"})
	w.want("h:1")
	r.wantNow("/a", "h:1")
	two := r.register(registry.Entry{Service: "/a", Addr: "h:2"})
	w.want("h:1", "h:2")
	one()
	w.want("h:2")
	one() // does nothing
	two()
	w.want()
	r.wantNow("/a")
}

func servicesApart(r *rig) {
	r.register(registry.Entry{Service: "/a", Addr: "h:1"})
	r.register(registry.Entry{Service: "/a/b", Addr: "h:2"})
	r.register(registry.Entry{Service: "/ä ?*", Addr: "[::1]:3"})
	r.wantNow("/a", "h:1")
	r.wantNow("/a/b", "h:2")
	r.wantNow("/ä ?*", "[::1]:3")
	r.wantNow("/")
}

func severalEntries(r *rig) {
	w := r.watch("/b")
	all := r.register(registry.Entry{Service: "/a", Addr: "h:1"}, registry.Entry{Service: "/b", Addr: "h:1"}, registry.Entry{Service: "/b", Addr: "h:2"})
	w.want("h:1", "h:2")
	r.wantNow("/a", "h:1")
	all()
	w.want()
	r.wantNow("/a")
	r.register()() // none is none
}

func badEntry(r *rig) {
	good := registry.Entry{Service: "/a", Addr: "h:1"}
	for _, bad := range []registry.Entry{{Addr: "h:1"}, {Service: "/a"}, {Service: "/\xff", Addr: "h:1"}} {
		var ee *registry.EntryError
		if _, err := r.reg.Register(r.ctx, good, bad); !errors.As(err, &ee) {
			r.Errorf("Register(%+v) gave %v, want an *EntryError", bad, err)
		}
	}
	r.wantNow("/a")
}

func doneContext(r *rig) {
	ctx, cancel := context.WithCancel(r.ctx)
	cancel()
	if _, err := r.reg.Register(ctx, registry.Entry{Service: "/a", Addr: "h:1"}); !errors.Is(err, context.Canceled) {
		r.Errorf("Register with a done context gave %v, want context.Canceled", err)
	}
	r.wantNow("/a")
}

func takenOver(r *rig) {
	old := r.register(registry.Entry{Service: "/a", Addr: "h:1"}, registry.Entry{Service: "/b", Addr: "h:1"})
	successor := r.register(registry.Entry{Service: "/a", Addr: "h:1"})
	old()
	r.wantNow("/a", "h:1")
	r.wantNow("/b")
	successor()
	r.wantNow("/a")
}

func listsAreTheCallers(r *rig) {
	for _, addr := range []string{"h:3", "h:1", "h:2"} {
		r.register(registry.Entry{Service: "/a", Addr: addr})
	}
	list, err := registry.Lookup(r.ctx, r.reg, "/a")
	if err != nil || len(list) != 3 {
		r.Fatalf("Lookup gave %v, %v", list, err)
	}
	clear(list)
	r.wantNow("/a", "h:1", "h:2", "h:3")
}

func watchEnds(r *rig) {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	lists := 0
	for range r.reg.Watch(ctx, "/a") {
		lists++
		cancel()
	}
	if lists != 1 {
		r.Errorf("the Watch gave %d lists, want the one from before its context was done", lists)
	}
	for range r.reg.Watch(ctx, "/a") {
		r.Error("a Watch with a done context gave a list")
	}
	if _, err := registry.Lookup(ctx, r.reg, "/a"); !errors.Is(err, context.Canceled) {
		r.Errorf("Lookup with a done context gave %v", err)
	}
}

func watchAgain(r *rig) {
	seq := r.reg.Watch(r.ctx, "/a")
	for range seq {
		break
	}
	r.register(registry.Entry{Service: "/a", Addr: "h:1"})
	for list := range seq {
		if got := addresses(r, "/a", list); !slices.Equal(got, []string{"h:1"}) {
			r.Errorf("the Watch begun again gave %q first, want the list as it is now", got)
		}
		break
	}
}

func concurrentUse(r *rig) {
	const n = 8
	w := r.watch("/a")
	var all []string
	var wg sync.WaitGroup
	deregs := make([]func(context.Context) error, n)
	for i := range n {
		addr := fmt.Sprintf("h:%d", i)
		all = append(all, addr)
		wg.Go(func() {
			var err error
			if deregs[i], err = r.reg.Register(r.ctx, registry.Entry{Service: "/a", Addr: addr}); err != nil {
				r.Errorf("Register %s: %v", addr, err)
			}
		})
	}
	wg.Wait()
	if r.Failed() {
		return
	}
	w.want(all...)
	for _, dereg := range deregs {
		wg.Go(func() {
			if err := dereg(r.ctx); err != nil {
				r.Errorf("deregister: %v", err)
			}
		})
	}
	wg.Wait()
	w.want()
}
