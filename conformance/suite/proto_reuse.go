package suite

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"weak"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// reuseCases prove that packets can be used again, and that what a packet gave out stays as it was.
func reuseCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("reuse-unpack", "TP-PROTO-013", "a packet that is unpacked into again has nothing of the earlier one left", func(b *bench) {
			rich := full()
			if b.without(FeaturePipe) {
				rich.pipe = nil
			}
			samples := []sample{rich, {}, basic(1), rich, {ptype: 1}, basic(2)}
			e := b.open(&stream{in: b.frames(samples...)})
			p := b.blank()
			for i, s := range samples {
				if err := e.Unpack(p); err != nil {
					b.Fatalf("packet %d: %v", i, err)
				}
				if d := s.diff(read(p)); d != "" {
					b.Errorf("packet %d, read into the packet that held the one before:\n%s", i, d)
				}
			}
		}, FeatureMeta, FeatureGoAPI),
		tg.proto("reuse-body", "TP-PROTO-013 TP-PROTO-021", "neither a decoded body nor a raw one is left from an earlier packet", func(b *bench) {
			e := b.open(&stream{in: b.frames(basic(1), basic(2), sample{codec: 'j'})})
			p := b.blank()
			var first struct{ N int }
			p.SetNewBody(func(uint64, byte, string) any { return &first })
			if err := e.Unpack(p); err != nil || first.N != 1 {
				b.Fatalf("first packet: got %d (%v)", first.N, err)
			}
			p.SetNewBody(nil)
			if err := e.Unpack(p); err != nil {
				b.Fatalf("second packet: %v", err)
			}
			if p.Body() == any(&first) || first.N != 1 {
				b.Errorf("the second packet still has the first one's body, or was decoded into it")
			}
			if d := basic(2).diff(read(p)); d != "" {
				b.Errorf("second packet:\n%s", d)
			}
			if err := e.Unpack(p); err != nil {
				b.Fatalf("third packet: %v", err)
			}
			if len(p.RawBody()) != 0 {
				b.Errorf("a packet with an empty body still has the raw body %q", p.RawBody())
			}
		}, FeatureGoAPI),
		tg.proto("reuse-after-failure", "TP-PROTO-013 TP-PROTO-015", "a packet whose Unpack failed can be used for the next one", func(b *bench) {
			good, rest := basic(3), b.whole(full0())
			p := b.blank()
			for cut := 1; cut < len(rest); cut++ {
				if err := b.open(&stream{in: rest[:cut]}).Unpack(p); err == nil {
					b.Fatalf("a frame cut after %d of %d bytes was taken", cut, len(rest))
				}
				if err := b.open(&stream{in: b.frame(good)}).Unpack(p); err != nil {
					b.Fatalf("a good frame after one cut at %d: %v", cut, err)
				}
				if d := good.diff(read(p)); d != "" {
					b.Fatalf("a good frame after one cut at %d:\n%s", cut, d)
				}
			}
		}, FeatureGoAPI),
		tg.proto("reuse-pool", "TP-PROTO-013 TP-PROTO-028", "packets from the pool, given back after use, come out clean and work", func(b *bench) {
			samples := mixed(10)
			e := b.open(&stream{in: b.frames(samples...)})
			for i, s := range samples {
				p := packet.GetPacket()
				if d := (sample{}).diff(read(p)); d != "" || p.Size() != 0 {
					b.Fatalf("packet %d came out of the pool with size %d and\n%s", i, p.Size(), d)
				}
				p.SetEnv(b.env)
				if err := e.Unpack(p); err != nil {
					b.Fatalf("packet %d: %v", i, err)
				}
				if d := s.diff(read(p)); d != "" {
					b.Fatalf("packet %d:\n%s", i, d)
				}
				packet.PutPacket(p)
			}
		}, FeatureGoAPI),
		tg.proto("reuse-pack", "TP-PROTO-028 TP-PROTO-006", "a packet that is reset and packed again sends nothing of its earlier content", func(b *bench) {
			st := &stream{}
			e := b.open(st)
			p := full0().packet(b)
			if err := e.Pack(p); err != nil {
				b.Fatalf("first Pack: %v", err)
			}
			p.Reset()
			p.SetEnv(b.env)
			p.SetUri("/second")
			if err := e.Pack(p); err != nil {
				b.Fatalf("second Pack: %v", err)
			}
			b.readsAll(&stream{in: st.written()}, []sample{full0(), {uri: "/second"}}, "one packet value used twice")
		}, FeatureGoAPI),
		tg.proto("alias-earlier", "TP-PROTO-014 TP-CODEC-014", "uri, metadata and body of earlier packets are not overwritten by later ones or by the stream", func(b *bench) {
			var samples []sample
			for i := range 12 {
				mark := strings.Repeat(string(rune('a'+i)), 60)
				samples = append(samples, sample{seq: uint64(i), uri: "/" + mark, meta: []pair{{"m", mark}, {mark, ""}}, codec: 's', body: []byte(mark + mark)})
			}
			for _, chunk := range []func(int) int{nil, func(int) int { return 50 }} {
				st := &stream{in: slices.Clone(b.frames(samples...)), chunk: chunk}
				e := b.open(st)
				var got []*packet.Packet
				for i, s := range samples {
					got = append(got, e.unpackWant(s, fmt.Sprintf("packet %d", i)))
				}
				for i := range st.in {
					st.in[i] = 0xEE
				}
				for i, s := range samples {
					if d := s.diff(read(got[i])); d != "" {
						b.Errorf("packet %d was right when it came and is not after %d more:\n%s", i, len(samples)-1-i, d)
					}
				}
			}
		}, FeatureMeta, FeatureGoAPI),
		tg.proto("alias-scribble", "TP-PROTO-014 TP-PROTO-028", "writing into a received body, and appending to it, harms no later packet", func(b *bench) {
			samples := mixed(10)
			e := b.open(&stream{in: b.frames(samples...)})
			for i, s := range samples {
				p := e.unpackWant(s, fmt.Sprintf("packet %d, the bodies before it scribbled over", i))
				raw := p.RawBody()
				raw = raw[:cap(raw)]
				for k := range raw {
					raw[k] = 0xEE
				}
			}
		}, FeatureGoAPI),
		tg.proto("alias-pack", "TP-PROTO-028 TP-PROTO-006", "the sender's body and metadata may change once Pack has returned, and Pack does not change them", func(b *bench) {
			body := bytes.Repeat([]byte("0123456789"), 30)
			s := sample{ptype: 1, uri: "/x", meta: []pair{{"k", "v"}}, codec: 's', body: body}
			st := &stream{}
			e := b.open(st)
			want := s
			want.body = slices.Clone(body)
			if err := e.Pack(s.packet(b)); err != nil {
				b.Fatalf("Pack failed: %v", err)
			}
			if !bytes.Equal(body, want.body) {
				b.Errorf("Pack changed the body that the caller owns")
			}
			for i := range body {
				body[i] = 0xEE
			}
			if err := e.Pack(basic(2).packet(b)); err != nil {
				b.Fatalf("Pack failed: %v", err)
			}
			b.readsAll(&stream{in: st.written()}, []sample{want, basic(2)}, "a body changed after Pack")
		}, FeatureMeta, FeatureGoAPI),
		tg.proto("retain-nothing", "TP-PROTO-028", "a Proto that lives on keeps neither packets nor bodies after Pack and Unpack", func(b *bench) {
			out := &stream{}
			sender := b.open(out)
			b.wantFreed("Pack", func() (weak.Pointer[packet.Packet], weak.Pointer[[4096]byte]) {
				body := new([4096]byte)
				p := basic(1).packet(b)
				p.SetBody(packet.RawBody(body[:]))
				if err := sender.Pack(p); err != nil {
					b.Fatalf("Pack failed: %v", err)
				}
				return weak.Make(p), weak.Make(body)
			})
			receiver := b.open(&stream{in: out.written()})
			b.wantFreed("Unpack", func() (weak.Pointer[packet.Packet], weak.Pointer[[4096]byte]) {
				target := new([4096]byte)
				p := b.blank()
				p.SetNewBody(func(uint64, byte, string) any { _ = target; return nil })
				if err := receiver.Unpack(p); err != nil {
					b.Fatalf("Unpack failed: %v", err)
				}
				return weak.Make(p), weak.Make(target)
			})
			runtime.KeepAlive(sender)
			runtime.KeepAlive(receiver)
		}, FeatureMemory, FeatureGoAPI),
	}
}

// full0 is full without its pipe.
func full0() sample {
	s := full()
	s.pipe = nil
	return s
}

// wantFreed runs use, which must let go of a packet and its memory, and wants both collected. It runs on a
// goroutine of its own, so that no stack remembers them.
func (b *bench) wantFreed(what string, use func() (weak.Pointer[packet.Packet], weak.Pointer[[4096]byte])) {
	var p weak.Pointer[packet.Packet]
	var body weak.Pointer[[4096]byte]
	b.Go(func() { p, body = use() })
	b.Wait()
	for range 30 {
		runtime.GC()
		if p.Value() == nil && body.Value() == nil {
			return
		}
		runtime.Gosched()
	}
	b.Errorf("after %s the packet or its body is still held: packet %v, body %v", what, p.Value() != nil, body.Value() != nil)
}
