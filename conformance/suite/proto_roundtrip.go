package suite

import (
	"fmt"
	"math"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// roundtripCases prove TP-PROTO-009, Unpack(Pack(p)) gives back every field, one field at a time.
func roundtripCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("roundtrip-basic", "TP-PROTO-009", "an ordinary packet of each type comes back whole", func(b *bench) {
			for _, ptype := range []byte{packet.TypePull, packet.TypeReply, packet.TypePush} {
				s := basic(int(ptype))
				s.ptype = ptype
				b.roundTrip(s, "type "+packet.TypeText(ptype))
			}
		}),
		tg.proto("roundtrip-minimal", "TP-PROTO-009 TP-FAST-012 TP-FAST-013 TP-CODEC-004", "a packet with every field zero or empty comes back as such", func(b *bench) {
			b.roundTrip(sample{}, "all fields empty")
			b.roundTrip(sample{ptype: packet.TypePush, codec: 'j'}, "only type and codec")
		}),
		tg.proto("roundtrip-seq", "TP-PROTO-009 TP-FAST-003", "all 64 bits of seq come back", func(b *bench) {
			seqs := []uint64{0, 1, 127, 128, 255, 256, math.MaxInt32, math.MaxUint32, math.MaxUint32 + 1,
				1<<53 - 1, 1 << 53, 1<<53 + 1, math.MaxInt64, 1 << 63, 1<<63 + 1, math.MaxUint64 - 1, math.MaxUint64, 0x0102030405060708}
			for i := range 64 {
				seqs = append(seqs, 1<<i)
			}
			for _, seq := range seqs {
				s := basic(1)
				s.seq = seq
				b.roundTrip(s, fmt.Sprintf("seq %d", seq))
			}
		}),
		tg.proto("roundtrip-ptype", "TP-PROTO-009 TP-FAST-004", "every type byte comes back, the unsupported ones too", func(b *bench) {
			for ptype := range 256 {
				s := basic(1)
				s.ptype = byte(ptype)
				b.roundTrip(s, fmt.Sprintf("ptype %d", ptype))
			}
		}),
		tg.proto("roundtrip-uri", "TP-PROTO-009 TP-FAST-010 TP-FAST-012", "a uri comes back as it is, neither escaped nor cleaned", func(b *bench) {
			for _, uri := range []string{"", "/", "//a//b/", "/a?b=c&d=e#f", "/a%20b%zz", "relative/../up", "/äöü/世界/🙂", " /a ", "/q?x=\"'<>&",
				strings.Repeat("/segment", 500), "?", "a:b@c"} {
				if len(uri) > int(b.limit().MaxUri) {
					continue
				}
				s := basic(1)
				s.uri = uri
				b.roundTrip(s, "uri "+short(uri))
			}
		}),
		tg.proto("roundtrip-uri-bytes", "TP-PROTO-009 TP-FAST-011", "every byte in a uri comes back: controls, zero and invalid UTF-8", func(b *bench) {
			for c := range 256 {
				s := basic(1)
				s.uri = "/x" + string([]byte{byte(c)}) + "y"
				b.roundTrip(s, fmt.Sprintf("uri with byte 0x%02x", c))
			}
			s := basic(1)
			s.uri = "\xff\xfe\x00\r\n\xc3\x28\xed\xa0\x80"
			b.roundTrip(s, "uri of invalid UTF-8")
		}, FeatureBinary),
		tg.proto("roundtrip-codec", "TP-PROTO-009 TP-FAST-014 TP-CODEC-008", "every codec id comes back with its body, registered or not", func(b *bench) {
			for id := range 256 {
				s := basic(1)
				s.codec = byte(id)
				s.body = []byte{1, byte(id), 0, 255}
				b.roundTrip(s, fmt.Sprintf("codec %d", id))
			}
		}),
		tg.proto("roundtrip-body-sizes", "TP-PROTO-009 TP-FAST-009", "bodies come back at the sizes where buffers end", func(b *bench) {
			sizes := []int{0, 1, 2, 3, 17, 18, 127, 128, 255, 256, 511, 512, 1023, 4095, 4096, 4097, 16383, 65535, 65536, 65537, b.pick(200_000, 3<<20)}
			for _, n := range sizes {
				s := basic(1)
				s.codec, s.body = 's', filler(b.fit(n))
				b.roundTrip(s, fmt.Sprintf("body of %d bytes", len(s.body)))
			}
		}),
		tg.proto("roundtrip-body-bytes", "TP-PROTO-009 TP-FAST-009", "a body of any bytes comes back: line ends, zeros, quotes, a whole frame", func(b *bench) {
			var all []byte
			for c := range 256 {
				all = append(all, byte(c))
			}
			bodies := [][]byte{all, []byte("\n"), []byte("\r\n\r\n"), {0}, {0, 0, 0, 0}, []byte(`"}]`), []byte("\xff\xfe"), b.frame(basic(9)), append(b.frame(basic(9)), '\n')}
			for i, body := range bodies {
				s := basic(1)
				s.codec, s.body = 's', body
				b.roundTrip(s, fmt.Sprintf("body %d", i))
			}
		}),
		tg.proto("roundtrip-full", "TP-PROTO-009 TP-PROTO-018", "a packet with every field filled comes back", func(b *bench) {
			s := full()
			b.roundTrip(s, "every field filled")
			s.ptype = packet.TypeReply
			b.roundTrip(s, "the same as a reply")
		}, FeaturePipe, FeatureMeta, FeatureGoAPI),
		tg.proto("roundtrip-size", "TP-PROTO-007 TP-FAST-016 TP-FAST-017", "Pack sets the packet's size to the bytes written, Unpack to the bytes read", func(b *bench) {
			samples := []sample{{}, basic(1), {seq: 1, body: filler(b.fit(5000))}}
			st := &stream{}
			writer, sizes := b.open(st), []int{}
			for i, s := range samples { // through one Proto: a size is the packet's, not the connection's
				before := len(st.written())
				p := s.packet(b)
				if err := writer.Pack(p); err != nil {
					b.Fatalf("sample %d: Pack failed: %v", i, err)
				}
				n := len(st.written()) - before
				if int(p.Size()) != n {
					b.Errorf("sample %d: Pack wrote %d bytes and set the size to %d", i, n, p.Size())
				}
				sizes = append(sizes, n)
			}
			reader := b.open(&stream{in: st.written()})
			for i, s := range samples {
				got := reader.unpackWant(s, "reading it back")
				if int(got.Size()) != sizes[i] {
					b.Errorf("sample %d: Unpack read %d bytes and set the size to %d", i, sizes[i], got.Size())
				}
			}
		}),
		tg.proto("roundtrip-packet-kept", "TP-PROTO-006", "Pack changes nothing of the packet but its size", func(b *bench) {
			s := basic(7)
			p := s.packet(b)
			env, body := p.Env(), fmt.Sprintf("%s", p.Body())
			st := &stream{}
			e := b.open(st)
			for i := range 3 {
				if err := e.Pack(p); err != nil {
					b.Fatalf("Pack %d of the same packet failed: %v", i+1, err)
				}
				after := read(p)
				after.body = s.body // a sender's packet has its body as a value, compared below
				if d := s.diff(after); d != "" {
					b.Errorf("Pack %d changed the packet:\n%s", i+1, d)
				}
				if got := fmt.Sprintf("%s", p.Body()); got != body || p.Env() != env {
					b.Errorf("Pack %d changed the packet's body value or its environment", i+1)
				}
			}
			r := b.open(&stream{in: st.written()})
			for i := range 3 {
				r.unpackWant(s, fmt.Sprintf("copy %d", i+1))
			}
			r.wantEOF("after three copies")
		}, FeatureGoAPI),
	}
}

// full gives a packet with every field filled, a pipe included.
func full() sample {
	return sample{
		seq: 0xfedcba9876543210, ptype: packet.TypePush, uri: "/full/packet?with=query&and=more",
		meta:  []pair{{"a", "1"}, {"a", "2"}, {"empty", ""}, {"long", strings.Repeat("v", 300)}, {"b c", "d&e=f"}},
		codec: 's', pipe: []byte{tagA, xorFilter, tagB}, body: []byte("every field of this packet is filled"),
	}
}
