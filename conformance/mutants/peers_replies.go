package mutants

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// peerReplies: what a REPLY repeats, carries and does not carry.
func peerReplies() []Mutant {
	return []Mutant{
		broken("reply-seq-next", "a REPLY has the PULL's seq plus one", "TP-SEQ-004", "pull-echo",
			altered(func(_ *request, reply *oracle.Packet) { reply.Seq++ })),
		broken("reply-seq-32-bits", "a REPLY has the lower 32 bits of the PULL's seq", "TP-SEQ-004", "order-seq-edges",
			altered(func(_ *request, reply *oracle.Packet) { reply.Seq &= 1<<32 - 1 })),
		broken("reply-seq-counted", "a REPLY has the number of replies sent instead of the PULL's seq", "TP-SEQ-004", "order-seq-edges",
			altered(func(r *request, reply *oracle.Packet) {
				n, _ := r.s.state["replies"].(uint64)
				reply.Seq = n
				r.s.state["replies"] = n + 1
			})),
		broken("reply-uri-missing", "a REPLY has an empty uri", "TP-SEQ-005", "pull-echo",
			altered(func(_ *request, reply *oracle.Packet) { reply.Uri = nil })),
		broken("reply-uri-without-query", "a REPLY has the PULL's uri without its query", "TP-SEQ-005", "pull-echo",
			altered(func(_ *request, reply *oracle.Packet) { reply.Uri, _, _ = bytes.Cut(reply.Uri, []byte("?")) })),
		broken("reply-uri-decoded", "a REPLY has the PULL's path percent-decoded", "TP-SEQ-005", "route-escapes",
			altered(func(_ *request, reply *oracle.Packet) {
				if path, _, ok := splitURI(reply.Uri); ok {
					_, query, found := bytes.Cut(reply.Uri, []byte("?"))
					reply.Uri = []byte(path)
					if found {
						reply.Uri = slices.Concat(reply.Uri, []byte("?"), query)
					}
				}
			})),
		broken("reply-type-push", "a REPLY is sent with the packet type of a PUSH", "TP-SESS-001", "pull-echo",
			altered(func(_ *request, reply *oracle.Packet) { reply.Ptype = oracle.Push })),
		broken("reply-type-pull", "a REPLY has the packet type of its PULL", "TP-SESS-001 TP-SESS-003", "pull-echo",
			altered(func(r *request, reply *oracle.Packet) { reply.Ptype = r.in.Ptype })),
		broken("reply-twice", "every PULL is answered twice", "TP-SESS-003", "order-many", func(p *naivePeer) {
			p.alter = func(_ *request, reply oracle.Packet) []oracle.Packet { return []oracle.Packet{reply, reply} }
		}),
		silent("reply-dropped-under-load", "every 200th REPLY of a session is dropped", "TP-SESS-003", "order-many", func(p *naivePeer) {
			p.alter = func(r *request, reply oracle.Packet) []oracle.Packet {
				n, _ := r.s.state["replies"].(int)
				r.s.state["replies"] = n + 1
				if n%200 == 199 {
					return nil
				}
				return []oracle.Packet{reply}
			}
		}),
		broken("reply-meta-copied", "the PULL's metadata are copied into the REPLY", "TP-SESS-021", "meta-not-copied",
			altered(func(r *request, reply *oracle.Packet) {
				reply.Meta = append(slices.Clone(r.in.Meta), reply.Meta...)
			})),
		broken("reply-meta-sorted", "the metadata of a REPLY are sorted by key", "TP-META-001 TP-CONF-011", "meta-order",
			altered(func(_ *request, reply *oracle.Packet) {
				slices.SortStableFunc(reply.Meta, func(a, b oracle.Pair) int { return bytes.Compare(a.Key, b.Key) })
			})),
		broken("meta-not-delivered", "the handler of a PULL does not see its metadata", "TP-SESS-032", "meta-order",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				in.Meta = nil
				s.peer.dispatch(s, in)
				return true
			})),
		broken("meta-map", "metadata are kept in a map: a repeated key has its last value alone", "TP-META-001 TP-CONF-011", "meta-order",
			rerouted("meta", func(r *request) {
				var out []oracle.Pair
				for _, kv := range r.in.Meta {
					out = oracle.SetMeta(out, kv.Key, kv.Value)
				}
				r.answer(answer{meta: out})
			})),
		broken("meta-unknown-refused", "a PULL with a metadata key that the peer does not know is answered with 400", "TP-CONF-004", "meta-not-copied",
			func(p *naivePeer) {
				p.take = func(s *naiveSession, in oracle.Packet) {
					known := []string{"X-Timeout-Ms", oracle.ErrorKey}
					if in.Ptype == oracle.Pull && slices.ContainsFunc(in.Meta, func(m oracle.Pair) bool { return !slices.Contains(known, string(m.Key)) }) {
						(&request{s: s, in: in}).fail(400, "an unknown key")
						return
					}
					p.dispatch(s, in)
				}
			}),
		broken("meta-undecodable-ends", "metadata with a broken escape end the session", "TP-META-011", "meta-undecodable",
			func(p *naivePeer) {
				decode := p.decode
				p.decode = func(wire []byte, l oracle.Limits) (oracle.Packet, int, *oracle.Error) {
					in, n, err := decode(wire, l)
					if err == nil && len(in.Pipe) == 0 && !escapedWell(rawMeta(wire)) {
						err = &oracle.Error{Class: oracle.MetaClass, Stage: oracle.StagePayload}
					}
					return in, n, err
				}
			}),
		broken("reply-codec-fixed", "a REPLY has codec j, whatever the PULL's was", "TP-CODEC-013 TP-CONF-006", "pull-echo-string",
			altered(func(_ *request, reply *oracle.Packet) { reply.Codec = 'j' })),
		broken("reply-codec-of-the-pull", "a REPLY has the PULL's codec, whatever the handler set", "TP-CODEC-013 TP-CONF-020", "pull-codec-chosen",
			altered(func(r *request, reply *oracle.Packet) {
				if !failed(reply) {
					reply.Codec = r.in.Codec
				}
			})),
		broken("push-answered", "a PUSH is answered with an empty REPLY", "TP-SESS-004", "push-not-answered", func(p *naivePeer) {
			p.take = func(s *naiveSession, in oracle.Packet) {
				p.dispatch(s, in)
				if in.Ptype == oracle.Push {
					(&request{s: s, in: in}).answer(answer{})
				}
			}
		}),
		broken("push-unknown-answered", "a PUSH that no handler matches is answered with 404", "TP-SESS-004 TP-SESS-008", "push-unknown-uri",
			func(p *naivePeer) {
				p.take = func(s *naiveSession, in oracle.Packet) {
					if path, _, ok := splitURI(in.Uri); ok && in.Ptype == oracle.Push && p.pushes[path] == nil {
						(&request{s: s, in: in}).fail(404, "Not Found")
						return
					}
					p.dispatch(s, in)
				}
			}),
	}
}

// rawMeta gives the metadata field of a whole frame without a pipe.
func rawMeta(frame []byte) []byte {
	field := frame[15+4+binary.BigEndian.Uint32(frame[15:]):] // behind size, protocol id, filter count, seq, type and uri
	return field[4 : 4+binary.BigEndian.Uint32(field)]
}

// escapedWell tells whether each % has two hexadecimal digits behind it.
func escapedWell(meta []byte) bool {
	_, ok := percentDecode(string(meta))
	return ok
}
