package mutants

import (
	"encoding/binary"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// faulting changes what is done with a fault of a class; others end the session, as they have to.
func faulting(class string, f func(s *naiveSession, e *oracle.Error)) func(p *naivePeer) {
	return func(p *naivePeer) {
		p.fault = func(s *naiveSession, e *oracle.Error) {
			if e.Class == class {
				f(s, e)
				return
			}
			s.closeLocked()
		}
	}
}

// stay leaves the connection open; the reader has ended, so that nothing more is read.
func stay(*naiveSession, *oracle.Error) {}

// answered writes an error to a seq that nobody can know, and ends the session.
func answered(s *naiveSession, _ *oracle.Error) {
	frame, _ := oracle.Encode(oracle.Packet{Ptype: oracle.Reply, Codec: 'j', Body: []byte("null"),
		Meta: []oracle.Pair{{Key: []byte(oracle.ErrorKey), Value: []byte(`{"code":400}`)}}}, oracle.Limits{})
	s.sendFrame(frame)
	s.drain()
}

// skipping reads on behind a whole frame that is at fault, as if it had not come.
func skipping(class string) func(p *naivePeer) {
	return func(p *naivePeer) {
		decode := p.decode
		p.decode = func(wire []byte, l oracle.Limits) (oracle.Packet, int, *oracle.Error) {
			in, n, err := decode(wire, l)
			if err == nil || err.Class != class {
				return in, n, err
			}
			size := max(int(binary.BigEndian.Uint32(wire)), 4)
			if size > len(wire) {
				return in, 0, &oracle.Error{Class: oracle.Short}
			}
			return oracle.Packet{Ptype: oracle.Reply, Seq: 1<<64 - 1}, size, nil // a REPLY that nobody waits for
		}
	}
}

// limited changes the peer's limits.
func limited(f func(l *oracle.Limits)) func(p *naivePeer) {
	return func(p *naivePeer) {
		p.limits = oracle.Limits{MaxPacket: 4 << 20, MaxPayload: 4 << 20, MaxUri: 64 << 10, MaxMeta: 64 << 10, MaxMetaPairs: 1024}
		f(&p.limits)
	}
}

// peerFrames: bytes that are at fault, and limits.
func peerFrames() []Mutant {
	return []Mutant{
		silent("fault-length-stays-open", "a size below 6 leaves the connection open", "TP-ERR-014", "fault-size-0", faulting(oracle.Length, stay)),
		broken("fault-length-answered", "a size below 6 is answered with an error before the end", "TP-ERR-014", "fault-size-5", faulting(oracle.Length, answered)),
		silent("fault-length-skipped", "a frame with a size below 6 is skipped and the next one read", "TP-ERR-014 TP-FRAME-015", "fault-after-good", skipping(oracle.Length)),
		silent("fault-version-stays-open", "another protocol id leaves the connection open", "TP-ERR-014", "fault-protocol-id", faulting(oracle.Version, stay)),
		silent("fault-version-late", "the protocol id is looked at when the whole frame is there", "TP-FRAME-008", "fault-protocol-id-early",
			func(p *naivePeer) {
				decode := p.decode
				p.decode = func(wire []byte, l oracle.Limits) (oracle.Packet, int, *oracle.Error) {
					in, n, err := decode(wire, l)
					if err != nil && err.Class == oracle.Version && uint32(len(wire)) < binary.BigEndian.Uint32(wire) {
						err = &oracle.Error{Class: oracle.Short}
					}
					return in, n, err
				}
			}),
		broken("fault-filter-answered", "an unknown filter is answered with an error before the end", "TP-ERR-014", "fault-filter-unknown",
			func(p *naivePeer) {
				p.fault = func(s *naiveSession, e *oracle.Error) {
					if e.Class == oracle.FilterUnknown || e.Class == oracle.FilterData {
						answered(s, e)
						return
					}
					s.closeLocked()
				}
			}),
		silent("fault-filter-data-skipped", "a packet whose filter data cannot be undone is skipped", "TP-ERR-014", "fault-filter-data", skipping(oracle.FilterData)),
		silent("fault-header-skipped", "a packet with a broken header is skipped", "TP-ERR-014", "fault-header-short", skipping(oracle.Header)),
		silent("fault-size-over-limit-waits", "a size over the packet limit is read on, until it would be there", "TP-LIM-006 TP-ERR-014", "fault-size-over-limit",
			faulting(oracle.Limit, stay)),
		silent("fault-uri-limit-skipped", "a packet whose uri is over the limit is skipped and the session goes on", "TP-LIM-006 TP-ERR-014", "fault-uri-limit",
			skipping(oracle.Limit)),
		silent("fault-uri-limit-413", "a packet over a limit is answered with 413 and the session goes on", "TP-LIM-006", "fault-uri-limit",
			func(p *naivePeer) {
				limited(func(l *oracle.Limits) { l.MaxUri = 1 << 20 })(p)
				p.take = func(s *naiveSession, in oracle.Packet) {
					if len(in.Uri) > 64<<10 {
						(&request{s: s, in: oracle.Packet{Seq: in.Seq}}).fail(413, "the uri is too long")
						return
					}
					p.dispatch(s, in)
				}
			}),
		slowly(silent("limit-payload-unchecked", "what a filter gives has no limit but that of the machine", "TP-LIM-002 TP-XFER-007",
			"limit-payload-over", limited(func(l *oracle.Limits) { l.MaxPayload = 1 << 30 }))),
		silent("limit-uri-one-more", "the uri limit is one byte too high", "TP-LIM-003", "fault-uri-limit",
			limited(func(l *oracle.Limits) { l.MaxUri++ })),
		broken("limit-uri-one-less", "the uri limit is one byte too low", "TP-LIM-005", "limit-uri-exact",
			limited(func(l *oracle.Limits) { l.MaxUri-- })),
		broken("limit-meta-one-less", "the metadata limit is one byte too low", "TP-LIM-005", "limit-meta-exact",
			limited(func(l *oracle.Limits) { l.MaxMeta-- })),
		broken("limit-pairs-one-less", "the pair limit is one too low", "TP-LIM-005", "limit-pairs-exact",
			limited(func(l *oracle.Limits) { l.MaxMetaPairs-- })),
		silent("limit-pairs-one-more", "the pair limit is one too high", "TP-META-017", "fault-meta-pairs",
			limited(func(l *oracle.Limits) { l.MaxMetaPairs++ })),
		broken("limit-packet-one-less", "the packet limit is one byte too low", "TP-LIM-005", "limit-packet-exact",
			limited(func(l *oracle.Limits) { l.MaxPacket-- })),
		silent("limit-packet-one-more", "the packet limit is one byte too high", "TP-LIM-005", "limit-packet-over",
			limited(func(l *oracle.Limits) { l.MaxPacket++ })),
		broken("type-answered", "a packet of another type is answered with 501 before the end", "TP-ERR-013 TP-SESS-005", "fault-type-0",
			func(p *naivePeer) {
				p.odd = func(s *naiveSession, in oracle.Packet) {
					(&request{s: s, in: in}).fail(501, "unsupported packet type")
					s.drain()
				}
			}),
		silent("type-ignored", "a packet of another type is ignored", "TP-SESS-005", "fault-type-4",
			func(p *naivePeer) { p.odd = func(*naiveSession, oracle.Packet) {} }),
		silent("type-0-is-a-push", "a packet of type 0 is taken for a PUSH", "TP-SESS-005", "fault-type-0",
			seen(func(s *naiveSession, in oracle.Packet) bool { return in.Ptype == 0 })),
		silent("type-masked", "the packet type is read from its lowest two bits", "TP-SESS-005", "fault-type-255",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				in.Ptype &= 3
				s.peer.dispatch(s, in)
				return true
			})),
	}
}
