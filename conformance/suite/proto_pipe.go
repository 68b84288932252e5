package suite

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// piped gives a good packet with a pipe.
func piped(n int, ids ...byte) sample {
	s := basic(n)
	s.pipe = ids
	return s
}

// pipeCases prove that the filters a packet names are applied, in the standard's order, both ways.
func pipeCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("pipe-carried", "TP-PROTO-018 TP-PROTO-009 TP-XFER-001", "a packet comes back through one filter and through several, with the ids it named", func(b *bench) {
			for i, ids := range [][]byte{nil, {tagA}, {xorFilter}, {tagA, tagB}, {tagB, tagA}, {tagC, xorFilter, tagA, runs}} {
				b.roundTrip(piped(i, ids...), fmt.Sprintf("pipe % x", ids))
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-order-pack", "TP-XFER-002 TP-PROTO-018", "Pack applies the filters from the last named to the first, each once, each on what the one before gave", func(b *bench) {
			b.frame(piped(1, tagA, tagB, tagC))
			b.wantCalls(b.log.take(), true, tagC, tagB, tagA)
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-order-unpack", "TP-XFER-003 TP-PROTO-018", "Unpack undoes the filters from the first named to the last, each on exactly what packing gave", func(b *bench) {
			s := piped(1, tagA, tagB, tagC)
			frame := b.frame(s)
			packed := b.log.take()
			b.open(&stream{in: frame}).unpackWant(s, "three filters")
			undone := b.log.take()
			b.wantCalls(undone, false, tagA, tagB, tagC)
			if len(packed) != 3 || len(undone) != 3 {
				return
			}
			for i := range undone {
				if !bytes.Equal(undone[i].in, packed[2-i].out) {
					b.Errorf("filter %#x was given other bytes to undo than it made", undone[i].id)
				}
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-repeat", "TP-XFER-004", "the same filter may stand in a pipe more than once", func(b *bench) {
			b.roundTrip(piped(1, tagA, tagA), "twice in a row")
			b.roundTrip(piped(2, tagA, tagB, tagA, tagA), "three times, another between")
			b.log.take()
			b.frame(piped(3, tagA, tagB, tagA))
			b.wantCalls(b.log.take(), true, tagA, tagB, tagA)
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-255", "TP-XFER-005", "a pipe of 255 filters works, each is applied once", func(b *bench) {
			var ids []byte
			for i := range 255 {
				ids = append(ids, []byte{tagA, tagB, xorFilter}[i%3])
			}
			s := piped(1, ids...)
			frame := b.frame(s)
			if n := len(b.log.take()); n != 170 {
				b.Errorf("of 255 filters 170 keep a log; packing called them %d times", n)
			}
			b.open(&stream{in: frame}).unpackWant(s, "255 filters")
			if n := len(b.log.take()); n != 170 {
				b.Errorf("of 255 filters 170 keep a log; unpacking called them %d times", n)
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-none", "TP-PROTO-018", "no filter is called for a packet that names none", func(b *bench) {
			b.roundTrip(basic(1), "no pipe")
			if calls := b.log.take(); len(calls) > 0 {
				b.Errorf("filter %#x was called for a packet without a pipe", calls[0].id)
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-lent", "TP-XFER-010 TP-PROTO-018", "a filter may give back the very slice it was given, and the source body stays as it was", func(b *bench) {
			s := piped(1, sameFilter, xorFilter, sameFilter)
			s.body = bytes.Repeat([]byte(`{"n":1} `), 40)
			kept := slices.Clone(s.body)
			frame := b.frame(s)
			if !bytes.Equal(s.body, kept) {
				b.Errorf("packing through a pipe changed the body that the caller owns")
			}
			whole := slices.Clone(frame)
			b.open(&stream{in: frame}).unpackWant(s, "filters that change nothing")
			if !bytes.Equal(frame, whole) {
				b.Errorf("unpacking changed bytes of the stream it read from")
			}
			f, isFramer := b.open(&stream{}).proto.(packet.Framer)
			if !isFramer || b.without(FeatureFramer) {
				return
			}
			if err := (&guardedFramer{b, f}).ParseFrame(frame, b.blank()); err != nil {
				b.Errorf("ParseFrame of a good frame failed: %v", err)
			}
			if !bytes.Equal(frame, whole) {
				b.Errorf("a filter changed the bytes that it was given to undo: ParseFrame's frame is another now")
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-empty-body", "TP-PROTO-018 TP-XFER-011", "an empty body and an empty packet go through a pipe", func(b *bench) {
			s := piped(1, tagA, runs)
			s.body = nil
			b.roundTrip(s, "empty body")
			b.roundTrip(sample{pipe: []byte{xorFilter, tagB}}, "empty packet")
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-gzip", "TP-XFER-012 TP-XFER-014", "a packet comes back through gzip, alone, twice and among others", func(b *bench) {
			pipes := [][]byte{{'g'}, {'g', 'g'}}
			if !b.without(FeatureGoAPI) { // else nobody but the suite knows its filters
				pipes = append(pipes, []byte{tagA, 'g', xorFilter})
			}
			for i, ids := range pipes {
				s := piped(i, ids...)
				s.body = bytes.Repeat([]byte(`"text to compress" `), b.fit(40_000)/19)
				b.roundTrip(s, fmt.Sprintf("pipe % x", ids))
				s.body = nil
				b.roundTrip(s, fmt.Sprintf("pipe % x and an empty body", ids))
			}
		}, FeaturePipe),
		tg.proto("pipe-size", "TP-PROTO-007 TP-FAST-016 TP-FAST-017", "with a pipe too, the size is that of the bytes on the wire", func(b *bench) {
			s := piped(1, tagA, runs)
			s.codec, s.body = 's', make([]byte, b.fit(5000))
			p := s.packet(b)
			frame := b.framePacket(p)
			got := b.open(&stream{in: frame}).unpackWant(s, "a body that shrinks in the pipe")
			if int(p.Size()) != len(frame) || int(got.Size()) != len(frame) {
				b.Errorf("%d bytes on the wire; Pack set the size to %d, Unpack to %d", len(frame), p.Size(), got.Size())
			}
		}, FeaturePipe, FeatureGoAPI),
		tg.proto("pipe-per-packet", "TP-PROTO-018 TP-PROTO-013", "each packet of a stream has its own pipe", func(b *bench) {
			samples := []sample{piped(1, tagA), basic(2), piped(3, tagB, tagA), piped(4, xorFilter), basic(5)}
			e := b.open(&stream{in: b.frames(samples...)})
			for i, s := range samples {
				e.unpackWant(s, fmt.Sprintf("packet %d", i))
			}
			e.wantEOF("at the end")
		}, FeaturePipe, FeatureGoAPI),
	}
}

// wantCalls wants the tag filters called once each, in order, each on the output of the one before.
func (b *bench) wantCalls(calls []filterCall, pack bool, ids ...byte) {
	var got []byte
	for _, c := range calls {
		got = append(got, c.id)
		if c.pack != pack {
			b.Errorf("filter %#x ran in the wrong direction", c.id)
		}
	}
	if !bytes.Equal(got, ids) {
		b.Errorf("the filters ran in the order % x, expected % x", got, ids)
		return
	}
	for i := 1; i < len(calls); i++ {
		if !bytes.Equal(calls[i].in, calls[i-1].out) {
			b.Errorf("filter %#x did not get what filter %#x gave", calls[i].id, calls[i-1].id)
		}
	}
}
