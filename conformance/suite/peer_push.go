package suite

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

const note = "/conformance/note"

// notes expects the service to have counted n notes of this session, and no more.
func (l *link) notes(n int) {
	p := l.ask(pull(goodSeq, fmt.Sprintf("/conformance/count?min=%d", n), 'j', "null"))
	l.success(p, 'j', fmt.Sprint(n))
}

// peerPushCases: a PUSH is handled and never answered.
func peerPushCases(tg *Target) []runner.Case {
	dropped := func(id, reqs, title string, bad call) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			l.send(bad.frame(), push(1, note, 's', "x").frame())
			l.notes(1)
			l.good()
		})
	}
	return []runner.Case{
		tg.service("push-not-answered", "TP-SESS-004", "a PUSH is not answered: the next packet is the answer to the next PULL", func(l *link) {
			l.send(push(0, note, 's', "x").frame(), push(0, note, 'j', "{}").frame())
			l.notes(2)
			l.good()
		}),
		tg.service("push-counted", "TP-CONF-012 TP-CONF-013 TP-SESS-001 TP-SESS-032 TP-SEQ-011", "every PUSH is handled, whatever its seq", func(l *link) {
			for _, seq := range []uint64{0, 1, 1, 1<<64 - 1, 7} {
				l.send(push(seq, note, 's', "x").frame())
			}
			l.notes(5)
		}),
		tg.service("push-empty-body", "TP-SESS-011", "a PUSH with an empty body is handled", func(l *link) {
			l.send(push(0, note, 0, "").frame())
			l.notes(1)
		}),
		dropped("push-unknown-uri", "TP-SESS-008 TP-SESS-004", "a PUSH that no handler matches is dropped",
			push(0, "/conformance/no_such_route", 'j', "{}")),
		dropped("push-bad-uri", "TP-SESS-010", "a PUSH whose uri cannot be parsed is dropped", push(0, "/%zz", 'j', "{}")),
		dropped("push-undecodable-body", "TP-SESS-013 TP-CODEC-009", "a PUSH whose body does not decode is dropped, its handler not called",
			push(0, "/conformance/typed", 'j', "[1,")),
		dropped("push-unregistered-codec", "TP-CODEC-010 TP-SESS-013", "so is one under an unregistered codec, where it has to be decoded",
			push(0, "/conformance/typed", unregistered, "[1,2]")),
		tg.service("push-typed", "TP-CONF-023 TP-SESS-001", "a PUSH whose body decodes is handled", func(l *link) {
			l.send(push(0, "/conformance/typed", 'j', "[1,2]").frame())
			l.notes(1)
		}),
		tg.service("push-handler-fails", "TP-CONF-024 TP-SESS-016 TP-SESS-004", "a PUSH whose handler fails ends nothing", func(l *link) {
			l.send(push(0, "/conformance/panic", 'j', "{}").frame(), push(1, note, 's', "x").frame())
			l.notes(1)
			l.good()
		}),
		tg.service("push-release", "TP-CONF-010 TP-SESS-032 TP-SESS-019", "a PUSH reaches its handler while a PULL is held", func(l *link) {
			held := pull(3, "/conformance/hold?key="+l.gate, 's', "held")
			l.send(held.frame(), push(0, "/conformance/release?key="+l.gate, 0, "").frame())
			p := l.read()
			l.isReply(p, held)
			l.success(p, 's', "held")
		}),
		tg.service("reply-unknown", "TP-SEQ-007", "a REPLY to no PULL is ignored", func(l *link) {
			c := call{seq: 42, ptype: oracle.Reply, uri: echo, codec: 's', body: "nobody asked"}
			l.send(c.frame())
			l.good()
		}),
	}
}
