package suite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/reference/packet"
)

type pair struct{ key, value string }

// sample is a packet's content as plain values: what goes in and what has to come out.
type sample struct {
	seq   uint64
	ptype byte
	uri   string
	meta  []pair
	codec byte
	pipe  []byte
	body  []byte // the encoded body
}

// basic is an ordinary packet, a good neighbour in streams. n tells several apart.
func basic(n int) sample {
	return sample{
		seq: uint64(n), ptype: packet.TypePull, uri: fmt.Sprintf("/conformance/basic?n=%d", n),
		meta:  []pair{{"k", fmt.Sprint(n)}, {"trace", "abc"}},
		codec: 'j', body: fmt.Appendf(nil, `{"n":%d}`, n),
	}
}

// packet makes the packet, its body as RawBody, in the bench's environment.
func (s sample) packet(b *bench) *packet.Packet {
	p := b.blank()
	p.SetSeq(s.seq)
	p.SetPtype(s.ptype)
	p.SetUri(s.uri)
	for _, kv := range s.meta {
		p.Meta().Add(kv.key, kv.value)
	}
	p.SetBodyCodec(s.codec)
	if len(s.body) > 0 {
		p.SetBody(packet.RawBody(s.body))
	}
	if len(s.pipe) > 0 {
		b.must(p.XferPipe().AppendFromRegistry(b.filters, s.pipe...), "building a pipe")
	}
	return p
}

// read copies what a received packet holds.
func read(p *packet.Packet) sample {
	s := sample{
		seq: p.Seq(), ptype: p.Ptype(), uri: strings.Clone(p.Uri()), codec: p.BodyCodec(),
		pipe: p.XferPipe().Ids(), body: slices.Clone(p.RawBody()),
	}
	s.meta = pairs(p.Meta())
	return s
}

func pairs(m *packet.Meta) []pair {
	var out []pair
	m.VisitAll(func(k, v []byte) { out = append(out, pair{string(k), string(v)}) })
	return out
}

// diff tells where got differs from s, a field a line; empty when it does not.
func (s sample) diff(got sample) string {
	var b strings.Builder
	if s.seq != got.seq {
		fmt.Fprintf(&b, "seq: expected %d, got %d\n", s.seq, got.seq)
	}
	if s.ptype != got.ptype {
		fmt.Fprintf(&b, "ptype: expected %d, got %d\n", s.ptype, got.ptype)
	}
	if s.uri != got.uri {
		fmt.Fprintf(&b, "uri: expected %s, got %s\n", short(s.uri), short(got.uri))
	}
	if !slices.Equal(s.meta, got.meta) {
		fmt.Fprintf(&b, "metadata: expected %s, got %s\n", shortPairs(s.meta), shortPairs(got.meta))
	}
	if s.codec != got.codec {
		fmt.Fprintf(&b, "codec: expected %d, got %d\n", s.codec, got.codec)
	}
	if !bytes.Equal(s.pipe, got.pipe) {
		fmt.Fprintf(&b, "pipe: expected % x, got % x\n", s.pipe, got.pipe)
	}
	if !bytes.Equal(s.body, got.body) {
		fmt.Fprintf(&b, "body: %s", report.HexDiff(s.body, got.body, nil))
	}
	return strings.TrimRight(b.String(), "\n")
}

// short quotes a string, the middle of a long one left out.
func short(s string) string {
	if len(s) <= 80 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...%q (%d bytes)", s[:40], s[len(s)-20:], len(s))
}

func shortPairs(ps []pair) string {
	var parts []string
	for i, p := range ps {
		if i == 8 {
			parts = append(parts, fmt.Sprintf("... (%d pairs)", len(ps)))
			break
		}
		parts = append(parts, short(p.key)+"="+short(p.value))
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// brief names a packet in a finding.
func brief(p *packet.Packet) string {
	return fmt.Sprintf("seq %d, type %d, uri %s, codec %d, pipe % x", p.Seq(), p.Ptype(), short(p.Uri()), p.BodyCodec(), p.XferPipe().Ids())
}

// filler gives n bytes that are no run of one byte and not periodic in a power of two.
func filler(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7 + i/251)
	}
	return out
}
