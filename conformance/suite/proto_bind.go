package suite

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func typeName(v any) string { return fmt.Sprintf("%T", v) }

// with gives a good packet with another codec and body.
func with(codec byte, body string) sample {
	s := basic(1)
	s.codec, s.body = codec, []byte(body)
	return s
}

// binds unpacks s with a NewBody function that gives target, and returns the packet and Unpack's error. A
// second packet behind it proves that the stream is left at the next boundary.
func (b *bench) binds(s sample, target any) (*packet.Packet, error) {
	next := basic(77)
	e := b.open(&stream{in: slices.Concat(b.frame(s), b.frame(next))})
	p := b.blank()
	p.SetNewBody(func(uint64, byte, string) any { return target })
	err := e.Unpack(p)
	e.unpackWant(next, fmt.Sprintf("the packet after one bound to a %T (Unpack gave: %v)", target, err))
	return p, err
}

// bindCases prove what a receiver does with a body: keep it raw, or decode it into what NewBody gives.
func bindCases(tg *Target) []runner.Case {
	return []runner.Case{
		tg.proto("bind-newbody", "TP-PROTO-020", "NewBody is called once, with the header filled, and its value becomes the decoded body", func(b *bench) {
			s := basic(5)
			e := b.open(&stream{in: b.frame(s)})
			p := b.blank()
			calls := 0
			var got struct{ N int }
			p.SetNewBody(func(seq uint64, ptype byte, uri string) any {
				calls++
				if seq != s.seq || ptype != s.ptype || uri != s.uri {
					b.Errorf("NewBody was called with (%d, %d, %q), expected (%d, %d, %q)", seq, ptype, uri, s.seq, s.ptype, s.uri)
				}
				head := read(p)
				head.body = s.body
				if d := s.diff(head); d != "" {
					b.Errorf("the header was not filled when NewBody was called:\n%s", d)
				}
				return &got
			})
			if err := e.Unpack(p); err != nil {
				b.Fatalf("Unpack failed: %v", err)
			}
			if calls != 1 {
				b.Errorf("NewBody was called %d times, expected once", calls)
			}
			if got.N != 5 {
				b.Errorf("the body was not decoded: expected 5, got %d", got.N)
			}
			if p.Body() != any(&got) {
				b.Errorf("the packet's body is %T, expected the value that NewBody gave", p.Body())
			}
		}, FeatureGoAPI),
		tg.proto("bind-raw-kept", "TP-PROTO-021", "without NewBody the raw body is kept and can be bound later", func(b *bench) {
			s := with('j', `{"N":12}`)
			p := b.open(&stream{in: b.frame(s)}).unpackWant(s, "no NewBody")
			var got struct{ N int }
			if err := p.Bind(&got); err != nil || got.N != 12 {
				b.Errorf("Bind of the raw body: expected 12, got %d (%v)", got.N, err)
			}
		}, FeatureGoAPI),
		tg.proto("bind-skip", "TP-PROTO-020 TP-PROTO-025", "a NewBody that gives nil has the body skipped", func(b *bench) {
			if p, err := b.binds(with('j', `{"broken`), nil); err != nil || p.Body() != nil {
				b.Errorf("expected no error and no body, got %v and %v", err, p.Body())
			}
		}, FeatureGoAPI),
		tg.proto("bind-codecs", "TP-CODEC-001 TP-CODEC-003", "bodies under codecs j and s decode into what NewBody gives", func(b *bench) {
			var m map[string]string
			if _, err := b.binds(with('j', ` {"a":"ü"} `), &m); err != nil || m["a"] != "ü" {
				b.Errorf("codec j: got %v (%v)", m, err)
			}
			var s string
			if _, err := b.binds(with('s', "raw\x00text"), &s); err != nil || s != "raw\x00text" {
				b.Errorf("codec s: got %q (%v)", s, err)
			}
		}, FeatureGoAPI),
		tg.proto("bind-protobuf", "TP-CODEC-002", "a body under codec p decodes into a message", func(b *bench) {
			var m wrapperspb.StringValue
			if _, err := b.binds(with('p', "\x0a\x03abc"), &m); err != nil || m.Value != "abc" {
				b.Errorf("codec p: got %q (%v)", m.Value, err)
			}
		}, FeatureProtobuf, FeatureGoAPI),
		tg.proto("bind-empty", "TP-CODEC-005", "an empty body binds: nothing is decoded, the target keeps its value, no codec is asked for", func(b *bench) {
			for _, codec := range []byte{0, 'j', 'p', 's', unknownCodec} {
				got := struct{ N int }{-1}
				if p, err := b.binds(with(codec, ""), &got); err != nil || got.N != -1 || p.Body() != any(&got) {
					b.Errorf("codec %d: expected the target as it was, got %+v, body %T, error %v", codec, got, p.Body(), err)
				}
			}
		}, FeatureGoAPI),
		tg.proto("bind-bytes", "TP-CODEC-006", "a *[]byte gets the raw bytes, whatever the codec", func(b *bench) {
			for _, codec := range []byte{'j', 'p', 's', unknownCodec} {
				var got []byte
				if _, err := b.binds(with(codec, `"aGk="`), &got); err != nil || string(got) != `"aGk="` {
					b.Errorf("codec %d: got %q (%v)", codec, got, err)
				}
			}
		}, FeatureGoAPI),
		tg.proto("bind-undecodable", "TP-CODEC-009 TP-PROTO-025", "a body that does not decode gives class body and leaves the stream at the next packet", func(b *bench) {
			for _, body := range []string{`{"N":`, `nope`, `"text"`, "\x00"} {
				var got struct{ N int }
				_, err := b.binds(with('j', body), &got)
				b.wantClass(err, packet.ClassBody, fmt.Sprintf("JSON body %q into a struct", body))
			}
		}, FeatureGoAPI),
		tg.proto("bind-trailing", "TP-CODEC-011", "bytes after a JSON value are an error, white space is none", func(b *bench) {
			for _, body := range []string{`1 2`, `{"N":1}x`, `1,`, `[1]]`} {
				var got any
				_, err := b.binds(with('j', body), &got)
				b.wantClass(err, packet.ClassBody, fmt.Sprintf("JSON body %q", body))
			}
			var n int
			if _, err := b.binds(with('j', " 7\r\n\t "), &n); err != nil || n != 7 {
				b.Errorf("white space around a JSON value: got %d (%v)", n, err)
			}
		}, FeatureGoAPI),
		tg.proto("bind-codec-unknown", "TP-CODEC-010 TP-PROTO-025", "a body under an unregistered codec gives class codec-unknown and leaves the stream at the next packet", func(b *bench) {
			for _, codec := range []byte{0, unknownCodec} {
				var got string
				_, err := b.binds(with(codec, "text"), &got)
				b.wantClass(err, packet.ClassCodecUnknown, fmt.Sprintf("codec %d", codec))
			}
		}, FeatureGoAPI),
		tg.proto("bind-owned", "TP-CODEC-014 TP-PROTO-014", "decoded values share no memory with the stream or with later packets", func(b *bench) {
			var frames []byte
			for i := range 6 {
				s := basic(i)
				s.codec, s.body = 's', bytes.Repeat([]byte{byte('a' + i)}, 200)
				frames = append(frames, b.frame(s)...)
			}
			st := &stream{in: frames}
			e := b.open(st)
			texts, raws := make([]string, 6), make([][]byte, 6)
			for i := range 6 {
				p := b.blank()
				p.SetNewBody(func(uint64, byte, string) any {
					if i%2 == 0 {
						return &texts[i]
					}
					return &raws[i]
				})
				if err := e.Unpack(p); err != nil {
					b.Fatalf("packet %d: %v", i, err)
				}
			}
			for i := range st.in {
				st.in[i] = 0xEE
			}
			for i := range 6 {
				want := bytes.Repeat([]byte{byte('a' + i)}, 200)
				if i%2 == 0 && texts[i] != string(want) || i%2 == 1 && !bytes.Equal(raws[i], want) {
					b.Errorf("the body decoded from packet %d was overwritten later", i)
				}
			}
		}, FeatureGoAPI),
	}
}
