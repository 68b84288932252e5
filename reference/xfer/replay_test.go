package xfer_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// guarded makes a receiver with a guard.
func guarded(t *testing.T, id byte, window, runs int, keys ...uint32) (*xfer.AEAD, *xfer.ReplayGuard) {
	t.Helper()
	g, err := xfer.NewReplayGuard(window, runs)
	if err != nil {
		t.Fatal(err)
	}
	o := xfer.AEADOptions{Sender: 2, Guard: g}
	for _, k := range keys {
		o.Keys = append(o.Keys, key(k))
	}
	b, err := ciphers[id](o)
	if err != nil {
		t.Fatal(err)
	}
	return b, g
}

// seal seals n packets.
func seal(t *testing.T, a *xfer.AEAD, n int) [][]byte {
	t.Helper()
	out := make([][]byte, n)
	for i := range out {
		out[i] = must(a.OnPack([]byte{byte(i)}))
	}
	return out
}

func TestReplayGuard_EachPacketOnce(t *testing.T) {
	for id := range ciphers {
		b, _ := guarded(t, id, 64, 4, 1)
		sent := seal(t, party(t, id, 1, 1), 300)
		for i, s := range sent {
			if _, err := b.OnUnpack(s); err != nil {
				t.Fatalf("%c: packet %d: %v", id, i, err)
			}
			for _, j := range []int{i, i / 2, 0} {
				if _, err := b.OnUnpack(sent[j]); !errors.Is(err, xfer.ErrReplayed) {
					t.Fatalf("%c: packet %d again, after %d: %v", id, j, i, err)
				}
			}
		}
	}
}

func TestReplayGuard_OutOfOrder(t *testing.T) {
	const window = 64
	b, _ := guarded(t, 'a', window, 4, 1)
	sent := seal(t, party(t, 'a', 1, 1), 400)
	accept := func(i int, want bool) {
		t.Helper()
		if _, err := b.OnUnpack(sent[i]); (err == nil) != want {
			t.Errorf("packet %d: %v, want accepted=%t", i, err, want)
		}
	}
	accept(100, true) // the first one met need not be the first one sent
	accept(99, true)
	accept(37, true)  // the oldest in the window
	accept(36, false) // the next one out of it
	accept(99, false)
	accept(130, true)
	for i := 101; i < 130; i++ { // skipped over, and come late
		accept(i, true)
		accept(i, false)
	}
	accept(66, false)
	accept(67, true)
	accept(130+window, true) // everything known slides out but itself
	accept(130, false)
	accept(131, true)
	accept(399, true) // a jump of more than the window
	for i := 399 - window + 1; i < 399; i++ {
		accept(i, true)
		accept(i, false)
	}
	accept(399-window, false)
}

// What is not authentic, or too large, leaves the guard as it was.
func TestReplayGuard_OnlyAuthenticPacketsCount(t *testing.T) {
	b, g := guarded(t, 'x', 64, 4, 1)
	s := must(party(t, 'x', 1, 1).OnPack([]byte("payload")))
	forged := bytes.Clone(s)
	forged[16] = 0xff // a counter far ahead
	if _, err := b.OnUnpack(forged); !errors.Is(err, xfer.ErrNotAuthentic) {
		t.Fatal(err)
	}
	if _, err := b.OnUnpackLimit(s, 6); !errors.Is(err, xfer.ErrExceedLimit) {
		t.Fatal(err)
	}
	if g.Runs() != 0 {
		t.Errorf("%d runs are known", g.Runs())
	}
	if _, err := b.OnUnpack(s); err != nil {
		t.Errorf("the true packet: %v", err)
	}
}

// A replayed payload leaves nothing of itself behind the slice it is given.
func TestReplayGuard_RejectedPayloadIsWiped(t *testing.T) {
	b, _ := guarded(t, 'a', 64, 4, 1)
	s := must(party(t, 'a', 1, 1).OnPack([]byte("payload")))
	buf := make([]byte, 4, 64)
	for range 2 {
		out, err := b.AppendUnpack(buf, s, 100)
		if err != nil && (len(out) != 4 || bytes.Contains(buf[:64], []byte("payload"))) {
			t.Errorf("%x, %v: the payload is left in the buffer", buf[:64], err)
		}
	}
}

// Senders, keys and runs have windows of their own, and no more than there
// may be: the one that was quiet longest is forgotten.
func TestReplayGuard_Runs(t *testing.T) {
	b, g := guarded(t, 'a', 64, 3, 1, 3)
	sealers := []*xfer.AEAD{party(t, 'a', 1, 1), party(t, 'a', 1, 1), party(t, 'a', 5, 1), party(t, 'a', 5, 3)}
	first := make([][]byte, len(sealers))
	for i, a := range sealers[:3] {
		first[i] = must(a.OnPack(nil))
		if _, err := b.OnUnpack(first[i]); err != nil {
			t.Fatalf("sealer %d: %v", i, err)
		}
	}
	for i := range sealers[:3] {
		if _, err := b.OnUnpack(first[i]); !errors.Is(err, xfer.ErrReplayed) {
			t.Errorf("sealer %d again: %v", i, err)
		}
	}
	// That made 0 the quietest: a fourth run pushes it out.
	if _, err := b.OnUnpack(must(sealers[3].OnPack(nil))); err != nil || g.Runs() != 3 {
		t.Errorf("%v, %d runs", err, g.Runs())
	}
	if _, err := b.OnUnpack(first[1]); !errors.Is(err, xfer.ErrReplayed) {
		t.Errorf("sealer 1 again: %v", err)
	}
	if _, err := b.OnUnpack(first[0]); err != nil {
		t.Errorf("a forgotten run: %v; the guard cannot know it", err)
	}
}

func TestNewReplayGuard_Refuses(t *testing.T) {
	for _, tt := range []struct{ window, runs int }{{1, 1}, {65, 1}, {-64, 1}, {1<<24 + 64, 1}, {64, -1}} {
		if _, err := xfer.NewReplayGuard(tt.window, tt.runs); err == nil {
			t.Errorf("window %d, %d runs: want an error", tt.window, tt.runs)
		}
	}
}
