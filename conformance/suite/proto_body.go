package suite

import (
	"errors"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// bodyCases prove what a sender does with a body: the bytes it becomes under each codec.
func bodyCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("body-nil", "TP-FAST-021 TP-FAST-013", "a nil body has no bytes, whatever the codec id", func(b *bench) {
			for _, codec := range []byte{0, 'j', 'p', 's', unknownCodec} {
				b.sends(codec, nil, nil)
			}
		}),
		tg.proto("body-json", "TP-CODEC-001", "codec j sends a value as JSON", func(b *bench) {
			type thing struct {
				Name string
				N    int
			}
			b.sends('j', thing{"x", 7}, []byte(`{"Name":"x","N":7}`))
			b.sends('j', map[string]any{}, []byte(`{}`))
			b.sends('j', "héllo", []byte(`"héllo"`))
			b.sends('j', []int{1, 2}, []byte(`[1,2]`))
			b.sends('j', true, []byte(`true`))
		}, FeatureGoAPI),
		tg.proto("body-json-bytes", "TP-CODEC-007", "codec j sends a byte string as base64 text", func(b *bench) {
			b.sends('j', []byte{0xff, 0xfe, 0x00}, []byte(`"//4A"`))
			b.sends('j', []byte("hi"), []byte(`"aGk="`))
		}, FeatureGoAPI),
		tg.proto("body-string", "TP-CODEC-003", "codec s sends the bytes of a string themselves", func(b *bench) {
			text := "as it is: \x00\xff\n\""
			b.sends('s', text, []byte(text))
			b.sends('s', []byte(text), []byte(text))
			b.sends('s', "", nil)
		}, FeatureGoAPI),
		tg.proto("body-protobuf", "TP-CODEC-002", "codec p sends Protocol Buffers wire format", func(b *bench) {
			b.sends('p', wrapperspb.String("abc"), []byte{0x0a, 3, 'a', 'b', 'c'})
			b.sends('p', wrapperspb.UInt64(300), []byte{0x08, 0xac, 0x02})
			b.sends('p', wrapperspb.String(""), nil)
		}, FeatureProtobuf, FeatureGoAPI),
		tg.proto("body-raw", "TP-CODEC-008", "a RawBody is sent unchanged under any codec id, registered or not", func(b *bench) {
			raw := []byte("{not json\x00\xff")
			for _, codec := range []byte{0, 'j', 'p', 's', unknownCodec} {
				b.sends(codec, packet.RawBody(raw), raw)
			}
			b.sends('j', packet.RawBody{}, nil)
		}),
		tg.proto("body-forwarded", "TP-CODEC-008 TP-PROTO-021", "a received raw body can be sent on as it came", func(b *bench) {
			s := basic(1)
			s.codec, s.body = unknownCodec, []byte("opaque \x00 bytes")
			in := b.open(&stream{in: b.frame(s)}).unpackWant(s, "first hop")
			out := s.packet(b)
			out.SetBody(packet.RawBody(in.RawBody()))
			b.open(&stream{in: b.framePacket(out)}).unpackWant(s, "second hop")
		}),
		tg.proto("body-unencodable", "TP-PROTO-004 TP-FAST-020", "a body that cannot be encoded is refused with class body, and nothing is written", func(b *bench) {
			b.refuses('j', func() {}, packet.ClassBody)
			b.refuses('j', make(chan int), packet.ClassBody)
			b.refuses('s', struct{ X int }{1}, packet.ClassBody)
			b.refuses(yieldCodecID, 42, packet.ClassBody)
		}, FeatureGoAPI),
		tg.proto("body-codec-unknown", "TP-PROTO-004 TP-FAST-020", "a value under a codec nobody registered is refused with class codec-unknown, and nothing is written", func(b *bench) {
			b.refuses(unknownCodec, "text", packet.ClassCodecUnknown)
			b.refuses(0, map[string]int{"a": 1}, packet.ClassCodecUnknown)
		}, FeatureGoAPI),
	}
}

// sends packs body under codec and wants its bytes on the other side.
func (b *bench) sends(codec byte, body any, want []byte) {
	s := basic(1)
	s.codec, s.body = codec, want
	p := s.packet(b)
	p.SetBody(body)
	got := b.blank()
	if err := b.open(&stream{in: b.framePacket(p)}).Unpack(got); err != nil {
		b.Fatalf("%T under codec %d: Unpack failed: %v", body, codec, err)
	}
	if !slices.Equal(got.RawBody(), want) {
		b.Diff("the body", want, got.RawBody(), nil)
		b.Errorf("%T under codec %d arrived as other bytes: %s", body, codec, report.HexDiff(want, got.RawBody(), nil))
	}
	if d := s.diff(read(got)); d != "" {
		b.Errorf("%T under codec %d:\n%s", body, codec, d)
	}
}

// refuses wants Pack to fail with class, to write nothing, and to go on working afterwards.
func (b *bench) refuses(codec byte, body any, class packet.Class) {
	s := basic(1)
	s.codec = codec
	p := s.packet(b)
	p.SetBody(body)
	b.refusesPacket(p, class, strings.TrimSpace("a "+typeName(body)+" under codec "+string(rune(codec))))
}

// refusesPacket wants Pack of p to fail, with class unless it is empty, to write nothing, and the same
// Proto to pack a good packet afterwards.
func (b *bench) refusesPacket(p *packet.Packet, class packet.Class, what string) error {
	st := &stream{}
	e := b.open(st)
	err := e.Pack(p)
	switch {
	case err == nil:
		b.Errorf("%s: Pack accepted it", what)
		return nil
	case class != "":
		b.wantClass(err, class, what)
	}
	if n := len(st.calls()); n > 0 {
		b.Errorf("%s: Pack failed (%v) after %d writes of %d bytes", what, err, n, len(st.written()))
	}
	if errors.Is(err, errWriter) || st.consumed() > 0 {
		b.Errorf("%s: Pack touched the stream in another way: %v", what, err)
	}
	good := basic(2)
	before := len(st.written())
	if err := e.Pack(good.packet(b)); err != nil {
		b.Errorf("%s: after the refusal Pack fails for a good packet too: %v", what, err)
		return err
	}
	b.open(&stream{in: st.written()[before:]}).unpackWant(good, "after "+what)
	return err
}
