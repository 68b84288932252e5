package suite

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// mixed gives n packets of different shapes.
func mixed(n int) []sample {
	shapes := []func(int) sample{
		basic,
		func(int) sample { return sample{} },
		func(i int) sample { s := full(); s.seq, s.pipe = uint64(i), nil; return s },
		func(i int) sample { return sample{seq: uint64(i), codec: 's', body: filler(3000 + i)} },
		func(i int) sample { s := basic(i); s.body = []byte("\x00\n\xff\r\n"); s.codec = 's'; return s },
	}
	out := make([]sample, n)
	for i := range out {
		out[i] = shapes[i%len(shapes)](i)
	}
	return out
}

// readsAll wants the stream to give the samples and then a clean end.
func (b *bench) readsAll(st *stream, samples []sample, where string) {
	e := b.open(st)
	for i, s := range samples {
		e.unpackWant(s, fmt.Sprintf("%s, packet %d of %d", where, i+1, len(samples)))
	}
	e.wantEOF(where + ", after the last packet")
}

// streamCases prove that a Proto depends on the bytes of a stream and not on how they were cut.
func streamCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("stream-coalesced", "TP-FRAME-010 TP-PROTO-012 TP-FRAME-017", "packets that arrive in one piece are read one after the other, none is lost", func(b *bench) {
			samples := mixed(b.pick(50, 500))
			b.readsAll(&stream{in: b.frames(samples...)}, samples, "all in one piece")
		}),
		tg.proto("stream-one-byte", "TP-PROTO-011 TP-FRAME-009", "a reader that gives one byte at a time makes no difference", func(b *bench) {
			samples := mixed(10)
			b.readsAll(&stream{in: b.frames(samples...), chunk: oneByte}, samples, "one byte at a time")
		}),
		tg.proto("stream-segments", "TP-FRAME-009 TP-PROTO-011", "a stream cut into segments of any size gives the same packets", func(b *bench) {
			samples := mixed(12)
			frames := b.frames(samples...)
			r := rand.New(rand.NewPCG(1, 2))
			for _, size := range []int{2, 3, 5, 7, 13, 64, 511, 4096} {
				b.readsAll(&stream{in: frames, chunk: func(int) int { return size }}, samples, fmt.Sprintf("segments of %d bytes", size))
			}
			for round := range b.pick(5, 100) {
				b.readsAll(&stream{in: frames, chunk: func(int) int { return 1 + r.IntN(97) }}, samples, fmt.Sprintf("random segments, round %d", round))
			}
		}),
		tg.proto("stream-two-cuts", "TP-FRAME-009 TP-PROTO-011", "a packet cut in two at any byte, its successor behind it, is read whole", func(b *bench) {
			samples := []sample{basic(1), basic(2)}
			frames := b.frames(samples...)
			for at := 1; at < len(frames); at++ {
				first := true
				b.readsAll(&stream{in: frames, chunk: func(left int) int {
					if first {
						first = false
						return at
					}
					return left
				}}, samples, fmt.Sprintf("cut at byte %d", at))
			}
		}),
		tg.proto("stream-no-wait", "TP-FRAME-017 TP-PROTO-012", "Unpack returns once its packet is there, without waiting for more bytes", func(b *bench) {
			for i, s := range mixed(5) {
				frame := b.frame(s)
				e := b.open(&stream{in: frame, end: errPast})
				e.unpackWant(s, fmt.Sprintf("packet %d and nothing behind it", i))
				e = b.open(&stream{in: frame, end: errPast, chunk: oneByte})
				e.unpackWant(s, fmt.Sprintf("packet %d, one byte at a time", i))
			}
		}),
		tg.proto("stream-late-successor", "TP-PROTO-012 TP-FRAME-010", "bytes of the next packet that came early are not lost when its rest comes later", func(b *bench) {
			samples := []sample{basic(1), basic(2), basic(3)}
			one := b.frame(samples[0])
			rest := b.frames(samples[1:]...)
			for early := range len(rest) {
				// first the first packet with `early` bytes of what follows, then the rest
				given := 0
				st := &stream{in: slices.Concat(one, rest)}
				st.chunk = func(left int) int {
					given++
					if given == 1 {
						return len(one) + early
					}
					return left
				}
				b.readsAll(st, samples, fmt.Sprintf("%d bytes came early", early))
			}
		}),
		should(tg.proto("stream-idle-reads", "TP-PROTO-011", "a reader that now and then gives no byte and no error makes no difference", func(b *bench) {
			samples := mixed(5)
			b.readsAll(&stream{in: b.frames(samples...), idle: true, chunk: func(int) int { return 100 }}, samples, "every other Read gives nothing")
		}, FeatureGoAPI)),
		tg.proto("stream-duplex", "TP-PROTO-012 TP-FRAME-016", "reading and writing by turns through one Proto do not disturb each other", func(b *bench) {
			samples := mixed(10)
			st := &stream{in: b.frames(samples...), chunk: func(int) int { return 50 }}
			e := b.open(st)
			for i, s := range samples {
				e.unpackWant(s, fmt.Sprintf("packet %d", i))
				if err := e.Pack(s.packet(b)); err != nil {
					b.Fatalf("Pack between two reads failed: %v", err)
				}
			}
			e.wantEOF("after the last packet")
			b.readsAll(&stream{in: st.written()}, samples, "what was written between the reads")
		}, FeatureGoAPI),
	}
}
