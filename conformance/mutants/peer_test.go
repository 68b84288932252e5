package mutants

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

func TestPeerBases_PassTheWholeBattery(t *testing.T) {
	for _, base := range peerBases() {
		t.Run(base.Name, func(t *testing.T) {
			dial, stop := base.Peer()
			defer stop()
			var opts []conformance.Option
			if base.Name == dialing && os.Getenv("TELEPORT_LONG") != "1" { // it is the same peer, reached in another way
				opts = append(opts, conformance.Only("peer/testee-*"), conformance.Only("peer/end-*"), conformance.Only("peer/callback-*"))
			}
			r := conformance.CheckPeer(t.Context(), dial, opts...)
			for _, result := range r.Results {
				if result.Verdict != runner.Pass {
					t.Errorf("%s: %s: %s", result.Case, result.Verdict, result.Detail)
				}
			}
		})
	}
}

func TestPeers_AreKilledAsDeclared(t *testing.T) {
	mutants := peers()
	if len(mutants) < 20 {
		t.Errorf("there are %d broken peers, expected at least 20", len(mutants))
	}
	if os.Getenv("TELEPORT_LONG") != "1" {
		heavy := []string{"peer-handlers-unbounded", "peer-unread-grows"}
		mutants = slices.DeleteFunc(mutants, func(m Mutant) bool { return m.Timeout > 0 || slices.Contains(heavy, m.ID) })
	}
	for _, o := range Run(t.Context(), mutants, Options{}) {
		if !o.OK() {
			t.Errorf("%s (%s): %s: %s gave %s, want %s: %s", o.Mutant.ID, o.Mutant.Fault, o.Fate, o.Mutant.KilledBy, o.Verdict, o.Mutant.Want(), o.Detail)
		} else if o.Detail == "" {
			t.Errorf("%s: %s does not say why it failed", o.Mutant.ID, o.Mutant.KilledBy)
		} else {
			t.Logf("%s: %v: %s: %.120q", o.Mutant.ID, o.Took.Round(time.Millisecond), o.Mutant.KilledBy, o.Detail)
		}
	}
}

// TestPeers_EachIsOneFault shows that a broken peer is no peer that fails everything: most of them echo well.
func TestPeers_EachIsOneFault(t *testing.T) {
	bad := map[string]bool{}
	for _, m := range peers() {
		if m.Timeout > 0 {
			continue
		}
		dial, stop := m.Peer()
		r := conformance.CheckPeer(t.Context(), dial, conformance.Only("peer/order-seq-repeated"))
		stop()
		if !r.OK() {
			bad[m.ID] = true
		}
	}
	if len(bad) > 20 {
		t.Errorf("%d broken peers fail at three plain calls, expected 20 at most: %v", len(bad), bad)
	}
}

func TestNaivePeer_StopEndsWhatWaits(t *testing.T) {
	dial, stop := startNaive(nil)()
	conn, err := dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	held, refused := oracle.Encode(oracle.Packet{Ptype: oracle.Pull, Uri: []byte("/conformance/hold?key=k")}, oracle.Limits{})
	if refused != nil {
		t.Fatal(refused)
	}
	if _, err := conn.Write(held); err != nil {
		t.Fatal(err)
	}
	stop() // returns when all goroutines have ended
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("got %d bytes after the stop, expected the end", n)
	}
	if late, err := dial(context.Background()); err != nil {
		t.Errorf("dialing a peer that has stopped: %v", err)
	} else if _, err := late.Read(make([]byte, 1)); err == nil {
		t.Error("a connection after the stop is served")
	}
}

func TestSplitURI_FollowsTheSixSteps(t *testing.T) {
	for _, tt := range []struct {
		uri, path, query string
		ok               bool
	}{
		{"/group/home/test?peer_id=call-1", "/group/home/test", "peer_id=call-1", true},
		{"/%67roup/x", "/group/x", "", true},
		{"/a%2Fb", "/a/b", "", true},
		{"tp://host/a?b", "/a", "b", true},
		{"//host/a", "/a", "", true},
		{"///a", "///a", "", true},
		{"mailto:x", "", "", true},
		{"", "", "", true},
		{"/a#b?c", "/a", "", true},
		{"a:b/c", "", "", true},
		{"1:b/c", "", "", false},
		{"/%zz", "", "", false},
		{"/a%", "", "", false},
		{"/a\x00", "", "", false},
		{"/a?%zz", "/a", "%zz", true},
	} {
		path, query, ok := splitURI([]byte(tt.uri))
		if ok != tt.ok || ok && (path != tt.path || string(query) != tt.query) {
			t.Errorf("%q: got %q, %q, %v, want %q, %q, %v", tt.uri, path, query, ok, tt.path, tt.query, tt.ok)
		}
	}
}
