package attack

import (
	"encoding/binary"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// headLen is the number of bytes of a frame before its filter ids.
const headLen = 6

// looksFramed tells whether an input begins as a frame of one of the standard's Protos does.
func looksFramed(b []byte) bool {
	return len(b) >= headLen && (b[4] == oracle.Fast.ID || b[4] == oracle.JSON.ID || b[4] == oracle.PB.ID)
}

// putSize makes the first size that of all the bytes.
func putSize(b []byte) {
	if looksFramed(b) {
		binary.BigEndian.PutUint32(b, uint32(len(b)))
	}
}

// parts are the first frame of an input, as far as it is one, and what stands behind it.
type parts struct {
	proto        byte
	ids, payload []byte
	behind       []byte
}

func split(b []byte) parts {
	size := int(min(uint64(binary.BigEndian.Uint32(b)), uint64(len(b))))
	size = max(size, headLen)
	p := parts{proto: b[4], behind: slices.Clone(b[size:])}
	n := min(int(b[5]), size-headLen)
	p.ids, p.payload = slices.Clone(b[headLen:headLen+n]), slices.Clone(b[headLen+n:size])
	return p
}

// join writes the frame with a true size and count.
func (p parts) join() []byte {
	n := len(p.ids)
	return slices.Concat(oracle.RawFrame(uint32(headLen+n+len(p.payload)), p.proto, byte(n), p.ids, p.payload), p.behind)
}

// frame makes one change that knows the frame. b is the caller's to lose.
func (m *Mutator) frame(b, other []byte) []byte {
	p := split(b)
	switch m.Rand.IntN(9) {
	case 0:
		binary.BigEndian.PutUint32(b, edges[m.Rand.IntN(len(edges))]) // a size that lies
		return b
	case 1:
		b[5] = byte(edges[m.Rand.IntN(len(edges))]) // a count that lies
		return b
	case 2:
		return append(b[:4], append([]byte{m.odd()}, b[5:]...)...)
	case 3:
		if len(p.ids) < 255 {
			p = m.wrap(p)
		}
	case 4:
		p.ids = slices.Repeat([]byte{m.odd()}, m.Rand.IntN(256))
	case 5:
		if len(p.ids) > 0 { // an id too few: the filter's output is taken for a payload
			p.ids = p.ids[1:]
		}
	case 6:
		if len(p.payload) > 0 {
			p.payload = m.once(p.payload, other)
		}
	case 7:
		p.behind = append(p.behind, m.packet()...)
	default:
		if p.proto == oracle.Fast.ID && len(p.ids) == 0 {
			p.payload = m.fields(p.payload)
		} else {
			p.payload = m.segments(p.payload)
		}
	}
	return p.join()
}

// filterIDs are those of the standard.
const filterIDs = "gczax"

// wrap puts a filter of the standard around the payload: pipes in pipes. The data are true, or a little wrong.
func (m *Mutator) wrap(p parts) parts {
	id := filterIDs[m.Rand.IntN(len(filterIDs))]
	if f, ok := oracle.TestFilters(oracle.Sealer)[id]; ok {
		p.payload = f.Do(p.payload)
	} else if m.Rand.IntN(4) == 0 {
		p.payload = oracle.GzipSync(p.payload)
	} else {
		p.payload = oracle.GzipFixed(p.payload)
	}
	p.ids = slices.Insert(p.ids, 0, id)
	if m.Rand.IntN(4) == 0 && len(p.payload) > 0 {
		p.payload[m.Rand.IntN(len(p.payload))] ^= 1 << m.Rand.IntN(8)
	}
	return p
}

// fields changes one field of a payload of fast/1 and keeps the lengths true, or makes one lie.
func (m *Mutator) fields(b []byte) []byte {
	p, n, err := oracle.Decode(oracle.Frame(nil, b), oracle.Limits{MaxPacket: 1 << 20, MaxPayload: 1 << 20, MaxMetaPairs: 1 << 20})
	if err != nil || n == 0 {
		return m.generic(b)
	}
	meta := oracle.EncodeMeta(p.Meta)
	switch m.Rand.IntN(8) {
	case 0:
		p.Seq = ^uint64(0) >> m.Rand.IntN(64)
	case 1:
		p.Ptype = byte(m.Rand.Uint32())
	case 2:
		p.Uri = m.text(p.Uri)
	case 3:
		meta = m.text(meta)
	case 4: // twice, or many times: the limit of pairs
		meta = slices.Concat(slices.Repeat(append(slices.Clone(meta), '&'), 1+m.Rand.IntN(40)), meta)
	case 5:
		p.Codec = "jsp\x00\xff"[m.Rand.IntN(5)]
	case 6:
		p.Body = m.text(p.Body)
	default:
		out := oracle.Payload(p.Seq, p.Ptype, p.Uri, meta, p.Codec, p.Body)
		at := []int{9, 13 + len(p.Uri)}[m.Rand.IntN(2)]
		binary.BigEndian.PutUint32(out[at:], edges[m.Rand.IntN(len(edges))])
		return out
	}
	return oracle.Payload(p.Seq, p.Ptype, p.Uri, meta, p.Codec, p.Body)
}

// generic is one change that knows no frame.
func (m *Mutator) generic(b []byte) []byte {
	if len(b) == 0 {
		return slices.Clone(m.token())
	}
	return m.number(b, m.Rand.IntN(len(b)))
}

// text changes a byte string: empty, longer, or with tokens.
func (m *Mutator) text(b []byte) []byte {
	switch m.Rand.IntN(4) {
	case 0:
		return nil
	case 1:
		return slices.Repeat(append(slices.Clone(b), m.odd()), 1+m.Rand.IntN(64))
	default:
		return slices.Insert(slices.Clone(b), m.Rand.IntN(len(b)+1), m.token()...)
	}
}

// packet is a whole new frame.
func (m *Mutator) packet() []byte {
	pr := []oracle.Proto{oracle.Fast, oracle.JSON, oracle.PB}[m.Rand.IntN(3)]
	in := oracle.Packet{Seq: uint64(m.Rand.IntN(3)), Ptype: byte(1 + m.Rand.IntN(3)), Uri: m.text([]byte("/a")),
		Codec: "jsp\x00"[m.Rand.IntN(4)], Body: m.text(nil)}
	for range m.Rand.IntN(4) {
		in.Meta = oracle.AddMeta(in.Meta, m.token(), m.token())
	}
	wire, err := pr.Encode(in, oracle.Limits{})
	if err != nil {
		return slices.Clone(m.token())
	}
	return wire
}
