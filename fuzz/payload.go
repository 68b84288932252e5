package fuzz

import (
	"bytes"
	"errors"
	"strings"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// runDecodeJSON and runDecodePB take a payload and put the frame around it: a fuzzer that had to keep the size field
// right would not come far.
func runDecodeJSON(t Reporter, payload []byte) { samePayload(t, dialects()[1], payload) }
func runDecodePB(t Reporter, payload []byte)   { samePayload(t, dialects()[2], payload) }

func samePayload(t Reporter, d dialect, payload []byte) {
	t.Helper()
	frame := oracle.RawFrame(uint32(6+len(payload)), d.oracle.ID, 0, nil, payload)
	sameFrame(t, d, frame)
	for _, l := range []packet.Limits{small, wide} {
		want := ask(d, frame, l)
		if want.err != nil {
			continue
		}
		got := packet.NewPacket(packet.WithEnv(&packet.Env{Limits: l}))
		if err := d.make(nil).(packet.Framer).ParseFrame(frame, got); err != nil {
			t.Fatalf("the oracle takes it, the reference says %v\n%q", err, payload)
		}
		sameBindKinds(t, want.p, got)
		sameBindFault(t, want.p, got)
		return
	}
}

// sameBindKinds binds a body into the kinds of values that no codec is asked for, and into what no value can be put.
//
// req: TP-CODEC-006, TP-CODEC-009
func sameBindKinds(t Reporter, want oracle.Packet, got *packet.Packet) {
	t.Helper()
	var raw packet.RawBody
	var text []byte
	if err := errors.Join(got.Bind(&raw), got.Bind(&text)); err != nil || !bytes.Equal(raw, want.Body) || !bytes.Equal(text, want.Body) {
		t.Fatalf("bound as they are, the bytes %q are %q and %q, %v", want.Body, raw, text, err)
	}
	got.SetBody(&text)
	err := got.UnmarshalBody(got.RawBody())
	got.SetBody(nil)
	if missing := got.UnmarshalBody(got.RawBody()); err != nil || !bytes.Equal(text, want.Body) || (missing == nil) != (len(want.Body) == 0) {
		t.Fatalf("into the packet's own value the body %q is %q, %v; without one %v", want.Body, text, err, missing)
	}
	if err := got.Bind(text); (err == nil) != (len(want.Body) == 0) {
		t.Fatalf("binding %q into no pointer: %v", want.Body, err)
	}
}

// sameBindFault binds a body under a codec that nobody has, for its offset, and under those of the standard.
func sameBindFault(t Reporter, want oracle.Packet, got *packet.Packet) {
	t.Helper()
	for codec, v := range map[byte]any{0: new(any), oracle.CodecString: new(any), oracle.CodecJSON: new(any), oracle.CodecProtobuf: new(emptypb.Empty)} {
		want.Codec = codec
		werr := oracle.CheckBody(want)
		got.SetBodyCodec(codec)
		var perr *packet.Error
		err := got.Bind(v)
		if overFloat(err) {
			continue
		}
		if errors.As(err, &perr) != (werr != nil) ||
			werr != nil && (string(perr.Class) != werr.Class || perr.Offset != werr.Offset) {
			t.Fatalf("binding under codec %d: the oracle says %v, the reference %v", codec, werr, err)
		}
	}
}

func jsonSeeds() [][]byte {
	return distinct(texts("", "{}", ` {"x":[[],{"y":1.5e-3}],"uri":"\u00e9\ud83d\ude00"} `, `{"ptype":300`,
		`{"ur\u0069":"a","uri_base64":"YQ=="}`, "{\"body\":\"\xff\"}", `{"body":"\ud800"}`, `{"meta":7}`, `{"seq":"01"}`,
		`{"body_base64":"AP\/\n="}`,
		`{"\u0073\u0065\u0071":7}`, `{"\u0070\u0070\u0070\u0070\u0070\u0070\u0070\u0070\u0070\u0070\u0070\u0070":8}`, `{"x":{1:2}}`, `{"x":{"a" 2}}`,
		`{"x":1e+}`, `{"x":1.}`, `{"uri":"\u00g0"}`, `{"uri":"\ud83d\u00g0"}`), vectorPayloads("json"))
}

func pbSeeds() [][]byte {
	return distinct(texts("", "\x08\x07", "\x08\x80\x00\x10\x80\x02", "\x1a\x05/echo", "\x32\x01a\x32\x01b", "\x23", "\x39aaaaaaaa", "\x1a\x81\x02"+strings.Repeat("u", 257)),
		vectorPayloads("pb"))
}
