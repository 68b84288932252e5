package registry_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/registry"
)

func wantList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestPublisher_FollowsThePeersLife(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic()
		peer, end := r.server(reg, "a:1")
		wantList(t, "pull route", r.listed(reg, "/who"), "a:1")
		wantList(t, "push route", r.listed(reg, "/note"), "a:1")
		peer.PullRouter.RegFunc("/late", func(*struct{}) (string, *tp.Rerror) { return "", nil })
		wantList(t, "a route registered while serving", r.listed(reg, "/late"), "a:1")
		end()
		for _, service := range []string{"/who", "/note", "/late"} {
			wantList(t, service+" of the closed peer", r.listed(reg, service))
		}
	})
}

func TestPublisher_SuccessorKeepsTheAddress(t *testing.T) {
	reg := registry.NewStatic()
	old := registry.NewPublisher(reg, registry.PublisherOptions{Service: func(*tp.Handler) string { return "app" }})
	successor := registry.NewPublisher(reg, registry.PublisherOptions{Service: func(*tp.Handler) string { return "app" }})
	for _, pub := range []*registry.Publisher{old, successor} {
		peer := tp.NewPeer(tp.PeerConfig{}, pub)
		defer peer.Close()
		peer.PullRouter.RegFunc("/a", func(*struct{}) (string, *tp.Rerror) { return "", nil })
		peer.PullRouter.RegFunc("/b", func(*struct{}) (string, *tp.Rerror) { return "", nil })
		wantList(t, "services", pub.Services(), "app")
		if err := pub.Publish(t.Context(), "a:1"); err != nil {
			t.Fatal(err)
		}
	}
	var pe *registry.PublishedError
	if err := old.Publish(t.Context(), "a:1"); !errors.As(err, &pe) {
		t.Errorf("publishing twice gave %v, want a *PublishedError", err)
	}
	if err := old.Withdraw(t.Context(), "a:1"); err != nil {
		t.Fatal(err)
	}
	if list, err := registry.Lookup(t.Context(), reg, "app"); err != nil || len(list) != 1 {
		t.Errorf("the successor's entry is gone: %v, %v", list, err)
	}
}

func TestPublisher_Addresses(t *testing.T) {
	for _, c := range []struct{ listens, advertise, want string }{
		{"10.0.0.7:9090", "", "10.0.0.7:9090"},
		{"0.0.0.0:9090", "10.0.0.7", "10.0.0.7:9090"},
		{"[::]:9090", "fd00::1", "[fd00::1]:9090"},
		{"10.0.0.7:9090", "lb.example:80", "lb.example:80"},
		{"[::]:9090", "", ""},
		{"0.0.0.0:9090", "", ""},
		{"mem", "host", ""},
	} {
		reg := registry.NewStatic()
		pub := registry.NewPublisher(reg, registry.PublisherOptions{Advertise: c.advertise})
		peer := tp.NewPeer(tp.PeerConfig{}, pub)
		peer.PullRouter.RegFunc("/a", func(*struct{}) (string, *tp.Rerror) { return "", nil })
		lis, err := pub.Listener(t.Context(), &fakeListener{addr: fakeAddr(c.listens)})
		if c.want == "" {
			var ae *registry.AddressError
			if !errors.As(err, &ae) {
				t.Errorf("%s as %q: got %v, want an *AddressError", c.listens, c.advertise, err)
			}
		} else if err != nil {
			t.Errorf("%s as %q: %v", c.listens, c.advertise, err)
		} else {
			list, _ := registry.Lookup(t.Context(), reg, "/a")
			if len(list) != 1 || list[0].Addr != c.want {
				t.Errorf("%s as %q: published %v, want %s", c.listens, c.advertise, list, c.want)
			}
			if err := errors.Join(lis.Close(), lis.Close()); err != nil {
				t.Errorf("close twice: %v", err)
			}
			if list, _ := registry.Lookup(t.Context(), reg, "/a"); len(list) != 0 {
				t.Errorf("closed, there are still %v", list)
			}
		}
		peer.Close()
	}
}

type fakeAddr string

func (fakeAddr) Network() string  { return "tcp" }
func (a fakeAddr) String() string { return string(a) }

type fakeListener struct {
	net.Listener
	addr net.Addr
}

func (l *fakeListener) Addr() net.Addr { return l.addr }
func (l *fakeListener) Close() error   { return nil }

func TestPublisher_UnreachableRegistry(t *testing.T) {
	pub := registry.NewPublisher(failing{}, registry.PublisherOptions{})
	if _, err := pub.Listener(t.Context(), &fakeListener{addr: fakeAddr("a:1")}); !errors.Is(err, errUnreachable) {
		t.Errorf("Listener gave %v, want the registry's error", err)
	}
}

// sulking is a registry that is lost after the first registration.
type sulking struct {
	registry.Registry
	calls int
}

func (s *sulking) Register(ctx context.Context, entries ...registry.Entry) (func(context.Context) error, error) {
	if s.calls++; s.calls > 1 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if _, err := s.Registry.Register(ctx, entries...); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, nil
}

func TestPublisher_LostRegistryHoldsNobodyForLong(t *testing.T) {
	inBubble(t, func(r *rig) {
		pub := registry.NewPublisher(&sulking{Registry: registry.NewStatic()}, registry.PublisherOptions{Timeout: 3 * time.Second})
		peer := tp.NewPeer(tp.PeerConfig{}, pub)
		lis, err := pub.Listener(r.Context(), &fakeListener{addr: fakeAddr("a:1")})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var reg *tp.RegisterError
		if err := peer.PullRouter.TryRegFunc("/late", func(*struct{}) (string, *tp.Rerror) { return "", nil }); !errors.As(err, &reg) {
			t.Errorf("a route that cannot be published gave %v, want a *tp.RegisterError", err)
		}
		if err := lis.Close(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close gave %v, want that the deadline passed", err)
		}
		if d := time.Since(began); d != 6*time.Second {
			t.Errorf("both together took %v, want 3 s each", d)
		}
		peer.Close()
	})
}
