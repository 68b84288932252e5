package attack

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// Mutator changes inputs. It is deterministic for its source of random numbers, and for one goroutine.
type Mutator struct {
	Rand *rand.Rand
	// Dictionary are tokens to put in, besides those of the standard that the mutator knows itself.
	Dictionary [][]byte
	// Max is the most bytes of what comes out.
	Max int
}

// edges are the numbers that lengths and counts are made to lie with.
var edges = []uint32{0, 1, 2, 5, 6, 7, 15, 16, 17, 127, 128, 255, 256, 257, 1023, 1024, 1025, 4095, 65535, 65536, 65537,
	4<<20 - 1, 4 << 20, 4<<20 + 1, 1<<31 - 1, 1 << 31, 1<<32 - 1}

// tokens are of the standard: what a decoder looks for.
var tokens = [][]byte{[]byte("X-Reply-Error"), []byte("X-Real-IP"), []byte("X-Timeout"), []byte("%00"), []byte("%zz"), []byte("%"), []byte("+"),
	[]byte("&"), []byte("="), []byte("a=1&a=2"), []byte(`"seq"`), []byte(`"ptype"`), []byte(`"uri_base64"`), []byte(`"body_base64"`),
	[]byte(`{"code":404,"message":"x"}`), []byte("null"), []byte(`\u0000`), []byte(`\ud800`), []byte("1e400"), []byte("-0"), []byte("[[[[[[[["),
	[]byte("\x1f\x8b\x08\x00"), []byte("\x28\xb5\x2f\xfd"), []byte("\xff\xff\xff\xff"), []byte("\xc0\x80"), []byte("\xef\xbb\xbf"), []byte("/echo"), []byte("/a?b=c")}

// Mutate gives a changed copy of parent, now and then with parts of other. It is never longer than Max.
func (m *Mutator) Mutate(parent, other []byte) []byte {
	out := slices.Clone(parent)
	for range 1 + m.Rand.IntN(4) {
		out = m.once(out, other)
		out = out[:min(len(out), m.Max)]
	}
	if looksFramed(out) && m.Rand.IntN(3) > 0 { // else nothing behind the size is ever reached
		putSize(out)
	}
	return out
}

// once makes one change. b is the caller's to lose.
func (m *Mutator) once(b, other []byte) []byte {
	if len(b) == 0 {
		return append(b, m.fresh()...)
	}
	if looksFramed(b) && m.Rand.IntN(2) == 0 {
		return m.frame(b, other)
	}
	at := m.Rand.IntN(len(b))
	switch m.Rand.IntN(13) {
	case 0:
		b[at] ^= 1 << m.Rand.IntN(8)
	case 1:
		b[at] = byte(m.Rand.Uint32())
	case 2:
		b[at] += byte(m.Rand.IntN(17) - 8)
	case 3:
		return b[:at]
	case 4:
		return slices.Delete(b, at, min(len(b), at+m.length()))
	case 5:
		piece := slices.Clone(b[at:min(len(b), at+m.length())])
		return slices.Insert(b, m.Rand.IntN(len(b)+1), piece...)
	case 6:
		return slices.Insert(b, at, m.token()...)
	case 7:
		copy(b[at:], m.token())
	case 8:
		return slices.Insert(b, at, slices.Repeat([]byte{m.odd()}, m.length())...)
	case 9:
		return m.number(b, at)
	case 10:
		return m.splice(b, other, at)
	case 11:
		return m.segments(b)
	default:
		return m.protobuf(b, at)
	}
	return b
}

// fresh is something to begin with where there is nothing.
func (m *Mutator) fresh() []byte {
	if m.Rand.IntN(2) == 0 {
		return m.packet()
	}
	return slices.Clone(m.token())
}

// length is a number of bytes: mostly few, sometimes many.
func (m *Mutator) length() int {
	if m.Rand.IntN(8) == 0 {
		return 1 + m.Rand.IntN(1024)
	}
	return 1 + m.Rand.IntN(12)
}

// odd is a byte that decoders trip over.
func (m *Mutator) odd() byte {
	const bytes = "\x00\x01\x7f\x80\xff%&=+\"\\{[/gczax09 \n"
	return bytes[m.Rand.IntN(len(bytes))]
}

func (m *Mutator) token() []byte {
	if n := m.Rand.IntN(len(tokens) + len(m.Dictionary)); n >= len(tokens) {
		return m.Dictionary[n-len(tokens)]
	} else {
		return tokens[n]
	}
}

// number writes a number that lies over 1, 2, 4 or 8 bytes.
func (m *Mutator) number(b []byte, at int) []byte {
	v := edges[m.Rand.IntN(len(edges))]
	if m.Rand.IntN(3) == 0 {
		v = uint32(len(b) + m.Rand.IntN(9) - 4)
	}
	switch rest := b[at:]; {
	case len(rest) >= 8 && m.Rand.IntN(4) == 0:
		binary.BigEndian.PutUint64(rest, ^uint64(0)>>m.Rand.IntN(64))
	case len(rest) >= 4 && m.Rand.IntN(2) == 0:
		binary.BigEndian.PutUint32(rest, v)
	case len(rest) >= 2:
		binary.BigEndian.PutUint16(rest, uint16(v))
	default:
		rest[0] = byte(v)
	}
	return b
}

// splice takes a part of another input, or sets it behind: frames come in streams.
func (m *Mutator) splice(b, other []byte, at int) []byte {
	if len(other) == 0 {
		return b
	}
	if m.Rand.IntN(2) == 0 {
		return append(b, other...)
	}
	return append(b[:at], other[m.Rand.IntN(len(other)):]...)
}

// segments doubles, drops or swaps what stands between delimiters: pairs of metadata, members of JSON.
func (m *Mutator) segments(b []byte) []byte {
	var cuts []int
	for i, c := range b {
		if c == '&' || c == ',' || c == '{' || c == '}' || c == '=' || c == ':' {
			cuts = append(cuts, i)
		}
	}
	if len(cuts) < 2 {
		return b
	}
	i := m.Rand.IntN(len(cuts) - 1)
	from, to := cuts[i], cuts[i+1]
	piece := slices.Clone(b[from:to])
	switch m.Rand.IntN(3) {
	case 0:
		return slices.Delete(b, from, to)
	case 1:
		return slices.Insert(b, to, piece...)
	default:
		return slices.Insert(b, cuts[m.Rand.IntN(len(cuts))], piece...)
	}
}

// protobuf puts a field of a message in: one of the standard's or an unknown one, its length now and then a lie.
func (m *Mutator) protobuf(b []byte, at int) []byte {
	field := binary.AppendUvarint(nil, uint64(1+m.Rand.IntN(9))<<3|uint64(m.Rand.IntN(6)))
	field = binary.AppendUvarint(field, uint64(edges[m.Rand.IntN(len(edges))])>>m.Rand.IntN(20))
	return slices.Insert(b, at, append(field, m.token()...)...)
}
