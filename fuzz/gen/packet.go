package gen

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Packet is the content of a packet as plain values (spec chapter 4). The body is encoded already.
type Packet struct {
	Seq   uint64
	Ptype byte
	Uri   string
	Meta  Meta
	Codec byte
	Pipe  Pipe
	Body  []byte
}

// New makes a packet of the reference with this content in an environment; nil is the process's. The body is a
// packet.RawBody that aliases p's, and nil where it is empty. A filter that the environment does not have is
// an error when the packet is packed.
func (p Packet) New(env *packet.Env) *packet.Packet {
	out := packet.NewPacket()
	out.SetEnv(env)
	p.Fill(out)
	return out
}

// Fill sets the content of an empty packet, in the packet's environment, as New does.
func (p Packet) Fill(out *packet.Packet) {
	out.SetSeq(p.Seq)
	out.SetPtype(p.Ptype)
	out.SetUri(p.Uri)
	p.Meta.AddTo(out.Meta())
	out.SetBodyCodec(p.Codec)
	if len(p.Body) > 0 {
		out.SetBody(packet.RawBody(p.Body))
	}
	_ = out.XferPipe().AppendFromRegistry(out.Env().FilterRegistry(), p.Pipe...) // the pipe remembers a failure
}

// Read copies what a packet of the reference holds. Its body is the raw body, so the packet must not be
// bound by a NewBodyFunc.
func Read(p *packet.Packet) Packet {
	return Packet{Seq: p.Seq(), Ptype: p.Ptype(), Uri: strings.Clone(p.Uri()), Meta: ReadMeta(p.Meta()), Codec: p.BodyCodec(),
		Pipe: p.XferPipe().Ids(), Body: slices.Clone(p.RawBody())}
}

// Oracle gives the packet as the oracle has it.
func (p Packet) Oracle() oracle.Packet {
	return oracle.Packet{Seq: p.Seq, Ptype: p.Ptype, Uri: []byte(p.Uri), Meta: p.Meta.Oracle(), Codec: p.Codec, Body: p.Body, Pipe: p.Pipe}
}

// FromOracle copies a packet of the oracle.
func FromOracle(p oracle.Packet) Packet {
	return Packet{Seq: p.Seq, Ptype: p.Ptype, Uri: string(p.Uri), Meta: OracleMeta(p.Meta), Codec: p.Codec, Pipe: slices.Clone(p.Pipe),
		Body: slices.Clone(p.Body)}
}

// Normal gives the packet as a receiver has it: without empty pairs of metadata.
func (p Packet) Normal() Packet {
	p.Meta = p.Meta.Normal()
	return p
}

// Diff tells where got differs from p, a field a line, and "" where it does not. Empty and nil are the same.
func (p Packet) Diff(got Packet) string {
	var b strings.Builder
	field := func(name string, same bool, want, got any) {
		if !same {
			fmt.Fprintf(&b, "%s: expected %v, got %v\n", name, want, got)
		}
	}
	field("seq", p.Seq == got.Seq, p.Seq, got.Seq)
	field("ptype", p.Ptype == got.Ptype, p.Ptype, got.Ptype)
	field("uri", p.Uri == got.Uri, quote(p.Uri), quote(got.Uri))
	field("metadata", slices.Equal(p.Meta, got.Meta), p.Meta, got.Meta)
	field("codec", p.Codec == got.Codec, p.Codec, got.Codec)
	field("pipe", bytes.Equal(p.Pipe, got.Pipe), p.Pipe, got.Pipe)
	field("body", bytes.Equal(p.Body, got.Body), quote(p.Body), quote(got.Body))
	return strings.TrimSuffix(b.String(), "\n")
}

// String shows the packet for people, fields that are empty left out.
func (p Packet) String() string {
	s := fmt.Sprintf("{seq %d, ptype %d, uri %s", p.Seq, p.Ptype, quote(p.Uri))
	if len(p.Meta) > 0 {
		s += ", metadata " + p.Meta.String()
	}
	s += fmt.Sprintf(", codec %d", p.Codec)
	if len(p.Pipe) > 0 {
		s += ", pipe " + p.Pipe.String()
	}
	if len(p.Body) > 0 {
		s += ", body " + quote(p.Body)
	}
	return s + "}"
}

// shrinkPacket empties one field after another, then shrinks what cannot be empty.
func shrinkPacket(f Profile) func(Packet) shrinks[Packet] {
	pipes := shrinkPipe(f.Filters)
	return func(p Packet) (out shrinks[Packet]) {
		out.add(len(p.Body) > 0, func() Packet { p := p; p.Body = nil; return p })
		out.add(len(p.Meta) > 0, func() Packet { p := p; p.Meta = nil; return p })
		out.add(len(p.Pipe) > 0, func() Packet { p := p; p.Pipe = nil; return p })
		within(&out, number(p.Seq), func(n uint64) Packet { p := p; p.Seq = n; return p })
		within(&out, number(p.Ptype), func(n byte) Packet { p := p; p.Ptype = n; return p })
		within(&out, number(p.Codec), func(n byte) Packet { p := p; p.Codec = n; return p })
		within(&out, pipes(p.Pipe), func(l Pipe) Packet { p := p; p.Pipe = l; return p })
		within(&out, shrinkString(p.Uri), func(s string) Packet { p := p; p.Uri = s; return p })
		within(&out, shrinkMeta(p.Meta), func(m Meta) Packet { p := p; p.Meta = m; return p })
		within(&out, shrinkBody(p.Body), func(b []byte) Packet { p := p; p.Body = b; return p })
		return out
	}
}
