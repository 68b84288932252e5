package fuzz

import (
	"bytes"
	"runtime"
	"sync"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// exits is a handler that ends its goroutine.
func exits(tp.PullCtx, *[]byte) (any, *tp.Rerror) {
	runtime.Goexit()
	return nil, nil
}

// sessionWires are the wires that stepVector names. They are never changed.
var sessionWires = sync.OnceValue(func() [][]byte {
	var out [][]byte
	for _, wire := range vectorWires("fast") {
		if len(wire) <= 1<<10 {
			out = append(out, wire)
		}
	}
	return append(out, []byte{0}) // never empty
})

func sessionSeeds() [][]byte {
	out := texts("", "\x02\x00j\x02{}", "\x02\x01s\x01x\x04\x03yes", "\x05\x02hi\x04\x02\"a", "\x05\x02hi\x0a", "\x02\x02j\x00\x02\x03j\x00\x02\x04j\x00\x02\x05j\x00\x02\x06j\x00",
		"\x03\x00j\x00\x03\x02j\x00\x08\x02\x00j\x00", "\x07\x01\x02\x00s\x05hello\x02\x00s\x05hello", "\x02\x01j\x00\x0c", "\x05\x01x\x05\x01y\x0c", "\x02\x00j\x00\x0b",
		"\x02\x01j\x00\x0a", "\x00\x05\x00\x00\x00\x00\x18f", "\x09\x01\x00\x04junk", "\x09\x00\x12\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00",
		"\x06\x01x\x08\x06\x01y\x0b")
	for i, wires := 0, sessionWires(); i < len(wires); i += 5 {
		one := []byte{stepVector, byte(i), byte(i >> 8)}
		switch i % 4 {
		case 0:
			out = append(out, append([]byte{stepSmallReads, 7}, one...))
		case 1:
			out = append(out, append(one, stepPull, 0, 's', 2, 'h', 'i'))
		case 2:
			out = append(out, append([]byte{stepPull, 0, 's', 2, 'h', 'i'}, one...))
		case 3:
			out = append(out, append(one, stepOther, stepCloseWrite))
		}
	}
	return distinct(out)
}

// fate is what the oracle says must become of the session, from the bytes that were sent.
type fate struct {
	packets []oracle.Packet
	ends    bool // there is a fault in what was sent
	inside  bool // a frame is not whole yet
	unknown bool // the oracle is no judge of it
	why     string
}

func foretell(sent []byte) (f fate) {
	packets, err := judge(oracle.Fast, &f.unknown).DecodeStream(sent, oracleLimits(small))
	for _, p := range packets {
		if p.Ptype < packet.TypePull || p.Ptype > packet.TypePush {
			f.ends, f.why = true, "a packet of type "+string('0'+rune(p.Ptype%10)) // what follows is not read
			return f
		}
		f.packets = append(f.packets, p)
	}
	switch {
	case err == nil:
	case err.Class == oracle.Short:
		f.inside = true
	default:
		f.ends, f.why = true, err.Error()
	}
	return f
}

// judge holds what became of the session against what had to.
func (g *stage) judge() {
	t := g.t
	t.Helper()
	f := foretell(g.sent)
	g.flush()
	switch {
	case f.unknown || g.cut:
	case f.ends || g.half && f.inside:
		within(t, "the end of the session after "+f.why, g.x.ended)
	case g.half:
		within(t, "the end of the session whose other side has ended its sending", g.x.ended)
		g.answers(f)
	case f.inside: // it waits for the rest of the frame; it must not have ended
		select {
		case <-g.x.ended:
			t.Fatalf("the session ended (%v) inside a frame that is good so far:\n%x", g.x.reason(), g.sent)
		default:
		}
	default:
		g.serves(g.x, 1<<60, "the session")
		f.packets = append(f.packets, oracle.Packet{Seq: 1 << 60, Ptype: packet.TypePull, Uri: []byte("/echo")})
		g.answers(f)
	}
	g.x.mu.Lock()
	odd := g.x.odd
	g.x.mu.Unlock()
	if odd != nil {
		t.Fatalf("the peer has sent a packet of a type that nobody has: %s", odd)
	}
	g.otherServes()
}

// answers wants a REPLY for every PULL, and none that nobody asked for. A PULL of /back waits for this side, and one
// with a deadline may have none.
//
// req: TP-SESS-003, TP-SEQ-006
func (g *stage) answers(f fate) {
	t := g.t
	t.Helper()
	least, asked := 0, map[uint64]int{}
	for _, p := range f.packets {
		if p.Ptype != packet.TypePull {
			continue
		}
		asked[p.Seq]++
		_, deadline := oracle.PeekMeta(p.Meta, []byte(tp.MetaTimeoutKey))
		path, _, ok, judged := naiveURI(string(p.Uri))
		if !deadline && (judged && ok && path != "/back" || judged && !ok) {
			least++
		}
	}
	if g.half { // a peer may close at once (12.4, S16); it does not answer what was not asked all the same
		least = 0
	}
	if !g.x.until(t, "a REPLY to every PULL", func() bool { return g.x.count >= least }) {
		t.Fatalf("the session ended (%v) with %d REPLYs to %d PULLs that had to be answered", g.x.reason(), g.x.count, least)
	}
	g.x.mu.Lock()
	defer g.x.mu.Unlock()
	for seq, replies := range g.x.replies {
		if len(replies) > asked[seq] {
			t.Fatalf("%d REPLYs to %d PULLs with the seq %d", len(replies), asked[seq], seq)
		}
		for _, r := range replies {
			if !knownUri(f.packets, seq, r.Uri()) {
				t.Fatalf("a REPLY to seq %d repeats the uri %q, which no PULL with it had", seq, bytes.ToValidUTF8([]byte(r.Uri()), nil))
			}
		}
	}
}

func knownUri(packets []oracle.Packet, seq uint64, uri string) bool {
	for _, p := range packets {
		if p.Ptype == packet.TypePull && p.Seq == seq && string(p.Uri) == uri {
			return true
		}
	}
	return false
}
