package conformance_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// nameless has a Version that is never twice the same.
type nameless struct{ *mutant }

var versions atomic.Int64

func (nameless) Version() (byte, string) { return 'x', "v" + strconv.FormatInt(versions.Add(1), 10) }

var renamed packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto { return nameless{newMutant(rw)} }

var firstLimits = unpacker(func(m *mutant, p *packet.Packet) error {
	if m.env == nil {
		m.env = p.Env()
	}
	env := p.Env()
	p.SetEnv(m.env)
	err := m.good.Unpack(p)
	p.SetEnv(env)
	return err
})

var readAhead = unpacker(func(m *mutant, p *packet.Packet) error {
	r := bufio.NewReader(m.rw) // a fresh one for every packet
	return fast.New(struct {
		io.Reader
		io.Writer
	}{r, m.rw}).Unpack(p)
})

var hiddenError = unpacker(func(m *mutant, p *packet.Packet) error {
	err := m.good.Unpack(p)
	if err != nil && packet.ClassOf(err) == "" {
		return io.EOF
	}
	return err
})

var retaining packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto {
	m := newMutant(rw)
	m.unpack = func(m *mutant, p *packet.Packet) error {
		m.last = p
		return m.good.Unpack(p)
	}
	return m
}

var eager = unpacker(func(m *mutant, p *packet.Packet) error {
	err := m.good.Unpack(p)
	if err == nil && len(p.RawBody()) > 0 {
		if _, unknown := p.Env().CodecRegistry().Get(p.BodyCodec()); unknown != nil {
			return unknown
		}
	}
	return err
})

var floatSeq = unpacker(func(m *mutant, p *packet.Packet) error {
	err := m.good.Unpack(p)
	p.SetSeq(p.Seq() &^ (1<<63 | 1<<62 | 1<<61))
	return err
})

// offLength is a Framer that is one byte short for frames of some size.
type offLength struct{ *mutant }

func (o offLength) FrameLen(env *packet.Env, head []byte) (int, error) {
	n, err := o.good.FrameLen(env, head)
	if n > 30 {
		n--
	}
	return n, err
}

var wrongLength packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto { return offLength{newMutant(rw)} }

// overwriter forgets what it was to append to.
type overwriter struct{ *mutant }

func (o overwriter) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	return o.good.AppendFrame(dst[:0], p)
}

var overwriting packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto { return overwriter{newMutant(rw)} }

var laxPlain = unpacker(func(m *mutant, p *packet.Packet) error {
	env := p.Env()
	wide := env.Limit()
	wide.MaxMetaPairs = 1 << 20
	p.SetEnv(&packet.Env{Limits: wide, Codecs: env.CodecRegistry(), Filters: env.FilterRegistry()})
	err := m.good.Unpack(p)
	p.SetEnv(env)
	return err
})

var touching = packer(func(m *mutant, p *packet.Packet) error {
	p.SetSeq(p.Seq() + 1)
	return m.good.Pack(p)
})

// swapped is fast/1 with type and codec changed on the wire, both ways: consistent with itself, and not
// fast/1.
type swapped struct{ good }

func (s swapped) Pack(p *packet.Packet) error {
	p.SetPtype(p.Ptype() ^ 0x80)
	defer p.SetPtype(p.Ptype() ^ 0x80)
	return s.good.Pack(p)
}

func (s swapped) AppendFrame(dst []byte, p *packet.Packet) ([]byte, error) {
	p.SetPtype(p.Ptype() ^ 0x80)
	defer p.SetPtype(p.Ptype() ^ 0x80)
	return s.good.AppendFrame(dst, p)
}

func (s swapped) Unpack(p *packet.Packet) error { return s.read(p, s.good.Unpack) }

func (s swapped) ParseFrame(frame []byte, p *packet.Packet) error {
	return s.read(p, func(p *packet.Packet) error { return s.good.ParseFrame(frame, p) })
}

func (s swapped) read(p *packet.Packet, how func(*packet.Packet) error) error {
	newBody := p.NewBodyFunc()
	if newBody != nil {
		p.SetNewBody(func(seq uint64, ptype byte, uri string) any {
			p.SetPtype(ptype ^ 0x80)
			defer p.SetPtype(ptype)
			return newBody(seq, ptype^0x80, uri)
		})
		defer p.SetNewBody(newBody)
	}
	err := how(p)
	if err == nil || packet.ClassOf(err) == packet.ClassBody || packet.ClassOf(err) == packet.ClassCodecUnknown {
		p.SetPtype(p.Ptype() ^ 0x80)
	}
	return err
}

var otherOrder packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto { return swapped{fast.New(rw).(good)} }

var noProto packet.ProtoFunc = func(rw io.ReadWriter) packet.Proto {
	if _, probing := rw.(*bytes.Buffer); probing {
		return fast.New(rw)
	}
	panic(errors.New("no Proto today"))
}
