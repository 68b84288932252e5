package suite

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// limitHeaderCases prove the limits on the uri and the metadata.
func limitHeaderCases(tg *Target) []runner.Case {
	manyPairs := func(n int) sample {
		s := basic(1)
		s.meta = nil
		for i := range n {
			s.meta = append(s.meta, pair{fmt.Sprintf("k%d", i), "v"})
		}
		return s
	}
	longMeta := func(n int) sample {
		s := basic(1)
		s.meta = []pair{{"k", strings.Repeat("v", n)}}
		return s
	}
	return []runner.Case{
		tg.proto("limit-uri", "TP-LIM-003 TP-LIM-005", "a uri of exactly the limit passes, one byte more is refused", func(b *bench) {
			for _, limit := range []uint32{1, 20, 500} {
				if limit >= b.limit().MaxUri {
					break
				}
				env := b.limited(func(l *packet.Limits) { l.MaxUri = limit })
				s := basic(1)
				s.uri = strings.Repeat("u", int(limit))
				if _, err := b.unpackUnder(env, b.frame(s)); err != nil {
					b.Errorf("a uri of %d bytes under a limit of %d: %v", len(s.uri), limit, err)
				}
				s.uri += "u"
				_, err := b.unpackUnder(env, b.frame(s))
				b.wantClass(err, packet.ClassLimit, fmt.Sprintf("a uri of %d bytes under a limit of %d", len(s.uri), limit))
			}
		}, FeatureHeaderLimits),
		tg.proto("limit-meta", "TP-META-016 TP-LIM-004", "metadata far over its limit is refused, far below it passes", func(b *bench) {
			long := min(10_000, int(b.limit().MaxMeta)*3/4)
			env := b.limited(func(l *packet.Limits) { l.MaxMeta = uint32(long / 10) })
			_, err := b.unpackUnder(env, b.frame(longMeta(long)))
			b.wantClass(err, packet.ClassLimit, fmt.Sprintf("%d bytes of metadata under a limit of %d", long, long/10))
			if _, err := b.unpackUnder(env, b.frame(longMeta(long/100))); err != nil {
				b.Errorf("%d bytes of metadata under a limit of %d: %v", long/100, long/10, err)
			}
		}, FeatureMeta, FeatureHeaderLimits),
		tg.proto("limit-uri-longest", "TP-LIM-005 TP-PROTO-009", "a uri as long as its limit allows comes back whole", func(b *bench) {
			s := basic(1)
			s.uri = strings.Repeat("u", int(min(b.limit().MaxUri, uint32(b.fit(1<<20)))))
			b.roundTrip(s, fmt.Sprintf("a uri of %d bytes", len(s.uri)))
		}),
		tg.proto("limit-meta-longest", "TP-LIM-005 TP-PROTO-009", "metadata as long as their limit allows come back whole", func(b *bench) {
			s := longMeta(int(min(b.limit().MaxMeta, uint32(b.fit(1<<20)))) - len("k="))
			b.roundTrip(s, fmt.Sprintf("%d bytes of encoded metadata", len("k=")+len(s.meta[0].value)))
		}, FeatureMeta),
		tg.proto("limit-meta-pairs", "TP-META-017 TP-LIM-004 TP-LIM-005", "metadata of exactly the pair limit passes, one pair more is refused", func(b *bench) {
			for _, limit := range []int{1, 5, 40} {
				if limit >= b.limit().MaxMetaPairs {
					break
				}
				env := b.limited(func(l *packet.Limits) { l.MaxMetaPairs = limit })
				if _, err := b.unpackUnder(env, b.frame(manyPairs(limit))); err != nil {
					b.Errorf("%d pairs under a limit of %d: %v", limit, limit, err)
				}
				_, err := b.unpackUnder(env, b.frame(manyPairs(limit+1)))
				b.wantClass(err, packet.ClassLimit, fmt.Sprintf("%d pairs under a limit of %d", limit+1, limit))
			}
		}, FeatureMeta, FeatureHeaderLimits),
		tg.proto("limit-meta-write", "TP-META-019 TP-PROTO-004", "Pack refuses metadata over the sender's own limits with class limit and writes nothing", func(b *bench) {
			p := longMeta(10_000).packet(b)
			p.SetEnv(b.limited(func(l *packet.Limits) { l.MaxMeta = 1000 }))
			b.refusesPacket(p, packet.ClassLimit, "10,000 bytes of metadata under a limit of 1,000")
			p = manyPairs(11).packet(b)
			p.SetEnv(b.limited(func(l *packet.Limits) { l.MaxMetaPairs = 10 }))
			b.refusesPacket(p, packet.ClassLimit, "11 pairs under a limit of 10")
		}, FeatureMeta, FeatureHeaderLimits),
		tg.proto("limit-next-packet", "TP-LIM-005 TP-PROTO-013", "a header within its limits passes in the same environment before and after others, packet by packet", func(b *bench) {
			env := b.limited(func(l *packet.Limits) { l.MaxUri, l.MaxMeta, l.MaxMetaPairs = 50, 2000, 10 })
			samples := []sample{basic(1), manyPairs(10), basic(2), manyPairs(3)}
			e := b.open(&stream{in: b.frames(samples...)})
			p := b.blank()
			p.SetEnv(env)
			for i, s := range samples {
				if err := e.Unpack(p); err != nil {
					b.Fatalf("packet %d is within every limit, but: %v", i, err)
				}
				if d := s.diff(read(p)); d != "" {
					b.Fatalf("packet %d:\n%s", i, d)
				}
			}
		}, FeatureMeta, FeatureHeaderLimits),
	}
}
