package suite

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// framerCases judge the optional packet.Framer beside a Proto, and that both paths agree.
func framerCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("framer-length", "TP-PROTO-023", "FrameLen gives 0 until it can tell, then always the same, however many bytes follow", func(b *bench) {
			f := b.framer()
			for i, s := range mixed(5) {
				frame := b.frame(s)
				more := slices.Concat(frame, b.frame(basic(2)), []byte("garbage"))
				known := false
				for k := range len(more) + 1 {
					n, err := f.FrameLen(b.env, more[:k])
					switch {
					case err != nil:
						b.Fatalf("sample %d, %d bytes of a good frame: %v", i, k, err)
					case n == 0 && (known || k >= len(frame)):
						b.Fatalf("sample %d, %d bytes of %d: FrameLen gave 0, expected the frame's length", i, k, len(frame))
					case n != 0 && n != len(frame):
						b.Fatalf("sample %d, %d bytes: FrameLen gave %d, the frame has %d", i, k, n, len(frame))
					}
					known = known || n != 0
				}
			}
		}, FeatureFramer),
		tg.proto("framer-append", "TP-PROTO-022 TP-PROTO-007", "AppendFrame makes what Pack writes, and sets the size", func(b *bench) {
			f := b.framer()
			for i, s := range b.framerSamples() {
				p := s.packet(b)
				frame, err := f.AppendFrame(nil, p)
				if err != nil {
					b.Fatalf("sample %d: AppendFrame failed: %v", i, err)
				}
				b.open(&stream{in: frame}).unpackWant(s, fmt.Sprintf("sample %d from AppendFrame", i))
				if int(p.Size()) != len(frame) {
					b.Errorf("sample %d: AppendFrame made %d bytes and set the size to %d", i, len(frame), p.Size())
				}
				if n := len(b.frame(s)); n != len(frame) {
					b.Errorf("sample %d: AppendFrame made %d bytes, Pack wrote %d", i, len(frame), n)
				}
			}
		}, FeatureFramer),
		tg.proto("framer-append-prefix", "TP-PROTO-024", "AppendFrame leaves the bytes before alone, with and without room behind them, and when it fails", func(b *bench) {
			f := b.framer()
			prefix := filler(300)
			for i, s := range b.framerSamples() {
				for _, room := range []int{0, 1, 7, 100, 10_000} {
					dst := append(make([]byte, 0, len(prefix)+room), prefix...)
					out, err := f.AppendFrame(dst, s.packet(b))
					if err != nil {
						b.Fatalf("sample %d: %v", i, err)
					}
					if !bytes.Equal(dst, prefix) || !bytes.HasPrefix(out, prefix) {
						b.Fatalf("sample %d, room for %d: the bytes before the frame changed", i, room)
					}
					b.open(&stream{in: out[len(prefix):]}).unpackWant(s, fmt.Sprintf("sample %d behind %d bytes", i, len(prefix)))
					bad := s.packet(b)
					bad.SetBodyCodec('j')
					bad.SetBody(func() {})
					out, err = f.AppendFrame(dst, bad)
					if err == nil || !bytes.Equal(dst, prefix) || len(out) > len(prefix) && !bytes.HasPrefix(out, prefix) {
						b.Fatalf("sample %d: a body that cannot be encoded (error: %v) changed the bytes before", i, err)
					}
				}
			}
		}, FeatureFramer),
		tg.proto("framer-append-refuses", "TP-PROTO-022 TP-PROTO-017", "AppendFrame refuses what Pack refuses, with the same class", func(b *bench) {
			f := b.framer()
			bads := map[string]func(p *packet.Packet){
				"a body that cannot be encoded": func(p *packet.Packet) { p.SetBody(func() {}) },
				"an unknown codec":              func(p *packet.Packet) { p.SetBodyCodec(unknownCodec); p.SetBody("text") },
				"a packet over the limit":       func(p *packet.Packet) { p.SetEnv(maxPacket(b, 24)); p.SetBody(packet.RawBody(filler(500))) },
			}
			for _, what := range slices.Sorted(maps.Keys(bads)) {
				p, q := basic(1).packet(b), basic(1).packet(b)
				bads[what](p)
				bads[what](q)
				_, err := f.AppendFrame(nil, p)
				plain := b.open(&stream{}).Pack(q)
				if err == nil || plain == nil || classOf(err) != classOf(plain) {
					b.Errorf("%s: AppendFrame gave %s, Pack %s", what, describe(err), describe(plain))
				}
			}
		}, FeatureFramer),
		tg.proto("framer-agree", "TP-PROTO-022", "ParseFrame and Unpack give the same packets, sizes and NewBody calls", func(b *bench) {
			f := b.framer()
			for i, s := range b.framerSamples() {
				b.agree(f, b.env, b.frames(s, basic(2)), fmt.Sprintf("sample %d", i))
			}
			p := b.blank()
			var got struct{ N int }
			p.SetNewBody(func(uint64, byte, string) any { return &got })
			if err := f.ParseFrame(b.frame(basic(5)), p); err != nil || got.N != 5 || p.Body() != any(&got) {
				b.Errorf("ParseFrame with a NewBody function: got %d, body %T, error %v", got.N, p.Body(), err)
			}
			s := basic(1)
			s.body = []byte(`{"N":`)
			p.SetNewBody(func(uint64, byte, string) any { return &got })
			b.wantClass(f.ParseFrame(b.frame(s), p), packet.ClassBody, "ParseFrame with a NewBody function and a body that does not decode")
		}, FeatureFramer),
		tg.proto("framer-agree-cut", "TP-PROTO-022 TP-PROTO-010", "both paths give the same verdict on frames cut at every byte", func(b *bench) {
			f := b.framer()
			for i, s := range b.framerSamples() {
				frame := b.frame(s)
				for cut := range min(len(frame), b.pick(150, 2000)) {
					b.agree(f, b.env, frame[:cut], fmt.Sprintf("sample %d cut after %d of %d bytes", i, cut, len(frame)))
				}
			}
		}, FeatureFramer),
		heavy(tg.proto("framer-agree-garbage", "TP-PROTO-022 TP-PROTO-015", "both paths give the same verdict on garbage and on frames with a byte changed", func(b *bench) {
			f := b.framer()
			for i, junk := range oddities() {
				b.agree(f, b.env, junk, fmt.Sprintf("garbage %d", i))
			}
			r := rand.New(rand.NewPCG(7, 8))
			for i := range b.pick(500, 5_000) {
				b.agree(f, b.env, noise(r, r.IntN(100)), fmt.Sprintf("random input %d", i))
			}
			for i, s := range b.framerSamples() {
				frame := b.frame(s)
				for at := range min(len(frame), b.pick(60, 400)) {
					for _, c := range b.changes(frame[at]) {
						junk := slices.Clone(frame)
						junk[at] = c
						b.agree(f, b.env, junk, fmt.Sprintf("sample %d, byte %d changed to 0x%02x", i, at, c))
					}
				}
			}
		}, FeatureFramer)),
		tg.proto("framer-agree-limits", "TP-PROTO-022 TP-LIM-005", "both paths draw the limits at the same byte", func(b *bench) {
			f := b.framer()
			s := sized(300)
			frame := b.frame(s)
			for _, d := range []int{-2, -1, 0, 1} {
				b.agree(f, maxPacket(b, len(frame)+d), frame, fmt.Sprintf("a packet limit of the frame's size%+d", d))
			}
			for n := range len(frame) + 2 {
				b.agree(f, maxPayload(b, n+1), frame, fmt.Sprintf("a payload limit of %d", n+1))
			}
			b.agree(f, b.limited(func(l *packet.Limits) { l.MaxUri = 3 }), frame, "a uri over its limit")
			b.agree(f, b.limited(func(l *packet.Limits) { l.MaxMeta = 3 }), frame, "metadata over its limit")
			b.agree(f, b.limited(func(l *packet.Limits) { l.MaxMetaPairs = 1 }), frame, "a pair too many")
		}, FeatureFramer),
		tg.proto("framer-owned", "TP-PROTO-014 TP-CODEC-014", "after ParseFrame and Detach a packet shares no memory with the frame", func(b *bench) {
			f := b.framer()
			for i, s := range b.framerSamples() {
				frame := b.frame(s)
				p := b.blank()
				if err := f.ParseFrame(frame, p); err != nil {
					b.Fatalf("sample %d: %v", i, err)
				}
				p.Detach()
				for k := range frame {
					frame[k] = 0xEE
				}
				if d := s.diff(read(p)); d != "" {
					b.Errorf("sample %d changed with the frame it was parsed from:\n%s", i, d)
				}
			}
		}, FeatureFramer),
		tg.proto("framer-concurrent", "TP-PROTO-008 TP-PROTO-022", "frames are made from many goroutines at once, and parsed at the same time", func(b *bench) {
			f := b.framer()
			for g := range packers {
				b.Go(func() {
					for i := range b.pick(25, 500) {
						s := concurrentSample(g, i, nil)
						p := s.packet(b)
						p.SetBody(string(s.body))
						frame, err := f.AppendFrame(nil, p)
						if err != nil {
							b.Fatalf("goroutine %d, packet %d: %v", g, i, err)
						}
						got := b.blank()
						if err := f.ParseFrame(frame, got); err != nil {
							b.Fatalf("goroutine %d, packet %d: ParseFrame: %v", g, i, err)
						}
						if d := s.diff(read(got)); d != "" {
							b.Fatalf("goroutine %d, packet %d:\n%s", g, i, d)
						}
					}
				})
			}
			b.Wait()
		}, FeatureFramer, FeatureConcurrency),
	}
}
