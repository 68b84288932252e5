package registry_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/registry"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestDialer_TakesTurnsAndSharesSessions(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic()
		dials := 0
		r.net.OnDial(func(*tptest.Conn, *tptest.Conn) { dials++ })
		for _, addr := range []string{"a:1", "b:1", "c:1"} {
			_, end := r.server(reg, addr)
			defer end()
		}
		d, end := r.dialer(reg, registry.DialerOptions{})
		defer end()
		var got []string
		for range 6 {
			got = append(got, r.who(d))
		}
		wantList(t, "answers", got, "a:1", "b:1", "c:1", "a:1", "b:1", "c:1")
		if err := d.Push(r.Context(), "/note", "x"); err != nil {
			t.Errorf("push: %v", err)
		}
		if dials != 3 {
			t.Errorf("%d dials, want one for each address", dials)
		}
	})
}

func TestDialer_RandomReachesAll(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic()
		for _, addr := range []string{"a:1", "b:1"} {
			_, end := r.server(reg, addr)
			defer end()
		}
		d, end := r.dialer(reg, registry.DialerOptions{Order: registry.Random})
		defer end()
		seen := map[string]int{}
		for range 64 {
			seen[r.who(d)]++
		}
		if len(seen) != 2 { // by chance once in 2^63
			t.Errorf("answers came from %v, want both", seen)
		}
	})
}

func TestDialer_ConcurrentCallersDialOnce(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic()
		_, end := r.server(reg, "a:1")
		defer end()
		dials := 0
		r.net.OnDial(func(*tptest.Conn, *tptest.Conn) { dials++ })
		r.net.DialDelay(time.Second)
		d, endDialer := r.dialer(reg, registry.DialerOptions{})
		defer endDialer()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { r.who(d) })
		}
		wg.Wait()
		if dials != 1 {
			t.Errorf("%d dials, want 1", dials)
		}
	})
}

func TestDialer_GoesElsewhereAndComesBack(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewFile(filepath.Join(t.TempDir(), "services.json"), registry.FileOptions{Interval: time.Second})
		_, endA := r.server(reg, "a:1")
		_, endB := r.server(reg, "b:1")
		d, end := r.dialer(reg, registry.DialerOptions{})
		defer end()
		wantList(t, "both", []string{r.who(d), r.who(d)}, "a:1", "b:1")
		endA()
		wantList(t, "one is gone", []string{r.who(d), r.who(d), r.who(d)}, "b:1", "b:1", "b:1")
		time.Sleep(2 * time.Second) // virtual: the file is looked at
		_, endA = r.server(reg, "a:1")
		defer endA()
		time.Sleep(2 * time.Second)
		got := map[string]bool{r.who(d): true, r.who(d): true}
		if !got["a:1"] || !got["b:1"] {
			t.Errorf("with both there again answers came from %v", got)
		}
		endB()
		wantList(t, "the other is gone", []string{r.who(d), r.who(d)}, "a:1", "a:1")
	})
}

func TestDialer_FailedAddressComesLastForAWhile(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic(registry.Entry{Service: "/who", Addr: "a:1"}) // nobody there
		_, end := r.server(reg, "b:1")
		defer end()
		dialed := 0
		peer := tp.NewPeer(tp.PeerConfig{DialFunc: countDials(&dialed, r.net)})
		defer peer.Close()
		d := registry.NewDialer(reg, peer, registry.DialerOptions{Cooldown: time.Minute})
		defer d.Close()
		for range 10 {
			if got := r.who(d); got != "b:1" {
				t.Errorf("answer from %q", got)
			}
		}
		if dialed != 2 {
			t.Errorf("%d dials, want one of each address", dialed)
		}
		time.Sleep(2 * time.Minute) // virtual
		r.who(d)
		r.who(d)
		if dialed != 3 {
			t.Errorf("%d dials after the cooldown, want one more", dialed)
		}
	})
}

func TestDialer_Errors(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic(registry.Entry{Service: "/dead", Addr: "a:1"}, registry.Entry{Service: "/dead", Addr: "b:1"})
		d, end := r.dialer(reg, registry.DialerOptions{})
		var none *registry.NoAddressError
		if _, err := d.Dial(r.Context(), "/nobody"); !errors.As(err, &none) || none.Service != "/nobody" {
			t.Errorf("a service without entries gave %v, want a *NoAddressError", err)
		}
		var rerr *tp.Rerror
		for range 2 { // the second time both are cooling: they are dialed all the same
			if _, err := d.Dial(r.Context(), "/dead"); !errors.As(err, &rerr) || rerr.Code != tp.CodeDialFailed {
				t.Errorf("a service at dead addresses gave %v, want code 105", err)
			}
		}
		r.net.DialDelay(time.Hour)
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		if _, err := d.Dial(ctx, "/dead"); err == nil || ctx.Err() == nil {
			t.Errorf("a slow dial gave %v, context %v", err, ctx.Err())
		}
		dialing := make(chan error, 2)
		for range 2 {
			go func() { _, err := d.Dial(context.Background(), "/dead"); dialing <- err }()
		}
		synctest.Wait()
		end() // does not wait for an hour
		for range 2 {
			if err := <-dialing; err == nil {
				t.Error("a dial under way survived Close")
			}
		}
		if _, err := d.Dial(r.Context(), "/dead"); !errors.Is(err, registry.ErrDialerClosed) {
			t.Errorf("the closed dialer gave %v", err)
		}
	})
}

func TestDialer_SessionThatRedialsIsTheLastResort(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic(registry.Entry{Service: "/who", Addr: "a:1"}, registry.Entry{Service: "/who", Addr: "b:1"})
		_, endA := r.server(registry.NewStatic(), "a:1")
		_, endB := r.server(registry.NewStatic(), "b:1")
		peer := tp.NewPeer(tp.PeerConfig{DialFunc: r.net.DialContext, RedialTimes: -1})
		d := registry.NewDialer(reg, peer, registry.DialerOptions{})
		wantList(t, "both", []string{r.who(d), r.who(d)}, "a:1", "b:1")
		endA()
		wantList(t, "one redials", []string{r.who(d), r.who(d), r.who(d)}, "b:1", "b:1", "b:1")
		endB()
		answer := make(chan string)
		go func() { answer <- r.who(d) }()
		synctest.Wait() // the call waits for a link
		_, endA = r.server(registry.NewStatic(), "a:1")
		_, endB = r.server(registry.NewStatic(), "b:1")
		if got := <-answer; got != "a:1" && got != "b:1" {
			t.Errorf("the answer came from %q", got)
		}
		if err := errors.Join(d.Close(), peer.Close()); err != nil {
			t.Error(err)
		}
		endA()
		endB()
	})
}

// brief is a registry whose watches end after the first list.
type brief struct{ registry.Registry }

func (b brief) Watch(ctx context.Context, service string) iter.Seq2[[]registry.Entry, error] {
	return func(yield func([]registry.Entry, error) bool) {
		for list, err := range b.Registry.Watch(ctx, service) {
			yield(list, err)
			return
		}
	}
}

func TestDialer_BeginsAnEndedWatchAgain(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic()
		d, end := r.dialer(brief{reg}, registry.DialerOptions{})
		defer end()
		if _, err := d.Dial(r.Context(), "/who"); err == nil {
			t.Error("Dial gave a session to a service that nobody offers")
		}
		_, endServer := r.server(reg, "a:1")
		defer endServer()
		time.Sleep(2 * time.Second) // virtual: the watch begins again
		if got := r.who(d); got != "a:1" {
			t.Errorf("answer from %q", got)
		}
	})
}

func countDials(count *int, n *tptest.Network) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		*count++
		return n.DialContext(ctx, network, addr)
	}
}

func TestDialer_ForgetsAddressesThatAreGone(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic()
		d, end := r.dialer(reg, registry.DialerOptions{})
		defer end()
		for i := range 20 {
			addr := fmt.Sprintf("pod%d:1", i)
			_, endServer := r.server(reg, addr)
			synctest.Wait()
			if got := r.who(d); got != addr {
				t.Errorf("answer from %q, want %s", got, addr)
			}
			endServer()
			synctest.Wait()
		}
		if n := d.Conns(); n > 2 {
			t.Errorf("the dialer remembers %d addresses, want the last ones only", n)
		}
		if _, err := d.Dial(r.Context(), "/who"); err == nil {
			t.Error("Dial gave a session to a service that nobody offers")
		}
	})
}

func TestDialer_PullThatWasNotSentGoesElsewhere(t *testing.T) {
	inBubble(t, func(r *rig) {
		reg := registry.NewStatic()
		a, endA := r.server(reg, "a:1")
		_, endB := r.server(reg, "b:1")
		defer endB()
		hang := make(chan struct{})
		a.PullRouter.RegFunc("/hang", func(*struct{}) (bool, *tp.Rerror) { <-hang; return true, nil })
		peer := tp.NewPeer(tp.PeerConfig{DialFunc: r.net.DialContext, MaxPending: 1})
		d := registry.NewDialer(reg, peer, registry.DialerOptions{})
		sess, err := d.Dial(r.Context(), "/who")
		if err != nil || sess.RemoteIp() != "a:1" {
			t.Fatalf("Dial gave %v, %v", sess, err)
		}
		cmd := sess.AsyncPull("/hang", nil, nil, nil)
		for range 4 { // every second turn is a's, which takes no more
			var addr string
			if err := d.Pull(context.Background(), "/who", nil, &addr); err != nil || addr != "b:1" {
				t.Errorf("pull gave %q, %v; want b:1", addr, err)
			}
		}
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		var rerr *tp.Rerror
		if err := d.Pull(ctx, "/hang", nil, nil); !errors.As(err, &rerr) || rerr.Code != tp.CodeTimeout {
			t.Errorf("a pull that waits too long gave %v, want code 408", err)
		}
		close(hang)
		if rerr := cmd.Rerror(); rerr != nil {
			t.Error(rerr)
		}
		if err := errors.Join(d.Close(), peer.Close()); err != nil {
			t.Error(err)
		}
		endA()
	})
}
