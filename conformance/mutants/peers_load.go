package mutants

import (
	"bytes"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// peerLoad: many calls at once, and callers that do not read.
func peerLoad() []Mutant {
	return []Mutant{
		silent("handler-blocks-reader", "no packet of a session is read while a handler runs", "TP-SESS-019 TP-SEQ-010", "order-overtaken", oneAtATime),
		silent("handler-blocks-pushes", "no packet of a session is read while a handler runs: the PUSH that would release it waits behind it", "TP-SESS-019",
			"push-release", oneAtATime),
		silent("replies-in-order", "a REPLY waits until all earlier PULLs of the session have theirs", "TP-SEQ-010", "order-overtaken", func(p *naivePeer) {
			p.take = func(s *naiveSession, in oracle.Packet) {
				if in.Ptype == oracle.Pull {
					due, _ := s.state["due"].([]uint64)
					s.state["due"] = append(due, in.Seq)
				}
				p.dispatch(s, in)
			}
			p.alter = func(r *request, reply oracle.Packet) []oracle.Packet {
				ready, _ := r.s.state["ready"].(map[uint64]oracle.Packet)
				if ready == nil {
					ready = map[uint64]oracle.Packet{}
					r.s.state["ready"] = ready
				}
				ready[reply.Seq] = reply
				due, _ := r.s.state["due"].([]uint64)
				var out []oracle.Packet
				for len(due) > 0 {
					next, ok := ready[due[0]]
					if !ok {
						break
					}
					delete(ready, due[0])
					out, due = append(out, next), due[1:]
				}
				r.s.state["due"] = due
				return out
			}
		}),
		broken("handlers-unbounded", "any number of handlers may be in flight", "TP-SESS-018 TP-LIM-007", "bound-handlers",
			func(p *naivePeer) { p.maxHandlers = 1 << 30 }),
		broken("overload-500", "a PULL beyond the bound on handlers is answered with 500", "TP-SESS-018", "bound-handlers",
			func(p *naivePeer) { p.codes.overload = 500 }),
		broken("overload-ends", "a PULL beyond the bound on handlers ends the session", "TP-SESS-018", "bound-handlers",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				if in.Ptype == oracle.Pull && s.running >= s.peer.maxHandlers {
					s.closeLocked()
				}
				return s.closed
			})),
		broken("unread-grows", "what comes while replies cannot be written is kept for later, without a bound", "TP-SESS-035 TP-LIM-008", "bound-unread",
			func(p *naivePeer) {
				kept := map[*naiveSession][][]byte{}
				p.arrived = func(s *naiveSession, b []byte) []byte {
					p.mu.Lock()
					defer p.mu.Unlock()
					kept[s] = append(kept[s], bytes.Clone(b))
					if s.queued > p.maxQueue/2 && !s.closed {
						return nil
					}
					now := bytes.Join(kept[s], nil)
					delete(kept, s)
					return now
				}
			}),
	}
}

// oneAtATime keeps a session's packets while one of its handlers runs.
func oneAtATime(p *naivePeer) {
	p.take = func(s *naiveSession, in oracle.Packet) {
		if s.running > 0 {
			waiting, _ := s.state["waiting"].([]oracle.Packet)
			s.state["waiting"] = append(waiting, in)
			return
		}
		p.dispatch(s, in)
	}
	p.alter = func(r *request, reply oracle.Packet) []oracle.Packet {
		waiting, _ := r.s.state["waiting"].([]oracle.Packet)
		if len(waiting) == 0 {
			return []oracle.Packet{reply}
		}
		r.s.state["waiting"] = waiting[1:]
		r.s.send(reply)
		p.dispatch(r.s, waiting[0])
		return nil
	}
}
