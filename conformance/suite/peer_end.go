package suite

import (
	"fmt"
	"net"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// reset ends the connection without a FIN, where the network has such an end.
func (l *link) reset() {
	conn := l.conn
	for {
		if c, ok := conn.(interface{ SetLinger(int) error }); ok {
			c.SetLinger(0)
			break
		}
		under, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = under.NetConn()
	}
	l.t.Trace(runner.Sent, l.name+": reset", nil)
	l.close()
}

// atMostReplies expects the end of the session, with at most one REPLY to each of these calls before it.
func (l *link) atMostReplies(calls ...call) {
	open := map[uint64]string{}
	for _, c := range calls {
		open[c.seq] = c.uri
	}
	for _, p := range l.readEnd() {
		uri, ok := open[p.Seq]
		if p.Ptype != oracle.Reply || !ok || string(p.Uri) != uri {
			l.t.Fatalf("got a packet of type %d with seq %d and uri %.60q, which no call is waiting for", p.Ptype, p.Seq, p.Uri)
		}
		delete(open, p.Seq)
	}
}

// peerEndCases: streams that are slow, cut, half-closed or reset, for peers with and without the service.
func peerEndCases(tg *Target) []runner.Case {
	answersThenEnds := func(id, reqs, title string, calls ...call) runner.Case {
		return tg.peer(id, reqs, title, func(l *link) {
			other := l.another()
			defer other.close()
			var all []byte
			for _, c := range calls {
				all = append(all, c.frame()...)
			}
			other.send(all)
			other.halfClose()
			other.atMostReplies(calls...)
			l.alive()
		})
	}
	first, second := pull(1, echo, 's', "one"), pull(2, echo, 's', "two")
	return []runner.Case{
		answersThenEnds("end-half-closed-call", "TP-SESS-027 TP-SESS-036 TP-SESS-003", "a PULL and the end of our half: its one REPLY may come, then the peer ends its own", first),
		answersThenEnds("end-half-closed-calls", "TP-SESS-027 TP-SESS-036 TP-SESS-003 TP-SEQ-010", "so with several PULLs, in any order", first, second, pull(3, "/nowhere", 0, "")),
		answersThenEnds("end-half-closed-push", "TP-SESS-027 TP-SESS-004", "so with a PUSH, to which nothing comes", push(1, "/nowhere", 's', "x")),
		answersThenEnds("end-half-closed-nothing", "TP-SESS-027", "so with nothing at all"),
		tg.peer("end-half-closed-cut", "TP-FRAME-012 TP-SESS-027 TP-SESS-020", "a good PULL, a piece of another, and the end: only the good one may be answered", func(l *link) {
			other := l.another()
			defer other.close()
			other.send(first.frame(), second.frame()[:20])
			other.halfClose()
			other.atMostReplies(first)
			l.alive()
		}),
		should(tg.service("end-half-closed-all", "TP-SESS-028", "all of ten PULLs are answered whose sender has closed its sending half", func(l *link) {
			var all []byte
			want := map[uint64]string{}
			for i := range uint64(10) {
				want[i] = fmt.Sprint("body ", i)
				all = append(all, pull(i, echo, 's', want[i]).frame()...)
			}
			l.send(all)
			l.halfClose()
			l.answers(want)
			if more := l.readEnd(); len(more) > 0 {
				l.t.Fatalf("expected the end, got a packet of type %d for %q", more[0].Ptype, more[0].Uri)
			}
		})),
		tg.peer("end-closed-idle", "TP-SESS-027 TP-SESS-020", "ten connections that end without a byte leave another one alone", func(l *link) {
			for range 10 {
				other := l.another()
				other.close()
			}
			l.alive()
		}),
		tg.peer("end-cut-header", "TP-FRAME-012 TP-SESS-020 TP-ERR-014", "a stream that ends after any of the first bytes of a frame ends the session without an answer", func(l *link) {
			frame := first.frame()
			for at := 1; at < 24; at++ {
				other := l.another()
				other.send(frame[:at])
				other.halfClose()
				other.endsWith(false)
				other.close()
			}
			l.alive()
		}),
		tg.peer("end-cut-filtered", "TP-FRAME-012 TP-ERR-014", "so does one that ends inside a filter's data", func(l *link) {
			c := first
			c.pipe = []byte("g")
			frame := c.frame()
			for at := 5; at < len(frame); at += 3 {
				other := l.another()
				other.send(frame[:at])
				other.halfClose()
				other.endsWith(false)
				other.close()
			}
			l.alive()
		}, FeatureGzip),
		tg.peer("end-reset", "TP-SESS-020 TP-SESS-027", "a connection that is reset inside a packet is that session's matter", func(l *link) {
			for _, at := range []int{0, 1, 4, 10, len(first.frame()) - 1} {
				other := l.another()
				other.send(first.frame()[:at])
				other.reset()
			}
			l.alive()
		}),
		tg.service("end-reset-held", "TP-SESS-020 TP-SESS-003", "so is one that is reset while calls run: their REPLYs are dropped", func(l *link) {
			other := l.another()
			for i := range uint64(5) {
				other.send(pull(i, "/conformance/hold?key="+l.gate, 's', "nobody waits for it").frame())
			}
			other.send(pull(9, echo, 's', "all read").frame())
			for other.read().Seq != 9 {
				continue
			}
			other.reset()
			l.ask(pull(2, "/conformance/release?key="+l.gate, 'j', "null"))
			l.good()
		}),
		tg.peer("end-unread", "TP-SESS-020 TP-SESS-027", "a connection that ends with its answers unread is that session's matter", func(l *link) {
			for range 5 {
				other := l.another()
				for i := range uint64(20) {
					other.send(pull(i, "/nowhere", 's', "x").frame())
				}
				other.close()
			}
			l.alive()
		}),
		tg.peer("slow-byte-by-byte", "TP-FRAME-009 TP-FRAME-010", "two packets that come a byte at a time are answered, by any peer", func(l *link) {
			l.drip(oracle.Cat(first.frame(), second.frame()))
			l.eachOnce(first, second)
			l.alive()
		}),
		tg.peer("slow-split", "TP-FRAME-009 TP-FRAME-010", "two packets are answered wherever the stream is cut in two, by any peer", func(l *link) {
			both := oracle.Cat(first.frame(), second.frame())
			for at := 1; at < len(both); at++ {
				l.send(both[:at])
				l.send(both[at:])
				l.eachOnce(first, second)
			}
		}),
		tg.service("slow-filtered", "TP-FRAME-009 TP-XFER-012", "a packet through a filter that comes a byte at a time is read", func(l *link) {
			c := pull(1, echo, 's', "drop by drop")
			c.pipe = []byte("g")
			l.drip(c.frame())
			p := l.read()
			l.isReply(p, c)
			l.success(p, 's', c.body)
		}, FeatureGzip),
		tg.service("slow-others", "TP-SESS-020 TP-SESS-019", "a packet that stays unfinished on one connection keeps no other one waiting", func(l *link) {
			l.send(first.frame()[:11])
			other := l.another()
			defer other.close()
			for range 3 {
				other.good()
			}
			l.send(first.frame()[11:])
			p := l.read()
			l.isReply(p, first)
			l.success(p, 's', "one")
		}),
		tg.service("slow-push", "TP-FRAME-009 TP-SESS-001", "PUSHes that come in pieces are counted, whole ones only", func(l *link) {
			frame := push(0, note, 's', "a note").frame()
			l.send(frame, frame[:9])
			l.send(frame[9:], frame, frame[:30])
			l.send(frame[30:])
			l.notes(4)
			l.good()
		}),
	}
}

// eachOnce expects one REPLY to each call, whatever it says, in any order.
func (l *link) eachOnce(calls ...call) {
	open := map[uint64]call{}
	for _, c := range calls {
		open[c.seq] = c
	}
	for len(open) > 0 {
		p := l.read()
		c, ok := open[p.Seq]
		if !ok {
			l.t.Fatalf("got a packet of type %d with seq %d, which no call is waiting for", p.Ptype, p.Seq)
		}
		l.isReply(p, c)
		delete(open, p.Seq)
	}
}
