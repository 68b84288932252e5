package gen

import (
	"math"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// LimitSets generates limits that packet.Limits.Validate takes: defaults (zero fields), the smallest ones, small
// ones that ordinary packets meet, and the largest. They shrink to defaults.
func LimitSets() gopter.Gen {
	return generator(func(d draw) packet.Limits {
		size := func(least uint32) uint32 {
			switch d.Intn(4) {
			case 0:
				return 0
			case 1:
				return of(d, least, least+1, math.MaxUint32, packet.DefaultMaxPacket, packet.DefaultMaxPacket+1)
			}
			return least + uint32(d.upTo(of(d, 40, 400, 4000)))
		}
		l := packet.Limits{MaxPacket: size(packet.MinPacketLimit), MaxPayload: size(18), MaxUri: size(1), MaxMeta: size(1)}
		if !d.one(3) {
			l.MaxMetaPairs = 1 + d.upTo(20)
		}
		return l
	}, func(l packet.Limits) (out shrinks[packet.Limits]) {
		for _, clear := range []func(*packet.Limits){
			func(l *packet.Limits) { l.MaxPacket = 0 },
			func(l *packet.Limits) { l.MaxPayload = 0 },
			func(l *packet.Limits) { l.MaxUri = 0 },
			func(l *packet.Limits) { l.MaxMeta = 0 },
			func(l *packet.Limits) { l.MaxMetaPairs = 0 },
		} {
			c := l
			clear(&c)
			out.add(c != l, func() packet.Limits { return c })
		}
		return out
	})
}
