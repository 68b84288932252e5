package fuzz

import (
	"bytes"
	"errors"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// samePacket wants what the oracle decoded.
func samePacket(t Reporter, want oracle.Packet, got *packet.Packet) {
	t.Helper()
	if want.Seq != got.Seq() || want.Ptype != got.Ptype() || string(want.Uri) != got.Uri() ||
		want.Codec != got.BodyCodec() || !bytes.Equal(want.Body, got.RawBody()) || !bytes.Equal(want.Pipe, got.XferPipe().Ids()) {
		t.Fatalf("the oracle decoded %+v, the reference %s with body %q", want, got, got.RawBody())
	}
	samePairs(t, want.Meta, got.Meta())
}

// samePairs wants the same pairs in the same order.
func samePairs(t Reporter, want []oracle.Pair, got *packet.Meta) {
	t.Helper()
	if len(want) != got.Len() {
		t.Fatalf("the oracle has %d pairs of metadata, the reference %d: %s", len(want), got.Len(), got)
	}
	i := 0
	got.VisitAll(func(k, v []byte) {
		if !bytes.Equal(k, want[i].Key) || !bytes.Equal(v, want[i].Value) {
			t.Fatalf("pair %d: the oracle has %q=%q, the reference %q=%q", i, want[i].Key, want[i].Value, k, v)
		}
		i++
	})
}

// equalPackets wants two packets that were read to be the same; how says how the second one was read.
func equalPackets(t Reporter, how string, a, b *packet.Packet) {
	t.Helper()
	if a.Seq() != b.Seq() || a.Ptype() != b.Ptype() || a.Uri() != b.Uri() || a.BodyCodec() != b.BodyCodec() || a.Size() != b.Size() ||
		!bytes.Equal(a.XferPipe().Ids(), b.XferPipe().Ids()) || !a.Meta().Equal(b.Meta()) || !bytes.Equal(a.RawBody(), b.RawBody()) {
		t.Fatalf("%s there is another packet:\n%s, body %q\n%s, body %q", how, a, a.RawBody(), b, b.RawBody())
	}
	if (a.RawBody() == nil) != (b.RawBody() == nil) || a.Body() != nil || b.Body() != nil {
		t.Fatalf("%s the raw bodies are %#v and %#v, the bodies %#v and %#v", how, a.RawBody(), b.RawBody(), a.Body(), b.Body())
	}
}

// copyPacket makes a packet to send of one that was read; the filters are those of the environment.
func copyPacket(p *packet.Packet, env *packet.Env) *packet.Packet {
	out := packet.NewPacket(packet.WithEnv(env), packet.WithSeq(p.Seq()), packet.WithPtype(p.Ptype()), packet.WithUri(p.Uri()),
		packet.WithBodyCodec(p.BodyCodec()), packet.WithXferPipe(p.XferPipe().Ids()...))
	p.Meta().VisitAll(func(k, v []byte) { out.Meta().Add(string(k), string(v)) })
	out.SetBody(packet.RawBody(bytes.Clone(p.RawBody())))
	return out
}

// readOnly gives a Proto that only unpacks something to write to.
type readOnly struct{ *bytes.Reader }

func (readOnly) Write([]byte) (int, error) { return 0, errReadOnly }

var (
	errReadOnly  = errors.New("this stream is only read")
	errWriteOnly = errors.New("this stream is only written")
)
