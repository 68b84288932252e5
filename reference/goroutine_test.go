package tp

import (
	"context"
	"errors"
	"testing"

	"github.com/henrylee2cn/teleport/reference/codec"
)

func TestGo_IsBoundedAndAnywayGoIsNot(t *testing.T) {
	quiet(t)
	SetGopool(2, 0)
	t.Cleanup(func() { SetGopool(1<<20, 0) })
	g := newGate()
	done := make(chan bool, 10)
	hold := func() { g.pass(); done <- true }
	if first, second := Go(hold), Go(hold); !first || !second {
		t.Fatal("Go refuses what is within the bound")
	}
	<-g.came
	<-g.came
	if Go(hold) {
		t.Error("Go runs more than the bound")
	}
	AnywayGo(hold)
	<-g.came
	SetGopool(0, 0)
	if !Go(hold) {
		t.Error("no bound, and Go refuses")
	}
	close(g.open)
	for range 4 {
		<-done
	}
	AnywayGo(func() { defer func() { done <- true }(); panic("logged") })
	<-done
}

func TestSetGlobalBodyCodec_CountsForPeersMadeAfterwards(t *testing.T) {
	t.Cleanup(func() {
		if err := SetGlobalBodyCodec(codec.JSONId); err != nil {
			t.Error(err)
		}
	})
	old := NewPeer(PeerConfig{})
	defer old.Close()
	if err := SetGlobalBodyCodec(codec.StringId); err != nil {
		t.Fatal(err)
	}
	fresh, named := NewPeer(PeerConfig{}), NewPeer(PeerConfig{DefaultBodyCodec: "protobuf"})
	defer fresh.Close()
	defer named.Close()
	if old.defaultCodec != codec.JSONId || fresh.defaultCodec != codec.StringId || named.defaultCodec != codec.ProtobufId {
		t.Errorf("the codecs are %q, %q, %q", old.defaultCodec, fresh.defaultCodec, named.defaultCodec)
	}
	if err := SetGlobalBodyCodec(0xee); err == nil || globalBodyCodec() != "string" {
		t.Errorf("an unregistered id gives %v, and %q", err, globalBodyCodec())
	}
}

func TestPeerConfigReload_BindsAndChecks(t *testing.T) {
	var cfg PeerConfig
	if err := cfg.Reload(func() error { cfg.RedialTimes = 3; return nil }); err != nil || cfg.RedialTimes != 3 || cfg.Network != "" {
		t.Errorf("got %v, %+v", err, cfg)
	}
	if err := cfg.Reload(func() error { return errTest }); !errors.Is(err, errTest) {
		t.Errorf("the error of bind becomes %v", err)
	}
	var ce *ConfigError
	if err := cfg.Reload(func() error { cfg.MaxPending = -1; return nil }); !errors.As(err, &ce) || ce.Field != "MaxPending" {
		t.Errorf("what cannot work gives %v", err)
	}
}

func TestSessionHub_IsAnIndex(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		cli, a := r.dial(PeerConfig{})
		defer cli.Close()
		b, rerr := cli.Dial(rigAddr)
		if rerr != nil {
			t.Fatal(rerr)
		}
		var h SessionHub
		if _, ok := h.Random(); ok || h.Len() != 0 {
			t.Error("an empty hub has something")
		}
		first, again, other := h.Set("ann", a), h.Set("ann", a), h.Set("ann", b)
		if first != nil || again != nil || other != a {
			t.Error("Set does not say what it replaces")
		}
		h.Set("bob", a)
		if got, ok := h.Get("ann"); !ok || got != b || h.Len() != 2 {
			t.Errorf("Get gives %v, %v", got, ok)
		}
		seen := 0
		h.Range(func(key string, _ Session) bool { seen++; h.Delete(key); return false })
		if seen != 1 || h.Len() != 1 {
			t.Errorf("Range calls %d times, %d are left", seen, h.Len())
		}
		h.Set("ann", b)
		h.Delete("ann", a)
		if _, ok := h.Get("ann"); !ok {
			t.Error("Delete took another session than it was told")
		}
		h.Delete("ann", b)
		if _, ok := h.Get("ann"); ok {
			t.Error("Delete did nothing")
		}
	})
}

// The typed helpers, the push pair too, with a context and without.
func TestGeneric_CallsWithAndWithoutAContext(t *testing.T) {
	inBubble(t, PeerConfig{}, func(r *rig) {
		type note struct{ Text string }
		got := make(chan string, 2)
		HandlePush(r.srv.PushRouter, "/note", func(ctx PushCtx, n *note) {
			_, bounded := ctx.Context().Deadline()
			got <- n.Text
			if bounded {
				t.Error("a deadline from nowhere")
			}
		})
		HandlePull(r.srv.PullRouter, "/len", func(_ PullCtx, n *note) (int, *Rerror) {
			if n.Text == "" {
				return 9, NewRerror(1001, "empty", "")
			}
			return len(n.Text), nil
		})
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		if rerr := Push(sess, "/note", note{"one"}); rerr != nil || <-got != "one" {
			t.Error(rerr)
		}
		if rerr := PushContext(context.Background(), sess, "/note", note{"two"}); rerr != nil || <-got != "two" {
			t.Error(rerr)
		}
		if n, rerr := PullContext[note, int](context.Background(), sess, "/len", note{"three"}); rerr != nil || n != 5 {
			t.Errorf("got %d, %v", n, rerr)
		}
		n, rerr := Pull[note, int](sess, "/len", note{})
		wantCode(t, "an error", rerr, 1001)
		if n != 0 {
			t.Errorf("beside an error the result is %d", n)
		}
	})
}
