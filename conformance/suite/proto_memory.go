package suite

import (
	"bytes"
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// memoryCases measure that input cannot make a Proto take memory out of proportion to what arrived. What
// counts is every byte allocated during the call, kept or not.
func memoryCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("memory-claim", "TP-LIM-010 TP-FRAME-013 TP-PROTO-015", "the beginning of a large frame takes memory for what has arrived, not for what it claims", func(b *bench) {
			frame := b.whole(sized(b.fit(1 << 20)))
			cuts := []int{1, 2, 4, 5, 6, 8, 12, 16, 24, 32, 64, 100, 500, 4096, 20_000, 65_536, 150_000, len(frame) / 2}
			for _, cut := range cuts {
				if cut >= len(frame) {
					continue
				}
				b.takesLittle(b.env, frame[:cut], 0, fmt.Sprintf("the first %d of %d bytes of a frame", cut, len(frame)))
				if b.Failed() { // measuring takes time, and one finding says it all
					return
				}
			}
		}, FeatureMemory),
		tg.proto("memory-limit", "TP-PROTO-016 TP-FRAME-004", "a frame over the packet limit is refused before memory is taken for it", func(b *bench) {
			frame := b.frame(sized(b.fit(1 << 20)))
			env := maxPacket(b, 4096)
			b.wantWithin(allowed(4096), fmt.Sprintf("refusing a frame of %d bytes under a limit of 4096", len(frame)), func() {
				if _, err := b.unpackUnder(env, frame); classOf(err) != packet.ClassLimit {
					b.Fatalf("expected class limit, got %s", describe(err))
				}
			})
		}, FeatureMemory),
		tg.proto("memory-payload", "TP-XFER-008 TP-LIM-010", "a payload over the payload limit is refused before memory is taken for it", func(b *bench) {
			frame := b.frame(sized(b.fit(1 << 20)))
			env := maxPayload(b, 4096)
			refused := func() int {
				st := &stream{in: frame}
				p := packet.NewPacket()
				p.SetEnv(env)
				if err := b.open(st).Unpack(p); classOf(err) != packet.ClassLimit {
					b.Fatalf("expected class limit, got %s", describe(err))
				}
				return st.consumed()
			}
			// A format may have to read on to learn the payload's size: memory for what it has read is fair.
			bound := allowed(max(4096, refused()))
			b.wantWithin(bound, fmt.Sprintf("refusing a payload of about %d bytes under a limit of 4096", len(frame)), func() { refused() })
		}, FeatureMemory),
		tg.proto("memory-expansion", "TP-XFER-007 TP-LIM-010 TP-LIM-002", "filters that expand are stopped at the payload limit, in memory too", func(b *bench) {
			million := bytes.Repeat([]byte{padding}, 10) // a million zeros, which run-length coding makes few bytes
			for _, outer := range [][]byte{{runs}, {runs, runs}, {tagA, runs}} {
				frame := b.frame(piped(1, append(outer, million...)...))
				b.refusesExpansion(frame, 16<<10, fmt.Sprintf("pipe % x and ten of % x", outer, padding))
				if b.Failed() { // as above
					return
				}
			}
		}, FeatureMemory, FeaturePipe),
		tg.proto("memory-gzip-bomb", "TP-XFER-007 TP-LIM-010", "gzip data that expands a hundredfold is stopped at the payload limit, in memory too", func(b *bench) {
			for _, ids := range [][]byte{{'g'}, {'g', 'g'}} {
				s := sample{uri: "/bomb", codec: 's', pipe: ids, body: make([]byte, b.fit(1<<20))}
				b.refusesExpansion(b.frame(s), min(16<<10, len(s.body)/4), fmt.Sprintf("gzip, %d layers", len(ids)))
			}
		}, FeatureMemory, FeaturePipe),
		tg.proto("memory-garbage", "TP-PROTO-015 TP-LIM-010", "garbage takes little memory", func(b *bench) {
			for i, junk := range oddities() {
				b.takesLittle(b.env, junk, 0, fmt.Sprintf("garbage %d (% x...)", i, junk[:min(8, len(junk))]))
			}
		}, FeatureMemory),
	}
}

// takesLittle wants one Unpack of input, which need not succeed, to stay within what the standard allows.
func (b *bench) takesLittle(env *packet.Env, input []byte, extra uint64, what string) {
	b.wantWithin(allowed(len(input))+extra, what, func() {
		p := packet.NewPacket()
		p.SetEnv(env)
		_ = b.open(&stream{in: input}).Unpack(p) // whatever the verdict: other cases judge it
	})
}

// refusesExpansion wants class limit, and no more memory than the limit and a decompressor need.
func (b *bench) refusesExpansion(frame []byte, limit int, what string) {
	const decompressor = 192 << 10 // windows and tables of an ordinary inflate, pipes of two included
	env := maxPayload(b, limit)
	_, err := b.unpackUnder(env, frame)
	b.wantClass(err, packet.ClassLimit, what)
	b.takesLittle(env, frame, uint64(8*limit+decompressor), what)
}
