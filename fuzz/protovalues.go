package fuzz

import (
	"bytes"
	"errors"
	"io"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// values sends a value under each codec and reads it into one, twice with one Proto: a body that does not decode, or
// that has no codec, costs that packet alone.
//
// req: TP-CODEC-009, TP-CODEC-010, TP-PROTO-025
func (x *protoFuzz) values(t Reporter, s *script) {
	out, in := x.envs(t, wide)
	base := s.packet(out, x.ids)
	for _, id := range codecIds {
		c, err := codec.Get(byte(id))
		if err != nil {
			t.Fatalf("%v", err)
		}
		value := any("text <&> 7")
		if byte(id) == codec.ProtobufId {
			value = wrapperspb.String("a message")
		}
		want, err := c.Marshal(value)
		if err != nil {
			t.Fatalf("%v", err)
		}
		p := copyPacket(normalPacket(base), out)
		p.SetBodyCodec(byte(id))
		p.SetBody(value)
		wire, ok := x.pack(t, p)
		if !ok {
			t.Fatalf("a small value under %q is refused", id)
		}
		raw, err := x.unpack(in, wire)
		if err != nil || !bytes.Equal(raw.RawBody(), want) {
			t.Fatalf("the body under %q is %q, %v; want %q", id, raw.RawBody(), err, want)
		}
		x.bodyFaults(t, in, p, wire)
	}
	empty := copyPacket(normalPacket(base), out)
	empty.SetBody(nil)
	if wire, ok := x.pack(t, empty); ok {
		if p, err := x.unpack(in, wire); err != nil || p.RawBody() != nil {
			t.Fatalf("a nil body is read as %q, %v; want none", p.RawBody(), err)
		}
	}
	x.refusedBodies(t, base, out)
}

// bodyFaults reads the packet of wire into what it does not fit, and then once more into what takes it.
func (x *protoFuzz) bodyFaults(t Reporter, in *packet.Env, sent *packet.Packet, wire []byte) {
	t.Helper()
	calls := 0
	var text []byte
	targets := []any{new(chan int), &text}
	reader := x.make(&segments{b: append(bytes.Clone(wire), wire...)})
	p := packet.NewPacket(packet.WithNewBody(func(uint64, byte, string) any { calls++; return targets[calls-1] }))
	p.SetEnv(in)
	if err := reader.Unpack(p); packet.ClassOf(err) != packet.ClassBody {
		t.Fatalf("a body under codec %d is decoded into a channel: %v, want class body", sent.BodyCodec(), err)
	}
	if err := reader.Unpack(p); err != nil || calls != 2 || len(text) == 0 {
		t.Fatalf("behind a body that does not decode: %v, body %q; the NewBodyFunc was called %d times for 2 packets", err, text, calls)
	}
	if err := reader.Unpack(p); err != io.EOF {
		t.Fatalf("behind the last packet: %v, want io.EOF itself", err)
	}
}

// refusedBodies packs what has no encoding: nothing may be written.
//
// req: TP-FAST-018, TP-FAST-020
func (x *protoFuzz) refusedBodies(t Reporter, base *packet.Packet, out *packet.Env) {
	t.Helper()
	for _, bad := range []struct {
		codec byte
		body  any
		pipe  xfer.XferFilter
		id    byte
		class packet.Class
	}{
		{codec: 'j', body: make(chan int), class: packet.ClassBody},
		{codec: 's', body: 7, class: packet.ClassBody},
		{codec: 0, body: "text", class: packet.ClassCodecUnknown},
		{codec: 0xEE, body: "text", class: packet.ClassCodecUnknown},
		{codec: 's', body: "text", id: 0xEE, class: packet.ClassFilterUnknown},
		{codec: 's', body: "text", pipe: failing{}, class: packet.ClassFilterData},
	} {
		if x.ids == "" && (bad.pipe != nil || bad.id != 0) {
			continue
		}
		p := copyPacket(normalPacket(base), out)
		p.SetBodyCodec(bad.codec)
		p.SetBody(bad.body)
		if bad.id != 0 {
			packet.WithXferPipe(bad.id)(p)
		}
		if bad.pipe != nil {
			if err := p.XferPipe().AppendFilter(bad.pipe); err != nil {
				t.Fatalf("%v", err)
			}
		}
		var w writes
		err := x.make(&w).Pack(p)
		if packet.ClassOf(err) != bad.class || len(w.all) > 0 || bad.pipe != nil && !errors.Is(err, errFailing) {
			t.Fatalf("packing a %T under codec %d: %v and %d writes, want class %s and none", bad.body, bad.codec, err, len(w.all), bad.class)
		}
	}
}

// failing is a filter that cannot do its work.
type failing struct{}

var errFailing = errors.New("this filter always fails")

// Id implements xfer.XferFilter.
func (failing) Id() byte { return 0xEF }

// OnPack implements xfer.XferFilter.
func (failing) OnPack([]byte) ([]byte, error) { return nil, errFailing }

// OnUnpack implements xfer.XferFilter.
func (failing) OnUnpack([]byte) ([]byte, error) { return nil, errFailing }

// sameName wants one name, and not an empty one.
func (x *protoFuzz) sameName(t Reporter) {
	t.Helper()
	p := x.make(&segments{})
	id, name := p.Version()
	if again, other := p.Version(); name == "" || id != again || name != other {
		t.Fatalf("the Proto says that it is %d %q, then %d %q", id, name, again, other)
	}
}
