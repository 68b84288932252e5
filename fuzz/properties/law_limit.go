package properties

import (
	"fmt"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// exact holds a packet against two environments: one whose limit it just meets, and one whose limit it just passes.
type exact struct {
	in        gen.Packet
	frame     []byte
	meets     *packet.Env
	passes    *packet.Env // nil where there is none: a limit of 0 stands for its default
	writes    bool        // the limit binds the sender, too
	isPackets bool        // it is the packet limit
}

// wrong tells how the Proto gets a limit wrong.
func (b *bench) wrong(what string, e exact) string {
	if _, _, err := b.unpack(e.meets, e.frame); err != nil {
		return fmt.Sprintf("%s of exactly the limit: Unpack: %v", what, err)
	}
	if e.writes {
		if _, err := b.pack(e.in.New(e.meets)); err != nil {
			return fmt.Sprintf("%s of exactly the limit: Pack: %v", what, err)
		}
	}
	if e.passes == nil {
		return ""
	}
	_, _, err := b.unpack(e.passes, e.frame)
	if why := refused(err, e.isPackets); why != "" {
		return fmt.Sprintf("%s one over the limit: Unpack: %s", what, why)
	}
	if e.writes {
		_, err := b.pack(e.in.New(e.passes))
		if why := refused(err, e.isPackets); why != "" {
			return fmt.Sprintf("%s one over the limit: Pack: %s", what, why)
		}
	}
	return ""
}

func limitPacket(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		n := uint32(len(frame))
		if n < packet.MinPacketLimit {
			return "" // no limit is as small
		}
		e := exact{in: in, frame: frame, writes: true, isPackets: true}
		e.meets = b.limited(func(l *packet.Limits) { l.MaxPacket = n })
		if n > packet.MinPacketLimit {
			e.passes = b.limited(func(l *packet.Limits) { l.MaxPacket = n - 1 })
		}
		return b.wrong(fmt.Sprintf("a frame of %d bytes,", n), e)
	}, gen.Packets(b.profile))
}

func limitPayload(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		if len(in.Pipe) == 0 {
			in.Pipe = gen.Pipe{b.profile.Filters[0]}
		}
		env, _, undone := b.watch()
		frame, err := b.pack(in.New(env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		if _, _, err := b.unpack(env, frame); err != nil {
			return fmt.Sprintf("Unpack failed: %v", err)
		}
		n := 0
		for _, c := range *undone {
			n = max(n, len(c.out))
		}
		if n == 0 {
			return "" // a limit of 0 cannot be set
		}
		e := exact{in: in, frame: frame}
		e.meets = b.limited(func(l *packet.Limits) { l.MaxPayload = uint32(n) })
		if n > 1 {
			e.passes = b.limited(func(l *packet.Limits) { l.MaxPayload = uint32(n - 1) })
		}
		return b.wrong(fmt.Sprintf("filters that give %d bytes at most,", n), e)
	}, gen.Packets(b.profile))
}

func limitURI(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		if len(in.Uri) < 2 {
			in.Uri += "/u"
		}
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		n := uint32(len(in.Uri))
		return b.wrong(fmt.Sprintf("a uri of %d bytes,", n), exact{in: in, frame: frame, writes: true,
			meets:  b.limited(func(l *packet.Limits) { l.MaxUri = n }),
			passes: b.limited(func(l *packet.Limits) { l.MaxUri = n - 1 })})
	}, gen.Packets(b.profile))
}

func limitMeta(b *bench) gopter.Prop {
	return all1(func(in gen.Packet) string {
		if len(in.Meta.Normal()) < 2 {
			in.Meta = gen.Meta{{Key: "a", Value: "1"}, {Key: "", Value: ""}, {Key: "b", Value: ""}}
		}
		frame, err := b.pack(in.New(b.env))
		if err != nil {
			return fmt.Sprintf("Pack failed: %v", err)
		}
		pairs := len(in.Meta.Normal())
		if wrong := b.wrong(fmt.Sprintf("%d pairs of metadata,", pairs), exact{in: in, frame: frame, writes: true,
			meets:  b.limited(func(l *packet.Limits) { l.MaxMetaPairs = pairs }),
			passes: b.limited(func(l *packet.Limits) { l.MaxMetaPairs = pairs - 1 })}); wrong != "" {
			return wrong
		}
		n := uint32(len(in.Meta.Encoded()))
		e := exact{in: in, frame: frame, writes: true}
		e.meets = b.limited(func(l *packet.Limits) { l.MaxMeta = n })
		e.passes = b.limited(func(l *packet.Limits) { l.MaxMeta = n - 1 })
		if b.claim == nil { // a Proto that writes metadata its own way may count its own bytes
			e.meets = b.limited(func(l *packet.Limits) { l.MaxMeta = 8*n + 64 })
			e.passes = nil
			if n >= 64 {
				e.passes = b.limited(func(l *packet.Limits) { l.MaxMeta = n / 32 })
			}
		}
		return b.wrong(fmt.Sprintf("metadata of %d bytes,", n), e)
	}, gen.Packets(b.profile))
}
