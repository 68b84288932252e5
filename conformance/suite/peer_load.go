package suite

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerLoadCases: calls that run together, on one connection and on several.
func peerLoadCases(tg *Target) []runner.Case {
	hold := func(l *link, seq uint64, key string) call {
		return pull(seq, "/conformance/hold?key="+l.gate+key, 's', fmt.Sprint("held ", seq))
	}
	return []runner.Case{
		tg.service("load-reversed", "TP-SEQ-010 TP-SESS-019 TP-SESS-003 TP-CONF-009", "twenty held PULLs are answered in the order in which they are released: the reverse", func(l *link) {
			const calls = 20
			var all []byte
			for i := range uint64(calls) {
				all = append(all, hold(l, i, fmt.Sprint("-", i)).frame()...)
			}
			l.send(all)
			for i := calls - 1; i >= 0; i-- {
				l.send(push(uint64(i), fmt.Sprintf("/conformance/release?key=%s-%d", l.gate, i), 0, "").frame())
				c, p := hold(l, uint64(i), fmt.Sprint("-", i)), l.read()
				l.isReply(p, c)
				l.success(p, 's', c.body)
			}
			l.good()
		}),
		tg.service("load-same-seq", "TP-SEQ-011 TP-SESS-003", "two PULLs with one seq that run together are both answered", func(l *link) {
			first, second := hold(l, 5, ""), hold(l, 5, "")
			second.body = "the other one"
			l.send(first.frame(), second.frame(), push(0, "/conformance/release?key="+l.gate, 0, "").frame())
			got := map[string]bool{}
			for range 2 {
				p := l.read()
				l.isReply(p, first)
				if e, failed := oracle.ReplyErrorOf(p.Meta); failed {
					l.t.Fatalf("expected a result, got the error %d %q", e.Code, e.Message)
				}
				got[string(p.Body)] = true
			}
			if !got[first.body] || !got[second.body] {
				l.t.Fatalf("expected the bodies %q and %q, got %v", first.body, second.body, got)
			}
			l.good()
		}),
		tg.service("load-held-and-served", "TP-SESS-019 TP-SEQ-010 TP-LIM-007", "while 50 PULLs are held a hundred others are answered", func(l *link) {
			var all []byte
			want := map[uint64]string{}
			for i := range uint64(50) {
				c := hold(l, i, "")
				want[i] = c.body
				all = append(all, c.frame()...)
			}
			l.send(all)
			for i := range uint64(100) {
				body := fmt.Sprint("served ", i)
				l.success(l.ask(pull(1000+i, echo, 's', body)), 's', body)
			}
			l.send(push(0, "/conformance/release?key="+l.gate, 0, "").frame())
			l.answers(want)
		}),
		tg.service("load-mixed", "TP-SESS-037 TP-SESS-004 TP-SESS-003 TP-FRAME-010", "PULLs, PUSHes and REPLYs that nobody waits for, all in one write, each get what is theirs", func(l *link) {
			const rounds = 40
			var all []byte
			want := map[uint64]string{}
			for i := range uint64(rounds) {
				want[i] = fmt.Sprint("call ", i)
				all = append(all, pull(i, echo, 's', want[i]).frame()...)
				all = append(all, push(i, note, 's', "x").frame()...)
				all = append(all, call{seq: i, ptype: oracle.Reply, uri: echo, codec: 's', body: "nobody asked"}.frame()...)
			}
			l.sendBehind(all)
			l.answers(want)
			l.notes(rounds)
			l.good()
		}),
		tg.service("load-pushes", "TP-SESS-001 TP-SESS-004 TP-CONF-012 TP-CONF-013", "two hundred PUSHes in one write are all counted", func(l *link) {
			var all []byte
			for i := range uint64(200) {
				all = append(all, push(i, note, 's', "x").frame()...)
			}
			l.sendBehind(all)
			l.notes(200)
		}),
		tg.service("load-notes-apart", "TP-CONF-012 TP-SESS-020", "sessions count their notes apart", func(l *link) {
			other := l.another()
			defer other.close()
			l.send(push(0, note, 's', "x").frame())
			other.send(push(0, note, 's', "x").frame(), push(1, note, 's', "x").frame())
			other.notes(2)
			l.notes(1)
		}),
		tg.service("load-sessions", "TP-SESS-020 TP-SEQ-003 TP-SESS-003", "three sessions with a hundred calls each, sent in turn, keep their answers apart", func(l *link) {
			all := []*link{l, l.another(), l.another()}
			defer all[1].close()
			defer all[2].close()
			want := make([]map[uint64]string, len(all))
			for i := range all {
				want[i] = map[uint64]string{}
			}
			for seq := range uint64(100) {
				for i, one := range all {
					want[i][seq] = fmt.Sprintf("call %d of session %d", seq, i)
					one.send(pull(seq, echo, 's', want[i][seq]).frame())
				}
			}
			for i, one := range all {
				one.answers(want[i])
				one.good()
			}
		}),
		tg.service("load-sizes", "TP-FRAME-010 TP-FRAME-017 TP-CONF-006", "bodies of growing and shrinking sizes in one stream come back whole", func(l *link) {
			var all []byte
			want := map[uint64]string{}
			for i, n := range []int{0, 1, l.tg.room(100_000), 2, l.tg.room(70_000), 0, 4096, 4095, 1, l.tg.room(200_000), 3} {
				want[uint64(i)] = string(incompressible(n))
				all = append(all, pull(uint64(i), echo, 's', want[uint64(i)]).frame()...)
			}
			l.sendBehind(all)
			l.answers(want)
			l.good()
		}),
	}
}
