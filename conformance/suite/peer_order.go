package suite

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerOrderCases: many calls on one connection.
func peerOrderCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.service("order-seq-edges", "TP-SEQ-004 TP-SEQ-011 TP-FAST-003", "any 64-bit seq comes back in the REPLY", func(l *link) {
			for _, seq := range []uint64{0, 1, 1 << 31, 1<<32 - 1, 1 << 32, 1 << 63, 1<<64 - 1} {
				l.success(l.ask(pull(seq, echo, 's', "x")), 's', "x")
			}
		}),
		tg.service("order-seq-repeated", "TP-SEQ-011", "a seq that was used before is a new call", func(l *link) {
			for i := range 3 {
				body := fmt.Sprint("call ", i)
				l.success(l.ask(pull(7, echo, 's', body)), 's', body)
			}
		}),
		tg.service("order-overtaken", "TP-CONF-009 TP-CONF-010 TP-SEQ-010 TP-SESS-019 TP-SESS-003", "a held PULL keeps no later one from being answered", func(l *link) {
			held := pull(1, "/conformance/hold?key="+l.gate, 's', "held")
			l.send(held.frame())
			l.success(l.ask(pull(2, echo, 's', "overtakes")), 's', "overtakes")
			// Two answers are due now, in either order.
			l.send(pull(3, "/conformance/release?key="+l.gate, 'j', "null").frame())
			l.answers(map[uint64]string{1: "held", 3: ""})
		}),
		tg.service("order-many", "TP-SESS-003 TP-FRAME-010 TP-FRAME-016 TP-SEQ-004", "each of 300 PULLs in one write is answered once, with its own body", func(l *link) {
			const calls = 300
			var all []byte
			want := map[uint64]string{}
			for i := range uint64(calls) {
				want[i] = fmt.Sprintf("body of call %d", i)
				all = append(all, pull(i, echo, 's', want[i]).frame()...)
			}
			l.sendBehind(all)
			l.answers(want)
			l.good()
		}),
		tg.service("order-sessions", "TP-SEQ-003 TP-SESS-020", "sessions count for themselves: the same seq on two connections is two calls", func(l *link) {
			other := l.another()
			defer other.close()
			held := pull(1, "/conformance/hold?key="+l.gate, 's', "of the first")
			l.send(held.frame())
			other.success(other.ask(pull(1, echo, 's', "of the second")), 's', "of the second")
			other.send(pull(2, "/conformance/release?key="+l.gate, 'j', "null").frame())
			other.read()
			p := l.read()
			l.isReply(p, held)
			l.success(p, 's', "of the first")
		}),
	}
}

// answers expects one successful REPLY for each seq, in any order. A body "" matches null, too.
func (l *link) answers(want map[uint64]string) {
	for len(want) > 0 {
		p := l.read()
		body, ok := want[p.Seq]
		if p.Ptype != oracle.Reply || !ok {
			l.t.Fatalf("got a packet of type %d with seq %d, which no call is waiting for", p.Ptype, p.Seq)
		}
		if e, failed := oracle.ReplyErrorOf(p.Meta); failed {
			l.t.Fatalf("the REPLY to seq %d is the error %d %q", p.Seq, e.Code, e.Message)
		}
		if got := string(p.Body); got != body && !(body == "" && got == "null") {
			l.t.Fatalf("the REPLY to seq %d has the body %.60q, expected %.60q", p.Seq, got, body)
		}
		delete(want, p.Seq)
	}
}
