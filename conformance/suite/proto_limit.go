package suite

import (
	"bytes"
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// limited gives the target's limits, changed.
func (b *bench) limited(change func(*packet.Limits)) *packet.Env {
	l := b.limit()
	change(&l)
	return b.envWith(l)
}

// unpackUnder unpacks frame in another environment.
func (b *bench) unpackUnder(env *packet.Env, frame []byte) (*packet.Packet, error) {
	p := b.blank()
	p.SetEnv(env)
	return p, b.open(&stream{in: frame}).Unpack(p)
}

func maxPacket(b *bench, n int) *packet.Env {
	return b.limited(func(l *packet.Limits) { l.MaxPacket = uint32(n) })
}

func maxPayload(b *bench, n int) *packet.Env {
	return b.limited(func(l *packet.Limits) { l.MaxPayload = uint32(n) })
}

// sized gives a good packet with a text body of n bytes.
func sized(n int) sample {
	s := basic(1)
	s.codec, s.body = 's', bytes.Repeat([]byte("x"), n)
	return s
}

// limitCases prove the limits on a packet's bytes, on the wire and after the pipe.
func limitCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("limit-read-exact", "TP-PROTO-016 TP-LIM-001 TP-LIM-005", "Unpack takes a packet of exactly the limit and refuses one byte more", func(b *bench) {
			for _, n := range []int{0, 10, 1000, b.fit(100_000)} {
				s := sized(n)
				frame := b.whole(s)
				if _, err := b.unpackUnder(maxPacket(b, len(frame)), frame); err != nil {
					b.Errorf("a packet of %d bytes under a limit of %d: %v", len(frame), len(frame), err)
				}
				if len(frame) <= packet.MinPacketLimit {
					continue
				}
				_, err := b.unpackUnder(maxPacket(b, len(frame)-1), frame)
				b.wantLimit(err, fmt.Sprintf("a packet of %d bytes under a limit of %d", len(frame), len(frame)-1))
			}
		}),
		tg.proto("limit-write-exact", "TP-PROTO-017 TP-FRAME-014 TP-LIM-005", "Pack writes a packet of exactly the limit, refuses one byte more and then writes nothing", func(b *bench) {
			for _, n := range []int{0, 10, 1000, b.fit(100_000)} {
				s := sized(n)
				size := len(b.frame(s))
				p := s.packet(b)
				p.SetEnv(maxPacket(b, size))
				b.open(&stream{in: b.framePacket(p)}).unpackWant(s, "packed under a limit of exactly its size")
				if size <= packet.MinPacketLimit {
					continue
				}
				p = s.packet(b)
				p.SetEnv(maxPacket(b, size-1))
				what := fmt.Sprintf("packing %d bytes under a limit of %d", size, size-1)
				b.wantLimit(b.refusesPacket(p, packet.ClassLimit, what), what)
			}
		}),
		tg.proto("limit-write-pipe", "TP-PROTO-017 TP-FAST-016", "the limit counts the bytes on the wire: what a pipe makes small may be sent", func(b *bench) {
			s := sample{ptype: packet.TypePush, uri: "/zeros", codec: 's', pipe: []byte{runs}, body: make([]byte, b.fit(50_000))}
			p := s.packet(b)
			p.SetEnv(maxPacket(b, len(s.body)/10))
			b.open(&stream{in: b.framePacket(p)}).unpackWant(s, "a body ten times the limit that shrinks in the pipe")
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("limit-per-packet", "TP-PROTO-016 TP-PROTO-017", "the limit is that of each packet's own environment, not one that the Proto remembers", func(b *bench) {
			small, large := sized(10), sized(2000)
			frames := b.frames(large, small, large)
			e := b.open(&stream{in: frames})
			e.unpackWant(large, "under a wide limit")
			p := b.blank()
			p.SetEnv(maxPacket(b, 1000))
			if err := e.Unpack(p); err != nil {
				b.Fatalf("a small packet under a small limit: %v", err)
			}
			b.wantLimit(e.Unpack(p), "a large packet under a small limit, through the same Proto")
		}),
		should(tg.proto("limit-default", "TP-FRAME-018 TP-LIM-001", "without an environment, packets of millions of bytes are taken and the default limit of 4 MiB holds", func(b *bench) {
			if l := (*packet.Env)(nil).Limit(); b.limit().MaxPacket < packet.DefaultMaxPacket || l.MaxPacket != packet.DefaultMaxPacket {
				b.Skipf("the limits of the target or of the process are not the standard's defaults")
			}
			s := sized(2_000_000)
			frame := b.frame(s)
			p := packet.NewPacket()
			if err := b.open(&stream{in: frame}).Unpack(p); err != nil {
				b.Errorf("a frame of %d bytes without an environment: %v", len(frame), err)
			} else if d := s.diff(read(p)); d != "" {
				b.Errorf("a frame of %d bytes without an environment:\n%s", len(frame), d)
			}
			big := sized(4<<20 + 1).packet(b)
			big.SetEnv(nil)
			if err := b.open(&stream{}).Pack(big); classOf(err) != packet.ClassLimit {
				b.Errorf("packing more than 4 MiB without an environment: expected class limit, got %s", describe(err))
			}
		})),
		tg.proto("limit-payload", "TP-LIM-002 TP-XFER-008 TP-LIM-005", "a payload over the payload limit is refused though the packet limit has room", func(b *bench) {
			frame := b.frame(sized(5000))
			_, err := b.unpackUnder(maxPayload(b, 1000), frame)
			b.wantClass(err, packet.ClassLimit, "a body of 5000 bytes, no pipe, under a payload limit of 1000")
			if _, err := b.unpackUnder(maxPayload(b, 4*len(frame)), frame); err != nil {
				b.Errorf("the same under a payload limit with room: %v", err)
			}
		}),
		tg.proto("limit-filter-exact", "TP-XFER-007 TP-LIM-002 TP-LIM-005", "a filter's output of exactly the payload limit passes, one byte more is refused", func(b *bench) {
			for _, n := range []int{0, 500, b.fit(70_000)} {
				s := sized(n)
				s.pipe = []byte{tagA}
				b.log.take()
				frame := b.frame(s)
				calls := b.log.take()
				if len(calls) != 1 {
					b.Fatalf("Pack called the one filter of the pipe %d times", len(calls))
				}
				out := len(calls[0].in)
				if out <= 1 { // a pipe that covers the body alone; a limit of 0 would mean the default
					continue
				}
				if _, err := b.unpackUnder(maxPayload(b, out), frame); err != nil {
					b.Errorf("filter output of %d bytes under a payload limit of %d: %v", out, out, err)
				}
				_, err := b.unpackUnder(maxPayload(b, out-1), frame)
				b.wantClass(err, packet.ClassLimit, fmt.Sprintf("filter output of %d bytes under a payload limit of %d", out, out-1))
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("limit-filter-middle", "TP-XFER-009", "the payload limit binds every filter's output, not only the last one's", func(b *bench) {
			s := basic(1)
			s.pipe = []byte{runs, padding}
			frame := b.frame(s)
			_, err := b.unpackUnder(maxPayload(b, paddingBytes/2), frame)
			b.wantClass(err, packet.ClassLimit, "a small packet that is large between two filters")
			if _, err := b.unpackUnder(maxPayload(b, 2*paddingBytes), frame); err != nil {
				b.Errorf("the same under a payload limit with room: %v", err)
			}
		}, FeaturePipe, FeatureGoAPI),
	}
}
