package fuzz

import (
	"encoding/binary"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// script reads an input as instructions. It never fails: behind the end there are zeros. So every input means
// something, and a changed byte changes one thing.
type script struct {
	b  []byte
	at int
}

func (s *script) more() bool { return s.at < len(s.b) }

// rest gives what was not read yet.
func (s *script) rest() []byte {
	out := s.b[min(s.at, len(s.b)):]
	s.at = len(s.b)
	return out
}

func (s *script) byte() byte {
	if s.at >= len(s.b) {
		return 0
	}
	s.at++
	return s.b[s.at-1]
}

// upTo gives a number from 0 to n-1.
func (s *script) upTo(n int) int { return int(s.byte()) % n }

func (s *script) uint64() uint64 {
	var v [8]byte
	n := s.upTo(9)
	for i := range n {
		v[8-n+i] = s.byte()
	}
	return binary.BigEndian.Uint64(v[:])
}

// bytes gives a byte string of less than most bytes; its length is read first. The bytes are a part of the input.
func (s *script) bytes(most int) []byte {
	n := int(s.byte())
	if most > 256 {
		n |= int(s.byte()) << 8
	}
	n = min(n%most, len(s.b)-min(s.at, len(s.b)))
	out := s.b[s.at : s.at+n : s.at+n]
	s.at += n
	return out
}

// The most that a script builds, above what the small limits allow.
const (
	scriptUri   = 300
	scriptPairs = 20
	scriptBody  = 9 << 10
)

// packet builds a packet to be sent; ids are the filters that it can name. The body is bytes, as they are.
//
// The script of a packet: seq, ptype, uri, the pairs' number and each pair, the codec, the filters' number and each
// filter's place in ids, the body.
func (s *script) packet(env *packet.Env, ids string) *packet.Packet {
	p := packet.NewPacket(packet.WithEnv(env))
	p.SetSeq(s.uint64())
	p.SetPtype(s.byte())
	p.SetUri(string(s.bytes(scriptUri)))
	for range s.upTo(scriptPairs) {
		p.Meta().Add(string(s.bytes(40)), string(s.bytes(40)))
	}
	p.SetBodyCodec(s.byte())
	pipe := make([]byte, 0, 4)
	for range s.upTo(5) {
		if len(ids) > 0 {
			pipe = append(pipe, ids[s.upTo(len(ids))])
		}
	}
	packet.WithXferPipe(pipe...)(p)
	p.SetBody(packet.RawBody(s.bytes(scriptBody)))
	return p
}

// writeScript is the other way: the script of a packet whose numbers are in the script's range.
func writeScript(seq uint64, ptype byte, uri []byte, meta [][2][]byte, codec byte, filters []byte, body []byte) []byte {
	out := append([]byte{8}, binary.BigEndian.AppendUint64(nil, seq)...)
	out = append(out, ptype)
	out = appendText(out, uri, scriptUri)
	meta = meta[:min(len(meta), scriptPairs-1)]
	out = append(out, byte(len(meta)))
	for _, pair := range meta {
		out = appendText(appendText(out, pair[0], 40), pair[1], 40)
	}
	out = append(out, codec)
	filters = filters[:min(len(filters), 4)]
	out = append(append(out, byte(len(filters))), filters...)
	return appendText(out, body, scriptBody)
}

// appendText appends a byte string as script.bytes reads it.
func appendText(dst, b []byte, most int) []byte {
	b = b[:min(len(b), most-1)]
	if most <= 256 {
		return append(append(dst, byte(len(b))), b...)
	}
	return append(append(dst, byte(len(b)), byte(len(b)>>8)), b...)
}
