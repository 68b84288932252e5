package suite

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

const packers = 8 // goroutines that pack at once

// concurrentCases prove that Pack is safe to call from several goroutines. Codec, filters and writer give
// other goroutines their turn in the middle of a packet, so shared state shows without the race detector;
// with it (go test -race), the detector judges too.
func concurrentCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("concurrent-pack", "TP-PROTO-008 TP-PROTO-003 TP-FRAME-016", "packets packed from many goroutines through one Proto arrive whole, each in one write", func(b *bench) {
			b.packsAtOnce(nil)
		}, FeatureConcurrency),
		tg.proto("concurrent-pack-pipe", "TP-PROTO-008 TP-PROTO-018", "the same with a pipe", func(b *bench) {
			b.packsAtOnce([]byte{xorFilter, tagA})
		}, FeatureConcurrency, FeaturePipe),
		tg.proto("concurrent-read-write", "TP-PROTO-008 TP-PROTO-012", "packing from many goroutines does not disturb the one that unpacks through the same Proto", func(b *bench) {
			samples := mixed(b.pick(60, 1000))
			st := &stream{in: b.frames(samples...), chunk: yielding, write: takesTurns}
			e := b.open(st)
			for g := range packers {
				b.Go(func() { b.packMany(e, g, b.pick(15, 250), nil) })
			}
			for i, s := range samples {
				e.unpackWant(s, fmt.Sprintf("packet %d, while others pack", i))
			}
			e.wantEOF("after the last packet")
			b.Wait()
			b.wantEach(st.calls(), packers, b.pick(15, 250), nil)
		}, FeatureConcurrency),
		tg.proto("concurrent-instances", "TP-PROTO-008 TP-PROTO-014", "instances over different streams share nothing that shows", func(b *bench) {
			for g := range packers {
				b.Go(func() {
					var samples []sample
					st := &stream{write: takesTurns}
					e := b.open(st)
					for i := range b.pick(10, 200) {
						s := mixed(5)[i%5]
						s.seq, s.uri = uint64(g)<<32|uint64(i), fmt.Sprintf("/instance/%d/%d", g, i)
						samples = append(samples, s)
						if err := e.Pack(s.packet(b)); err != nil {
							b.Fatalf("instance %d, packet %d: Pack failed: %v", g, i, err)
						}
					}
					b.readsAll(&stream{in: st.written(), chunk: yielding}, samples, fmt.Sprintf("instance %d", g))
				})
			}
			b.Wait()
		}, FeatureConcurrency),
	}
}

func yielding(int) int {
	runtime.Gosched()
	return 61
}

// takesTurns lets other goroutines run before it looks at what it was given.
func takesTurns(p []byte) (int, error) {
	for range 3 {
		runtime.Gosched()
	}
	return len(p), nil
}

func (b *bench) packsAtOnce(pipe []byte) {
	n := b.pick(25, 500)
	st := &stream{write: takesTurns}
	e := b.open(st)
	for g := range packers {
		b.Go(func() { b.packMany(e, g, n, pipe) })
	}
	b.Wait()
	b.wantEach(st.calls(), packers, n, pipe)
}

// concurrentSample is packet i of goroutine g: all of its fields tell both.
func concurrentSample(g, i int, pipe []byte) sample {
	mark := fmt.Sprintf("%c%d", 'a'+g, i)
	return sample{
		seq: uint64(g)<<32 | uint64(i), ptype: packet.TypePush, uri: "/" + mark, meta: []pair{{"mark", mark}},
		codec: yieldCodecID, pipe: pipe, body: []byte(strings.Repeat(mark+" ", 5+(g*37+i*11)%120)),
	}
}

func (b *bench) packMany(e *endpoint, g, n int, pipe []byte) {
	for i := range n {
		s := concurrentSample(g, i, pipe)
		p := s.packet(b)
		p.SetBody(string(s.body)) // through the codec that takes turns
		if err := e.Pack(p); err != nil {
			b.Fatalf("goroutine %d, packet %d: Pack failed: %v", g, i, err)
		}
	}
}

// wantEach wants every packet of packMany once, each write a whole frame.
func (b *bench) wantEach(writes [][]byte, goroutines, n int, pipe []byte) {
	if len(writes) != goroutines*n {
		b.Errorf("%d packets took %d writes, expected one each", goroutines*n, len(writes))
	}
	seen := map[uint64]bool{}
	for i, frame := range writes {
		p := b.blank()
		e := b.open(&stream{in: frame})
		if err := e.Unpack(p); err != nil {
			b.Fatalf("write %d is not a whole frame: %v", i, err)
		}
		g, k := int(p.Seq()>>32), int(p.Seq()&0xffffffff)
		if d := concurrentSample(g, k, pipe).diff(read(p)); d != "" {
			b.Fatalf("write %d mixes packets:\n%s", i, d)
		}
		if seen[p.Seq()] || g >= goroutines || k >= n {
			b.Fatalf("write %d: packet %d of goroutine %d came twice or was never sent", i, k, g)
		}
		seen[p.Seq()] = true
		e.wantEOF("behind one frame")
	}
}
