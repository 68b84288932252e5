package suite

import "github.com/henrylee2cn/teleport/conformance/runner"

// closingUri is the uri of the PUSH that announces the end of a session.
const closingUri = "/teleport/closing"

// peerClosingCases: we announce that we are closing the session.
func peerClosingCases(tg *Target) []runner.Case {
	announced := tg.service("closing-announced", "TP-SESS-043", "a peer to which the end is announced answers what it has read, then ends its stream", func(l *link) {
		held := pull(1, "/conformance/hold?key="+l.gate, 's', "held")
		l.send(held.frame(), push(0, closingUri, 'j', "null").frame())
		late := pull(2, echo, 's', "late")
		l.send(late.frame())
		p := l.read()
		l.isReply(p, late)
		l.success(p, 's', "late")
		other := l.another()
		defer other.close()
		other.send(pull(1, "/conformance/release?key="+l.gate, 'j', "null").frame())
		other.read()
		p = l.read()
		l.isReply(p, held)
		l.success(p, 's', "held")
		if more := l.readEnd(); len(more) > 0 {
			l.t.Fatalf("expected the end, got a packet of type %d for %q", more[0].Ptype, more[0].Uri)
		}
	})
	return []runner.Case{should(announced)}
}
