package mutants

import (
	"bytes"
	"errors"
	"io"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// framerFault makes Protos whose Framer is not their Proto.
func framerFault(f func(x *plain) packet.Proto) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto { return f(&plain{rw: rw}) }
}

type framerLength struct{ *plain }

func offLength(x *plain) packet.Proto { return framerLength{x} }

func (f framerLength) FrameLen(env *packet.Env, head []byte) (int, error) {
	n, err := f.plain.FrameLen(env, head)
	if n > 30 {
		n--
	}
	return n, err
}

type framerLimit struct{ *plain }

func laxFramer(x *plain) packet.Proto { return framerLimit{x} }

func (f framerLimit) ParseFrame(frame []byte, p *packet.Packet) error {
	env := p.Env()
	wide := env.Limit()
	wide.MaxMetaPairs = 1 << 20
	p.SetEnv(&packet.Env{Limits: wide, Codecs: env.CodecRegistry(), Filters: env.FilterRegistry()})
	defer p.SetEnv(env)
	return f.plain.ParseFrame(frame, p)
}

type framerRaw struct{ *plain }

func rawFramer(x *plain) packet.Proto { return framerRaw{x} }

func (f framerRaw) ParseFrame(frame []byte, p *packet.Packet) error {
	fn := p.NewBodyFunc()
	p.SetNewBody(nil)
	defer p.SetNewBody(fn)
	return f.plain.ParseFrame(frame, p)
}

type framerSizeless struct{ *plain }

func sizelessFramer(x *plain) packet.Proto { return framerSizeless{x} }

func (f framerSizeless) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	size := p.Size()
	defer func() { p.SetSize(size) }()
	return f.plain.AppendFrame(dst, p)
}

// turned is fast/1 with a bit of the type turned on the wire, both ways: consistent with itself, and not fast/1.
type turned struct{ *plain }

func turnedType(rw io.ReadWriter) packet.Proto { return turned{&plain{rw: rw}} }

const turnedBit = 0x80

func (t turned) Pack(p *packet.Packet) error {
	p.SetPtype(p.Ptype() ^ turnedBit)
	defer func() { p.SetPtype(p.Ptype() ^ turnedBit) }()
	return t.plain.Pack(p)
}

func (t turned) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	p.SetPtype(p.Ptype() ^ turnedBit)
	defer func() { p.SetPtype(p.Ptype() ^ turnedBit) }()
	return t.plain.AppendFrame(dst, p)
}

func (t turned) Unpack(p *packet.Packet) error { return t.read(p, t.plain.Unpack) }

func (t turned) ParseFrame(frame []byte, p *packet.Packet) error {
	return t.read(p, func(p *packet.Packet) error { return t.plain.ParseFrame(frame, p) })
}

func (t turned) read(p *packet.Packet, how func(*packet.Packet) error) error {
	if newBody := p.NewBodyFunc(); newBody != nil {
		p.SetNewBody(func(seq uint64, ptype byte, uri string) any {
			p.SetPtype(ptype ^ turnedBit)
			defer p.SetPtype(ptype)
			return newBody(seq, ptype^turnedBit, uri)
		})
		defer p.SetNewBody(newBody)
	}
	err := how(p)
	if c := packet.ClassOf(err); err == nil || c == packet.ClassBody || c == packet.ClassCodecUnknown {
		p.SetPtype(p.Ptype() ^ turnedBit)
	}
	return err
}

// noProto makes a Proto only for the first look that a check takes at its name.
func noProto(rw io.ReadWriter) packet.Proto {
	if _, probing := rw.(*bytes.Buffer); probing {
		return &plain{rw: rw}
	}
	panic(errors.New("no Proto today"))
}
