package mutants

import (
	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// others ends all sessions but one.
func (s *naiveSession) others() {
	for other := range s.peer.sessions {
		if other != s {
			other.closeLocked()
		}
	}
}

// peerSessions: what one session may do to another, and how sessions end.
func peerSessions() []Mutant {
	return []Mutant{
		broken("fault-ends-others", "a fault in one session ends all others", "TP-SESS-020", "stream-cut", func(p *naivePeer) {
			p.fault = func(s *naiveSession, _ *oracle.Error) {
				s.others()
				s.closeLocked()
			}
		}),
		broken("fault-ends-the-peer", "after a fault the peer serves no new connection", "TP-SESS-020", "fault-size-0", func(p *naivePeer) {
			over := false
			p.fault = func(s *naiveSession, _ *oracle.Error) {
				over = true
				s.closeLocked()
			}
			p.take = func(s *naiveSession, in oracle.Packet) {
				if over {
					s.closeLocked()
					return
				}
				p.dispatch(s, in)
			}
		}),
		silent("calls-by-seq-alone", "the calls of all sessions are kept by seq alone: the REPLY goes to the session that used the seq first", "TP-SEQ-003 TP-SESS-020", "order-sessions",
			func(p *naivePeer) {
				first := map[uint64]*naiveSession{}
				p.take = func(s *naiveSession, in oracle.Packet) {
					if in.Ptype == oracle.Pull && first[in.Seq] == nil {
						first[in.Seq] = s
					}
					p.dispatch(s, in)
				}
				p.alter = func(r *request, reply oracle.Packet) []oracle.Packet {
					if to := first[r.in.Seq]; to != r.s {
						to.send(reply)
						return nil
					}
					return []oracle.Packet{reply}
				}
			}),
		silent("end-not-taken", "a clean end of the stream does not end the session", "TP-SESS-027", "stream-clean-end",
			func(p *naivePeer) { p.eof = func(*naiveSession) {} }),
		broken("end-answered", "a clean end of the stream is answered with a PUSH", "TP-SESS-027", "stream-clean-end", func(p *naivePeer) {
			p.eof = func(s *naiveSession) {
				s.send(oracle.Packet{Ptype: oracle.Push, Uri: []byte("/goodbye"), Seq: s.pushSeq})
				s.drain()
			}
		}),
		silent("end-drops-what-came", "what has come and is not handled yet is dropped when the stream ends", "TP-SESS-036", "stream-end-after-push",
			func(p *naivePeer) { // a PUSH waits for the next packet, which an end is not
				p.take = func(s *naiveSession, in oracle.Packet) {
					if waiting, ok := s.state["waiting"].(oracle.Packet); ok {
						delete(s.state, "waiting")
						p.dispatch(s, waiting)
					}
					if in.Ptype == oracle.Push {
						s.state["waiting"] = in
						return
					}
					p.dispatch(s, in)
				}
			}),
		broken("seq-repeated-refused", "a PULL whose seq was used before is refused", "TP-SEQ-011", "order-seq-repeated",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				used, _ := s.state["used"].(map[uint64]bool)
				if used == nil {
					used = map[uint64]bool{}
					s.state["used"] = used
				}
				again := in.Ptype == oracle.Pull && used[in.Seq]
				used[in.Seq] = used[in.Seq] || in.Ptype == oracle.Pull
				if again {
					(&request{s: s, in: in}).fail(400, "the seq was used before")
				}
				return again
			})),
		broken("seq-in-order-only", "a PULL whose seq does not follow the last one's ends the session", "TP-SEQ-011", "order-seq-edges",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				if in.Ptype != oracle.Pull {
					return false
				}
				next, _ := s.state["next"].(uint64)
				s.state["next"] = in.Seq + 1
				if in.Seq != next {
					s.closeLocked()
				}
				return s.closed
			})),
		silent("push-repeated-dropped", "a PUSH whose seq is not above the last one's is dropped", "TP-SEQ-011", "push-counted",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				if in.Ptype != oracle.Push {
					return false
				}
				last, ok := s.state["last"].(uint64)
				s.state["last"] = max(last, in.Seq)
				return ok && in.Seq <= last
			})),
		broken("push-as-pull", "a PUSH is handled as a PULL, and answered", "TP-SESS-004", "push-not-answered",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				push := in.Ptype == oracle.Push
				if push {
					in.Ptype = oracle.Pull
					s.peer.dispatch(s, in)
				}
				return push
			})),
	}
}
