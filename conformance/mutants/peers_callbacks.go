package mutants

import (
	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// counter numbers calls in a session from first, in steps.
func counter(name string, first, step uint64) func(s *naiveSession, r *request) uint64 {
	return func(s *naiveSession, _ *request) uint64 {
		n, ok := s.state[name].(uint64)
		if !ok {
			n = first
		}
		s.state[name] = n + step
		return n
	}
}

// peerCounters: how a peer numbers its own calls.
func peerCounters() []Mutant {
	return []Mutant{
		broken("pull-seq-from-1", "the peer's PULLs are numbered from 1", "TP-SEQ-001", "callback-pull",
			func(p *naivePeer) { p.callers.pull = counter("pull", 1, 1) }),
		broken("pull-seq-by-2", "the peer's PULLs have even numbers", "TP-SEQ-001", "callback-pull",
			func(p *naivePeer) { p.callers.pull = counter("pull", 0, 2) }),
		broken("push-seq-from-1", "the peer's PUSHes are numbered from 1", "TP-SEQ-002", "callback-push",
			func(p *naivePeer) { p.callers.push = counter("push", 1, 1) }),
		broken("push-seq-always-0", "every PUSH of the peer has seq 0", "TP-SEQ-002", "callback-push",
			func(p *naivePeer) { p.callers.push = counter("push", 0, 0) }),
		broken("seq-shared", "PULLs and PUSHes of the peer share a counter", "TP-SEQ-001 TP-SEQ-002", "callback-counters",
			func(p *naivePeer) { p.callers.pull, p.callers.push = counter("both", 0, 1), counter("both", 0, 1) }),
		broken("pull-seq-of-the-caller", "a PULL that a handler makes takes the seq of the PULL it handles", "TP-SEQ-003 TP-SEQ-001", "callback-pull",
			func(p *naivePeer) { p.callers.pull = func(_ *naiveSession, r *request) uint64 { return r.in.Seq } }),
		broken("push-seq-of-the-caller", "a PUSH that a handler makes takes the seq of the PULL it handles", "TP-SEQ-003 TP-SEQ-002", "callback-push",
			func(p *naivePeer) { p.callers.push = func(_ *naiveSession, r *request) uint64 { return r.in.Seq } }),
		broken("seq-of-the-process", "the PULLs of all sessions are numbered with one counter", "TP-SEQ-001", "callback-counted-apart",
			func(p *naivePeer) {
				next := uint64(0)
				p.callers.pull = func(*naiveSession, *request) uint64 { next++; return next - 1 }
			}),
	}
}

// peerCallbacks: the calls of the peer, and how their REPLYs are matched.
func peerCallbacks() []Mutant {
	return []Mutant{
		broken("dialed-side-never-calls", "the side that was dialed refuses to send PULLs and PUSHes", "TP-SESS-002", "callback-push",
			func(p *naivePeer) { p.callers.refuse = 102 }),
		silent("calls-after-the-handler", "what a handler sends is held back until the handler has returned", "TP-SESS-034", "callback-pull",
			rerouted("pullback", func(r *request) { // the handler waits for a REPLY to what is not sent before it returns
				r.s.pending[r.s.peer.callers.pull(r.s, r)] = r.passOn
			})),
		silent("reply-matched-on-uri", "a REPLY is taken only where its uri is the PULL's, too", "TP-SEQ-006", "callback-matched-by-seq",
			func(p *naivePeer) {
				p.match = func(s *naiveSession, in oracle.Packet) (any, bool) {
					_, ok := s.pending[in.Seq]
					return in.Seq, ok && string(in.Uri) == "/conformance/callback"
				}
			}),
		broken("reply-matched-on-codec", "a REPLY under another codec than the PULL's is refused", "TP-SEQ-006", "callback-matched-by-seq",
			rerouted("pullback", func(r *request) {
				r.called(func(reply oracle.Packet) {
					if reply.Codec != r.in.Codec {
						r.fail(400, "the REPLY has another codec than the PULL")
						return
					}
					r.passOn(reply)
				})
			})),
		broken("reply-of-the-oldest", "a REPLY ends the oldest pending PULL, whatever its seq", "TP-SEQ-007", "callback-unknown-first",
			func(p *naivePeer) {
				p.match = func(s *naiveSession, _ oracle.Packet) (any, bool) {
					var first any
					for key := range s.pending {
						if first == nil || key.(uint64) < first.(uint64) {
							first = key
						}
					}
					return first, first != nil
				}
			}),
		broken("reply-unknown-ends", "a REPLY to no PULL ends the session", "TP-SEQ-007", "reply-unknown",
			func(p *naivePeer) { p.unmatched = func(s *naiveSession, _ oracle.Packet) { s.closeLocked() } }),
		broken("reply-unknown-answered", "a REPLY to no PULL is answered with an error", "TP-SEQ-007", "reply-unknown",
			func(p *naivePeer) {
				p.unmatched = func(s *naiveSession, in oracle.Packet) { (&request{s: s, in: in}).fail(400, "no such call") }
			}),
		broken("reply-second-ends", "a second REPLY with one seq ends the session", "TP-SEQ-008", "callback-first-counts",
			func(p *naivePeer) {
				p.unmatched = func(s *naiveSession, in oracle.Packet) {
					if in.Seq < s.pullSeq { // a call that has its REPLY
						s.closeLocked()
					}
				}
			}),
		broken("reply-second-taken", "a PULL stays pending when it has its REPLY, and ends again with the next", "TP-SEQ-008 TP-SESS-024", "callback-first-counts",
			rerouted("pullback", func(r *request) {
				r.called(func(first oracle.Packet) {
					r.passOn(first)
					r.s.pending[first.Seq] = func(next oracle.Packet) {
						(&request{s: r.s, in: r.in}).passOn(next)
					}
				})
			})),
		broken("reply-last-counts", "a REPLY is taken when the next packet has come, and the later of two counts", "TP-SEQ-008", "callback-first-counts",
			rerouted("pullback", func(r *request) {
				r.called(func(first oracle.Packet) {
					r.s.pending[first.Seq] = func(next oracle.Packet) { r.passOn(next) }
				})
			})),
		broken("reply-empty-is-an-error", "a REPLY with an empty body is taken as a failure", "TP-SESS-033 TP-ERR-002", "callback-empty-reply",
			func(p *naivePeer) {
				read := p.errorOf
				p.errorOf = func(in oracle.Packet) (oracle.ReplyError, bool) {
					if e, bad := read(in); bad || len(in.Body) > 0 {
						return e, bad
					}
					return oracle.ReplyError{Code: 400}, true
				}
			}),
		silent("reply-empty-never-ends", "a call that is answered with an empty body never ends", "TP-SESS-033", "callback-empty-reply",
			rerouted("pullback", func(r *request) {
				r.called(func(reply oracle.Packet) {
					if len(reply.Body) > 0 || failed(&reply) {
						r.passOn(reply)
					}
				})
			})),
	}
}
