package gen

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Profile says what packets may have. The zero Profile is any packet without a pipe, within the standard's default
// limits.
type Profile struct {
	// Filters are the ids that pipes are made of; see [Pipes]. None: no pipes. The packet's environment must have
	// them: [Filters] makes one that has those of [FilterIds].
	Filters []byte
	// NoMeta leaves metadata out.
	NoMeta bool
	// Text keeps uri and metadata to valid UTF-8 of printable characters, for Protos over a text format.
	Text bool
	// Limits are kept by uri, metadata and pairs; zero fields are the standard's defaults. Bodies keep to a
	// quarter of MaxPacket, so that any reasonable Proto has room for the rest.
	Limits packet.Limits
	// MaxBody bounds the bytes of a body further; 0 is 80,000. Bodies over 1,000 bytes are rare.
	MaxBody int
}

// Seqs generates sequence numbers: small ones, both sides of 2^31, 2^32, 2^53 and 2^63, 2^64-1, any.
func Seqs() gopter.Gen { return generator(func(d draw) uint64 { return d.seq() }, number[uint64]) }

func (d draw) seq() uint64 {
	switch d.Intn(3) {
	case 0:
		return uint64(d.Intn(300))
	case 1:
		return of[uint64](d, 0, 1, math.MaxInt32, 1<<31, math.MaxUint32, 1<<32, 1<<53, 1<<53+1, math.MaxInt64, 1<<63, math.MaxUint64-1, math.MaxUint64)
	}
	return d.Uint64() >> d.Intn(64)
}

// bodyEdges are bodies that a codec or a trimming hand may get wrong.
var bodyEdges = []string{"{}", "null", `{"a":1}`, `"x"`, "[1,2", " ", "\n x \n", "\x00", "\x00\x00a\x00", "a\x00b", "0", "\xff", "\x08\x01", "\x0a\x01a", "\x0a\x05a", "}", "\r\n"}

// Bodies generates encoded bodies of at most max bytes: empty ones, JSON, protobuf, text, any bytes, and some around
// 65,536 bytes, where max allows.
func Bodies(max int) gopter.Gen {
	return generator(func(d draw) []byte { return d.body(max) }, shrinkBody)
}

func (d draw) body(max int) []byte {
	switch d.Intn(5) {
	case 0:
		return nil
	case 1:
		return []byte(clipBytes(of(d, bodyEdges...), max))
	case 2:
		if d.one(16) {
			n := min(max, of(d, 4095, 16384, 65535, 65536, 65537, 70000))
			return bytes.Repeat([]byte("abcdefg\x00"), n/8+1)[:n]
		}
		return bytes.Repeat([]byte{byte(d.Intn(256))}, min(max, d.upTo(1000)))
	}
	return []byte(d.bytes(max))
}

func shrinkBody(b []byte) (out shrinks[[]byte]) {
	within(&out, shrinkString(string(b)), func(s string) []byte { return []byte(s) })
	return out
}

// Packets generates packets of the profile.
func Packets(f Profile) gopter.Gen { return generator(f.packet, shrinkPacket(f)) }

// Streams generates lists of one to max packets of the profile.
func Streams(f Profile, max int) gopter.Gen {
	one := shrinkPacket(f)
	return generator(func(d draw) []Packet {
		var out []Packet
		for range 1 + d.Intn(max) {
			out = append(out, f.packet(d))
		}
		return out
	}, func(l []Packet) (out shrinks[[]Packet]) {
		for _, less := range shorter(l) {
			out = append(out, func() ([]Packet, bool) { l, ok := less(); return l, ok && len(l) > 0 })
		}
		for i, p := range l {
			within(&out, one(p), func(p Packet) []Packet {
				c := slices.Clone(l)
				c[i] = p
				return c
			})
		}
		return out
	})
}

func (f Profile) packet(d draw) Packet {
	p := Packet{Seq: d.seq(), Ptype: of(d, 1, 1, 2, 2, 3, 3, 0, 4, 0x7f, 0x80, 0xff, byte(d.Intn(256)))}
	p.Uri = f.uri(d)
	p.Meta = f.meta(d)
	p.Codec = of[byte](d, 'j', 'j', 's', 's', 'p', 0, 0xff, byte(d.Intn(256)))
	p.Pipe = pipe(d, f.Filters)
	room := cmp.Or(f.MaxBody, 80_000)
	p.Body = d.body(min(room, int(cmp.Or(f.Limits.MaxPacket, packet.DefaultMaxPacket)/4)))
	return p
}
