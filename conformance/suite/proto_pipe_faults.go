package suite

import (
	"errors"
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// pipeFaultCases prove what happens when a filter is unknown or fails.
func pipeFaultCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("pipe-unknown-read", "TP-PROTO-019 TP-FRAME-007", "Unpack refuses a filter that its environment does not know with class filter-unknown", func(b *bench) {
			for _, ids := range [][]byte{{tagB}, {tagA, tagB}, {tagB, tagA}, {tagA, tagA, tagB}} {
				frame := b.frame(piped(1, ids...))
				p := b.blank()
				p.SetEnv(&packet.Env{Limits: tg.Limits, Codecs: b.codecs, Filters: b.only(tagA)})
				err := b.open(&stream{in: frame}).Unpack(p)
				b.wantClass(err, packet.ClassFilterUnknown, fmt.Sprintf("pipe % x where only %#x is known", ids, tagA))
			}
			b.roundTrip(piped(1, tagB), "the same filter where it is known")
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-unknown-write", "TP-FAST-018 TP-PROTO-004", "Pack refuses a packet to which an unknown filter was given, and writes nothing", func(b *bench) {
			p := basic(1).packet(b)
			if err := p.XferPipe().AppendFromRegistry(b.filters, tagA, nobody); err == nil {
				b.Harnessf("the pipe took filter %#x, which nobody registered", nobody)
			}
			b.refusesPacket(p, packet.ClassFilterUnknown, "a pipe with an unknown filter")
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-too-long", "TP-FAST-019 TP-PROTO-004", "Pack refuses a packet to which more than 255 filters were given, and writes nothing", func(b *bench) {
			p := basic(1).packet(b)
			ids := make([]byte, 256)
			for i := range ids {
				ids[i] = xorFilter
			}
			if err := p.XferPipe().AppendFromRegistry(b.filters, ids...); err == nil {
				b.Harnessf("the pipe took 256 filters")
			}
			b.refusesPacket(p, packet.ClassLimit, "a pipe of 256 filters")
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-pack-fails", "TP-PROTO-004 TP-PROTO-018", "a filter that fails in Pack fails the packet: the error is passed on and nothing is written", func(b *bench) {
			for _, ids := range [][]byte{{noPack}, {tagA, noPack}, {noPack, tagA}} {
				what := fmt.Sprintf("pipe % x with a failing filter", ids)
				if err := b.refusesPacket(piped(1, ids...).packet(b), "", what); err != nil && !errors.Is(err, errFilter) {
					b.Errorf("%s: the filter's own error is not in the chain: %v", what, err)
				}
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-data-broken", "TP-XFER-006", "filter data that cannot be undone gives class filter-data, with the filter's own error in the chain", func(b *bench) {
			for _, ids := range [][]byte{{noUnpack}, {tagA, noUnpack}, {noUnpack, tagA}} {
				err := b.open(&stream{in: b.frame(piped(1, ids...))}).Unpack(b.blank())
				where := fmt.Sprintf("pipe % x with a filter that cannot be undone", ids)
				if b.wantClass(err, packet.ClassFilterData, where) && !errors.Is(err, errFilter) {
					b.Errorf("%s: the filter's own error is not in the chain: %v", where, err)
				}
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-registry", "TP-PROTO-018 TP-PROTO-019", "filters are looked up in the environment of the packet that is read", func(b *bench) {
			// The same id means another filter on each side: the reader's own is used, and fails.
			other := xfer.NewRegistry(nil)
			b.must(other.Add(tag(tagA, 'Z', b.log)), "registering a filter")
			p := b.blank()
			p.SetEnv(&packet.Env{Limits: tg.Limits, Codecs: b.codecs, Filters: other})
			frame := b.frame(piped(1, tagA))
			b.wantClass(b.open(&stream{in: frame}).Unpack(p), packet.ClassFilterData, "an id that is another filter in the reader's environment")
			b.open(&stream{in: frame}).unpackWant(piped(1, tagA), "the writer's filter")
		}, FeaturePipe, FeatureGoAPI),
	}
}

// only gives a registry that holds one of the bench's filters.
func (b *bench) only(id byte) *xfer.Registry {
	f, err := b.filters.Get(id)
	b.must(err, "finding a filter")
	r := xfer.NewRegistry(nil)
	b.must(r.Add(f), "registering a filter")
	return r
}
