package suite

import (
	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerHoleCases: what only a broken peer has shown that nothing else sees.
func peerHoleCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.service("callback-counted-apart", "TP-SEQ-001 TP-SEQ-002 TP-SESS-020", "the peer numbers its PULLs and PUSHes on each session for itself", func(l *link) {
			other := l.another()
			defer other.close()
			for i := range uint64(2) {
				for _, one := range []*link{l, other} {
					c := pull(1, pullback, 's', "question")
					p := one.called(c, i)
					one.send(replyTo(p, 's', "answer").frame())
					r := one.read()
					one.isReply(r, c)
					one.success(r, 's', "answer")

					b := pull(2, pushback, 's', "x")
					one.send(b.frame())
					one.isCall(one.read(), oracle.Push, i, "/conformance/pushed")
					one.isReply(one.read(), b)
				}
			}
		}, FeatureCallback),
		tg.service("push-count-waits", "TP-CONF-013", "count is answered when as many notes have come as it names, and not before", func(l *link) {
			c := pull(1, "/conformance/count?min=2", 'j', "null")
			l.send(c.frame())
			l.good() // the answer would come before this one's, or be wrong later
			l.send(push(0, note, 's', "x").frame())
			l.good()
			l.send(push(1, note, 's', "x").frame())
			p := l.read()
			l.isReply(p, c)
			l.success(p, 'j', "2")
		}),
	}
}
