package fuzz

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/codec"
)

// codecIds are the codecs of the standard.
const codecIds = "jps"

func codecSeeds() [][]byte {
	var out [][]byte
	list, _ := receivers()
	samples := [][]string{
		{"null", `{"a":-128,"b":"18446744073709551615","name":"x","kids":[{"any":[1,{"y":1.5e300}]}],"by_key":{"k":null}}`, `[1,2,3]`, `"text"`,
			`-7`, `{"a":200}`, `{"a":1,"a":2}`, "\"\xff\\ud800\"", `[[[[[[]]]]]]`, `{"1":true}`, `"YWJj"`, "1 2", "", " true ", "1e400"},
		{"", "\x0a\x03abc", "\x0a\x01\xff", "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02", "\x0b\x0b\x0c\x0c", "\x0a\x05a", "\x0a\x08\x0a\x01k\x12\x03\x1a\x01v"},
		{"", "text", "\xff\x00", "{}"},
	}
	for c, texts := range samples {
		for i := range list {
			for k, text := range texts {
				if k > 4 && (i+k)%3 != 0 { // every text meets some types, the first ones every type
					continue
				}
				out = append(out, append([]byte{byte(c), byte(i)}, text...))
			}
		}
	}
	for _, p := range vectorPackets() {
		body, err := p.Body.Expand()
		if at := bytes.IndexByte([]byte(codecIds), byte(p.BodyCodec)); err == nil && at >= 0 && len(body) < 1<<10 {
			out = append(out, append([]byte{byte(at), 0}, body...), append([]byte{byte(at), byte(len(body) % len(list))}, body...))
		}
	}
	return distinct(out)
}

// runCodecs decodes a body into a value and encodes that. The script: which codec, into what, the body.
//
// req: TP-CODEC-005, TP-CODEC-009, TP-CODEC-011
func runCodecs(t Reporter, in []byte) {
	s := script{b: in}
	c, err := codec.Get(codecIds[s.upTo(len(codecIds))])
	if err != nil {
		t.Fatalf("%v", err)
	}
	list, hostile := receivers()
	which := s.upTo(len(list))
	data := s.rest()
	lent := bytes.Clone(data)
	v := list[which]()
	withinMemory(t, 64<<10+256*uint64(len(data)), c.Name()+": decoding", func() {
		v = list[which]()
		err = c.Unmarshal(lent, v)
	})
	if !bytes.Equal(lent, data) {
		t.Fatalf("%s: decoding has changed the body", c.Name())
	}
	codecVerdict(t, c, v, data, err)
	if err != nil || which >= hostile {
		return
	}
	one, err := c.Marshal(held(v))
	if err != nil {
		t.Fatalf("%s: what was decoded into %T cannot be encoded: %v", c.Name(), v, err)
	}
	for i := range lent { // the value must not lie in the body's memory
		lent[i] ^= 0x5a
	}
	sameEncoding(t, c, held(v), one)
	again := list[which]()
	if len(one) > 0 || c.Id() != codec.JSONId {
		if err := c.Unmarshal(one, again); err != nil {
			t.Fatalf("%s: %q, which it wrote of %T, cannot be decoded: %v", c.Name(), one, v, err)
		}
		sameEncoding(t, c, held(again), one)
	}
}

// held gives what an *any holds, and any other value as it is: the string codec encodes texts, not what points to an any.
func held(v any) any {
	if p, ok := v.(*any); ok {
		return *p
	}
	return v
}

// sameEncoding encodes v once more, by appending. Messages of Protocol Buffers have more than one encoding.
func sameEncoding(t Reporter, c codec.Codec, v any, want []byte) {
	t.Helper()
	got, err := c.Marshal(v)
	if a, ok := c.(codec.Appender); ok && err == nil {
		got, err = a.AppendMarshal([]byte("kept"), v)
		if !bytes.HasPrefix(got, []byte("kept")) {
			t.Fatalf("%s: AppendMarshal gives %q: what was there must stay", c.Name(), got)
		}
		got = got[4:]
	}
	if m, ok := v.(proto.Message); ok && err == nil && len(got) == len(want) {
		a, b := m.ProtoReflect().New().Interface(), m.ProtoReflect().New().Interface()
		if proto.Unmarshal(got, a) == nil && proto.Unmarshal(want, b) == nil && (proto.Equal(a, b) || sorted(a, b)) {
			return
		}
	}
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%s: %T is encoded as %q, then as %q, %v", c.Name(), v, want, got, err)
	}
}

// sorted compares messages that proto.Equal does not, such as ones that hold a NaN, in their one deterministic form.
func sorted(a, b proto.Message) bool {
	form := proto.MarshalOptions{Deterministic: true}
	x, err1 := form.Marshal(a)
	y, err2 := form.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

// codecVerdict holds the verdict against the oracle's for a receiver that takes whatever is well-formed.
func codecVerdict(t Reporter, c codec.Codec, v any, data []byte, err error) {
	t.Helper()
	switch got := v.(type) {
	case *any:
		if c.Id() == codec.ProtobufId {
			return
		}
		if c.Id() == codec.StringId && (err != nil || *got != any(string(data))) {
			t.Fatalf("string: %q is decoded as %#v, %v", data, *got, err)
		}
	case *string:
		if c.Id() != codec.StringId {
			return
		}
		if err != nil || *got != string(data) {
			t.Fatalf("string: %q is decoded as %q, %v", data, *got, err)
		}
	case *emptypb.Empty:
		if c.Id() != codec.ProtobufId || got == nil {
			return
		}
	case *vtMerging:
		sameAsFresh(t, c, &got.m, data, err)
		return
	case **wrapperspb.StringValue:
		sameAsFresh(t, c, *got, data, err)
		return
	default:
		return
	}
	if len(data) == 0 {
		return // an empty body is no matter of a codec
	}
	if overFloat(err) {
		return
	}
	if werr := oracle.CheckBody(oracle.Packet{Codec: c.Id(), Body: data}); (werr != nil) != (err != nil) {
		t.Fatalf("%s: of %q the oracle says %v, the codec %v", c.Name(), data, werr, err)
	}
}

// sameAsFresh wants of a message that had a value before it was decoded into what a fresh one has.
//
// req: TP-CODEC-014
func sameAsFresh(t Reporter, c codec.Codec, got proto.Message, data []byte, err error) {
	t.Helper()
	if err != nil || c.Id() != codec.ProtobufId {
		return
	}
	fresh := got.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(data, fresh); err != nil || !proto.Equal(fresh, got) {
		t.Fatalf("protobuf: %q in a message that was used is %v, in a fresh one %v, %v", data, got, fresh, err)
	}
}

// overFloat tells whether JSON is well-formed, but a number of it no float64: the receiver's own limit.
func overFloat(err error) bool {
	var tooLarge *json.UnmarshalTypeError
	return errors.As(err, &tooLarge) && strings.HasPrefix(tooLarge.Value, "number ")
}
