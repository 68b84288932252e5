package packet

import (
	"fmt"
	"strconv"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// NewBodyFunc makes the value that a body is decoded into when a packet is
// read: a pointer, or nil to skip the body. The header is already known.
type NewBodyFunc func(seq uint64, ptype byte, uri string) any

// Packet is one packet (spec chapter 4). The zero value is empty and works.
//
// A Packet belongs to one goroutine at a time. Between GetPacket and PutPacket
// it is the caller's; what its methods give out as bytes (RawBody, Meta's
// slices) lives until Reset, PutPacket or the next Unpack into it.
type Packet struct {
	seq         uint64
	ptype       byte
	bodyCodec   byte
	size        uint32
	uri         string
	meta        Meta
	body        any
	newBodyFunc NewBodyFunc
	xferPipe    xfer.XferPipe
	env         *Env

	raw    []byte // the undecoded body, nil when there is none
	rawAt  place  // where raw and its codec id are in the payload
	owned  bool   // raw lies in buf, or in memory that it was given with
	toGive bool   // in the latter, and nobody has got it yet: see Bind
	buf    []byte // memory of the packet: an undone payload, or a detached body
	uriWas string // the uri of the packet's last use, to spare an equal one
}

// NewPacket makes a packet and applies the settings.
func NewPacket(settings ...PacketSetting) *Packet {
	p := new(Packet)
	p.apply(settings)
	return p
}

func (p *Packet) apply(settings []PacketSetting) {
	for _, set := range settings {
		if set != nil {
			set(p)
		}
	}
}

// keptUri is the length up to which the uri of the last use is remembered.
const keptUri = 256

// Reset empties the packet, its NewBodyFunc and Env included, and applies the
// settings. It keeps its memory.
func (p *Packet) Reset(settings ...PacketSetting) {
	p.ResetForUnpack()
	p.newBodyFunc = nil
	p.env = nil
	p.apply(settings)
}

// ResetForUnpack is what a Proto calls first in Unpack: it empties the packet
// but keeps its NewBodyFunc and Env.
//
// req: TP-PROTO-013
func (p *Packet) ResetForUnpack() {
	if len(p.uri) <= keptUri && p.uri != "" {
		p.uriWas = p.uri
	}
	p.seq, p.ptype, p.uri, p.bodyCodec, p.size = 0, 0, "", 0, 0
	p.meta.Reset()
	p.xferPipe.Reset()
	p.body = nil
	p.dropRaw()
}

// Seq gives the sequence number.
func (p *Packet) Seq() uint64 { return p.seq }

// SetSeq sets the sequence number.
func (p *Packet) SetSeq(seq uint64) { p.seq = seq }

// Ptype gives the packet type.
func (p *Packet) Ptype() byte { return p.ptype }

// SetPtype sets the packet type; any byte travels unchanged.
//
// req: TP-FAST-004
func (p *Packet) SetPtype(ptype byte) { p.ptype = ptype }

// Uri gives the uri as it travels: path and query, unescaped.
func (p *Packet) Uri() string { return p.uri }

// SetUri sets the uri.
func (p *Packet) SetUri(uri string) { p.uri = uri }

// SetUriBytes sets the uri to a copy of b. A packet that is used again and
// again for the same uri makes the copy once.
//
// req: TP-FAST-011
func (p *Packet) SetUriBytes(b []byte) {
	if p.uriWas == string(b) { // compared without a copy
		p.uri = p.uriWas
		return
	}
	p.uri = string(b)
}

// Meta gives the metadata, never nil; it is a part of the packet.
func (p *Packet) Meta() *Meta { return &p.meta }

// BodyCodec gives the id of the body's codec; 0 means none.
func (p *Packet) BodyCodec() byte { return p.bodyCodec }

// SetBodyCodec sets the id of the body's codec.
func (p *Packet) SetBodyCodec(id byte) { p.bodyCodec = id }

// Body gives the body value: what SetBody set, or what the NewBodyFunc made.
// It does not show a raw body.
func (p *Packet) Body() any { return p.body }

// SetBody sets the body value. The packet keeps it until it is packed.
func (p *Packet) SetBody(body any) { p.body = body }

// SetNewBody sets the function that Unpack asks for the body to decode into;
// nil leaves the raw body.
func (p *Packet) SetNewBody(fn NewBodyFunc) { p.newBodyFunc = fn }

// NewBodyFunc gives the function that SetNewBody set.
func (p *Packet) NewBodyFunc() NewBodyFunc { return p.newBodyFunc }

// XferPipe gives the filter pipe, never nil; it is a part of the packet.
func (p *Packet) XferPipe() *xfer.XferPipe { return &p.xferPipe }

// AppendXferPipeFrom adds the filters of src's pipe.
func (p *Packet) AppendXferPipeFrom(src *Packet) {
	if src != nil {
		p.xferPipe.AppendFrom(&src.xferPipe)
	}
}

// Size gives the bytes of the packet on the wire; Pack and Unpack set it.
func (p *Packet) Size() uint32 { return p.size }

// SetSize is for Protos: it sets the bytes of the packet on the wire.
func (p *Packet) SetSize(size uint32) { p.size = size }

// Env gives the environment; nil stands for the process's defaults.
func (p *Packet) Env() *Env { return p.env }

// SetEnv sets the environment, which must not change any more.
func (p *Packet) SetEnv(env *Env) { p.env = env }

// String describes the packet in one line for people, without its body's
// content.
func (p *Packet) String() string {
	s := fmt.Sprintf("%s seq=%d uri=%s meta=%s codec=%d pipe=%v size=%d",
		TypeText(p.ptype), p.seq, strconv.Quote(p.uri), strconv.Quote(p.meta.String()),
		p.bodyCodec, p.xferPipe.Ids(), p.size)
	switch {
	case p.body != nil:
		s += fmt.Sprintf(" body=%T", p.body)
	case p.raw != nil:
		s += fmt.Sprintf(" body=%d bytes", len(p.raw))
	}
	return s
}
