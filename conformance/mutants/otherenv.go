package mutants

import (
	"io"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// otherEnv is the clean base with a broken codec or filter: it sees another environment than its packets have.
type otherEnv struct {
	*plain
	change func(*packet.Env) *packet.Env
}

func inEnv(change func(*packet.Env) *packet.Env) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto { return otherEnv{&plain{rw: rw}, change} }
}

// withCodec makes a Proto that has a broken codec in the place of the one with its id.
func withCodec(c codec.Codec) packet.ProtoFunc {
	return inEnv(func(env *packet.Env) *packet.Env {
		codecs := codec.NewRegistry(env.CodecRegistry())
		codecs.Reg(c)
		return &packet.Env{Limits: env.Limit(), Codecs: codecs, Filters: env.FilterRegistry()}
	})
}

// withFilters makes a Proto that has broken filters in the place of those that its environment knows; broken
// gives nil for a filter that stays as it is.
func withFilters(broken func(f xfer.XferFilter) xfer.XferFilter) packet.ProtoFunc {
	return inEnv(func(env *packet.Env) *packet.Env {
		filters := xfer.NewRegistry(env.FilterRegistry())
		for id := 1; id < 256; id++ {
			f, err := env.FilterRegistry().Get(byte(id))
			if err != nil {
				continue
			}
			if b := broken(f); b != nil {
				filters.Reg(b)
			}
		}
		return &packet.Env{Limits: env.Limit(), Codecs: env.CodecRegistry(), Filters: filters}
	})
}

// in runs f with the packet in the other environment, its pipe made anew there.
func (o otherEnv) in(p *packet.Packet, f func() error) error {
	env, pipe := p.Env(), p.XferPipe()
	if pipe.Err() != nil {
		return f()
	}
	other, ids := o.change(env), pipe.Ids()
	swap := func(to *packet.Env) {
		p.SetEnv(to)
		pipe.Reset()
		_ = pipe.AppendFromRegistry(to.FilterRegistry(), ids...) // both know the same ids
	}
	swap(other)
	defer swap(env)
	return f()
}

func (o otherEnv) Pack(p *packet.Packet) error {
	return o.in(p, func() error { return o.plain.Pack(p) })
}

func (o otherEnv) AppendFrame(dst []byte, p *packet.Packet) (out []byte, err error) {
	err = o.in(p, func() error { out, err = o.plain.AppendFrame(dst, p); return err })
	return out, err
}

// Unpack leaves the packet in the other environment, in which its body is decoded later.
func (o otherEnv) Unpack(p *packet.Packet) error {
	p.SetEnv(o.change(p.Env()))
	return o.plain.Unpack(p)
}

func (o otherEnv) ParseFrame(frame []byte, p *packet.Packet) error {
	p.SetEnv(o.change(p.Env()))
	return o.plain.ParseFrame(frame, p)
}
