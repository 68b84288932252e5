package fuzz

import (
	"bytes"
	"errors"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
	"github.com/henrylee2cn/teleport/vectors"
)

// FuzzDecodeJSON holds payloads of json/1 against the oracle.
func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{"", "{}", ` {"x":[[],{"y":1.5e-3}],"uri":"\u00e9\ud83d\ude00"} `, `{"ptype":300`, `{"ur\u0069":"a","uri_base64":"YQ=="}`,
		"{\"body\":\"\xff\"}", `{"body":"\ud800"}`, `{"meta":7}`, `{"seq":"01"}`, `{"body_base64":"AP\/\n="}`} {
		f.Add([]byte(s))
	}
	addPayloads(f, "json")
	f.Fuzz(func(t *testing.T, payload []byte) { sameHead(t, json.New(nil).(packet.Framer), oracle.JSON, payload) })
}

// FuzzDecodePB holds payloads of pb/1 against the oracle.
func FuzzDecodePB(f *testing.F) {
	for _, s := range []string{"", "\x08\x07", "\x08\x80\x00\x10\x80\x02", "\x1a\x05/echo", "\x32\x01a\x32\x01b", "\x23", "\x39aaaaaaaa"} {
		f.Add([]byte(s))
	}
	addPayloads(f, "pb")
	f.Fuzz(func(t *testing.T, payload []byte) { sameHead(t, pb.New(nil).(packet.Framer), oracle.PB, payload) })
}

// addPayloads seeds a target with what stands behind the frame's head in the golden vectors of a Proto.
func addPayloads(f *testing.F, proto string) {
	cases, err := vectors.All()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		wire, err := c.WireBytes()
		if err != nil {
			f.Fatal(err)
		}
		if c.ProtoName() == proto && len(wire) > 6 && len(wire) <= maxInput {
			f.Add(wire[6:])
		}
	}
}

// sameHead decodes a payload both ways, and encodes what came of it both ways.
func sameHead(t *testing.T, framer packet.Framer, o oracle.Proto, payload []byte) {
	t.Helper()
	if len(payload) > maxInput {
		return
	}
	frame := oracle.RawFrame(uint32(6+len(payload)), o.ID, 0, nil, payload)
	want, n, werr := o.Decode(frame, oracleLimits())
	got := packet.NewPacket()
	got.SetEnv(&packet.Env{Limits: limits})
	size, err := framer.FrameLen(got.Env(), frame)
	if err == nil {
		err = framer.ParseFrame(frame, got)
	}
	if werr != nil {
		var perr *packet.Error
		if !errors.As(err, &perr) || string(perr.Class) != werr.Class || string(perr.Stage) != werr.Stage || perr.Offset != werr.Offset {
			t.Fatalf("the oracle says %v, the reference %v\n%q", werr, err, payload)
		}
		return
	}
	if err != nil || size != n || int(got.Size()) != n {
		t.Fatalf("the oracle takes %d bytes, the reference says %v, %d and %d\n%q", n, err, size, got.Size(), payload)
	}
	samePacket(t, want, got)
	sameBindFault(t, want, got)
	wide := &packet.Env{Limits: packet.Limits{MaxPacket: 1 << 20}}
	got.SetEnv(wide)
	wire, err := framer.AppendFrame(nil, got)
	again, werr := o.Encode(want, oracle.Limits{MaxPacket: 1 << 20})
	if err != nil || werr != nil || !bytes.Equal(wire, again) {
		t.Fatalf("the oracle encodes %q (%v), the reference %q (%v)", again, werr, wire, err)
	}
}

// sameBindFault binds a body under a codec that nobody has, for its offset.
func sameBindFault(t *testing.T, want oracle.Packet, got *packet.Packet) {
	t.Helper()
	codec := want.Codec
	want.Codec = 0
	werr := oracle.CheckBody(want)
	got.SetBodyCodec(0)
	var perr *packet.Error
	if err := got.Bind(new(any)); errors.As(err, &perr) != (werr != nil) || werr != nil && perr.Offset != werr.Offset {
		t.Fatalf("binding: the oracle says %v, the reference %v", werr, err)
	}
	got.SetBodyCodec(codec)
}
