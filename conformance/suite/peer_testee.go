package suite

import (
	"bytes"
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// connections is how many a testee serves, or keeps open, at once: no case needs more.
const connections = 4

// peerTesteeCases: what chapter 19 asks of the testee itself, whichever side dials.
func peerTesteeCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.unannounced("testee-first-bytes", "TP-SESS-001 TP-SESS-003 TP-CONF-022", "the first bytes of a connection are a PULL like any other", func(l *link) {
			l.failure(l.ask(pull(0, "/conformance/no_such_route", 'j', "{}")), 404)
			l.good()
		}, FeatureService),
		tg.service("testee-case", "TP-CONF-025 TP-CONF-012", "the announcement of a case is not answered and not counted as a note", func(l *link) {
			l.send(announcement("peer/testee-case").frame(), announcement("of a suite of tomorrow").frame())
			l.notes(0)
			l.send(push(1, note, 's', "x").frame())
			l.notes(1)
			l.good()
		}),
		tg.service("testee-features", "TP-CONF-026", "a testee that says what it offers says it in the standard's form", func(l *link) {
			p := l.ask(pull(0, features, 'j', "null"))
			if e, failed := oracle.ReplyErrorOf(p.Meta); failed {
				if e.Code != 404 {
					l.t.Fatalf("expected an answer, or 404, got the error %d %q", e.Code, e.Message)
				}
				l.good()
				l.t.Skipf("the testee does not declare its features: it is taken to have all")
			}
			if p.Codec != 'j' {
				l.t.Fatalf("expected codec 'j', got %q", p.Codec)
			}
			if _, err := parseDeclared(p.Body); err != nil {
				l.t.Fatalf(`expected {"features":[names],"limits":{names: numbers}}, got %.200q: %v`, p.Body, err)
			}
			l.good()
		}),
		tg.service("testee-at-once", "TP-CONF-027 TP-CONF-028 TP-SESS-020", "four connections are served at once, each with the service", func(l *link) {
			all := []*link{l}
			for range connections - 1 {
				other := l.another()
				defer other.close()
				all = append(all, other)
			}
			for i, one := range all {
				one.send(pull(1, "/conformance/hold?key="+l.gate, 's', fmt.Sprint(i)).frame())
			}
			all[len(all)-1].send(push(0, "/conformance/release?key="+l.gate, 0, "").frame())
			for i, one := range all {
				p := one.read()
				one.isReply(p, pull(1, "/conformance/hold?key="+l.gate, 0, ""))
				one.success(p, 's', fmt.Sprint(i))
			}
		}),
		tg.service("testee-again", "TP-CONF-028 TP-CONF-029 TP-SESS-020", "where a connection has ended another can be had, many times", func(l *link) {
			for range 3 * connections {
				other := l.another()
				other.good()
				other.close()
			}
			l.good()
		}),
		tg.peer("testee-quiet", "TP-SESS-004 TP-SEQ-007 TP-SESS-002", "a peer sends nothing but what it is asked for: the first packet to come is the answer", func(l *link) {
			for i := range 3 {
				other := l.another()
				other.send(call{seq: 9, ptype: oracle.Reply, uri: "/nobody/asked", codec: 's', body: fmt.Sprint(i)}.frame())
				other.alive()
				other.close()
			}
			l.alive()
		}),
		tg.peer("testee-pipelined", "TP-SESS-003 TP-FRAME-010 TP-SEQ-004 TP-SEQ-005", "each of 100 PULLs in one write is answered once, whatever the answer", func(l *link) {
			const calls = 100
			var all bytes.Buffer
			waiting := map[uint64]string{}
			for i := range uint64(calls) {
				waiting[i] = fmt.Sprintf("/conformance/echo?number=%d", i)
				all.Write(pull(i, waiting[i], 's', "x").frame())
			}
			l.sendBehind(all.Bytes())
			for len(waiting) > 0 {
				p := l.read()
				uri, ok := waiting[p.Seq]
				if p.Ptype != oracle.Reply || !ok || string(p.Uri) != uri {
					l.t.Fatalf("got a packet of type %d with seq %d and uri %.60q, which no call is waiting for", p.Ptype, p.Seq, p.Uri)
				}
				delete(waiting, p.Seq)
			}
			l.alive()
		}),
	}
}
