package fuzz

import (
	"errors"

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
		sameBindFault(t, want.p, got)
		return
	}
}

// sameBindFault binds a body under a codec that nobody has, for its offset, and under its own.
func sameBindFault(t Reporter, want oracle.Packet, got *packet.Packet) {
	t.Helper()
	for _, codec := range []byte{0, oracle.CodecString} {
		want.Codec = codec
		werr := oracle.CheckBody(want)
		got.SetBodyCodec(codec)
		var perr *packet.Error
		if err := got.Bind(new(any)); errors.As(err, &perr) != (werr != nil) ||
			werr != nil && (string(perr.Class) != werr.Class || perr.Offset != werr.Offset) {
			t.Fatalf("binding under codec %d: the oracle says %v, the reference %v", codec, werr, err)
		}
	}
}

func jsonSeeds() [][]byte {
	return distinct(texts("", "{}", ` {"x":[[],{"y":1.5e-3}],"uri":"\u00e9\ud83d\ude00"} `, `{"ptype":300`,
		`{"ur\u0069":"a","uri_base64":"YQ=="}`, "{\"body\":\"\xff\"}", `{"body":"\ud800"}`, `{"meta":7}`, `{"seq":"01"}`,
		`{"body_base64":"AP\/\n="}`), vectorPayloads("json"))
}

func pbSeeds() [][]byte {
	return distinct(texts("", "\x08\x07", "\x08\x80\x00\x10\x80\x02", "\x1a\x05/echo", "\x32\x01a\x32\x01b", "\x23", "\x39aaaaaaaa"),
		vectorPayloads("pb"))
}
