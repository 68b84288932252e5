package vectorgen

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/henrylee2cn/teleport/vectors"
)

// area collects the cases of one file.
type area struct {
	file vectors.File
	next map[string]int // topic -> cases so far
	// proto is the name of the Proto of the cases, "" for fast/1.
	proto string
}

// newArea begins a file. flags explains every flag that its cases use.
func newArea(name, comment string, flags map[string]string) *area {
	if flags == nil {
		flags = map[string]string{}
	}
	return &area{
		file: vectors.File{Format: vectors.Format, Standard: vectors.Standard, Area: name, Comment: comment, Flags: flags},
		next: map[string]int{},
	}
}

// option changes a case before it is kept.
type option func(*vectors.Case)

// add gives the case its id and keeps it.
func (a *area) add(topic string, c vectors.Case, opts []option) {
	a.next[topic]++
	c.ID = fmt.Sprintf("%s-%s-%04d", a.file.Area, topic, a.next[topic])
	c.Since = vectors.Standard
	c.Proto = a.proto
	for _, o := range opts {
		o(&c)
	}
	c.Reqs = once(c.Reqs)
	a.file.Cases = append(a.file.Cases, c)
}

// once drops what has been there before.
func once(ids []string) []string {
	var out []string
	for _, id := range ids {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// reqs names the requirements that a case tests.
func reqs(ids ...string) []string { return ids }

// good is a frame that is the one right encoding of its packet: a roundtrip.
func (a *area) good(topic string, reqs []string, comment string, f frame, opts ...option) {
	w := f.wire()
	p := f.packet
	p.Size = len(w.b)
	a.add(topic, vectors.Case{Kind: vectors.KindRoundtrip, Result: vectors.Valid, Reqs: reqs, Comment: comment,
		Wire: compact(w.b), Fields: w.fields, Packet: &p, Canonical: true}, opts)
}

// reads is a frame that must be read as its packet, but is not the only encoding of it.
func (a *area) reads(topic string, reqs []string, comment string, f frame, opts ...option) {
	w := f.wire()
	p := f.packet
	p.Size = len(w.b)
	a.add(topic, vectors.Case{Kind: vectors.KindDecode, Result: vectors.Valid, Reqs: reqs, Comment: comment,
		Wire: compact(w.b), Fields: w.fields, Packet: &p}, opts)
}

// bad is a frame, or the beginning of one, that must be rejected.
func (a *area) bad(topic string, reqs []string, v verdict, comment string, w wire, opts ...option) {
	a.add(topic, vectors.Case{Kind: vectors.KindDecode, Result: vectors.Invalid, Reqs: reqs, Comment: comment,
		Stage: v.stage, Error: v.class, Offset: &v.offset, Wire: compact(w.b), Fields: w.fields,
		MaxAlloc: allowance(len(w.b))}, opts)
}

// badBody is a frame whose packet must be accepted and whose body must not decode.
func (a *area) badBody(topic string, reqs []string, v verdict, comment string, f frame, opts ...option) {
	w := f.wire()
	p := f.packet
	p.Size = len(w.b)
	a.add(topic, vectors.Case{Kind: vectors.KindDecode, Result: vectors.Invalid, Reqs: reqs, Comment: comment,
		Stage: v.stage, Error: v.class, Offset: &v.offset, Wire: compact(w.b), Fields: w.fields, Packet: &p}, opts)
}

// writes is a packet and the one right encoding of it, for encoders only.
func (a *area) writes(topic string, reqs []string, comment string, f frame, opts ...option) {
	a.good(topic, reqs, comment, f, append([]option{kind(vectors.KindEncode)}, opts...)...)
}

// refuses is a packet that an encoder must not write.
func (a *area) refuses(topic string, reqs []string, v verdict, comment string, p vectors.Packet, opts ...option) {
	a.add(topic, vectors.Case{Kind: vectors.KindEncode, Result: vectors.Invalid, Reqs: reqs, Comment: comment,
		Stage: v.stage, Error: v.class, Offset: &v.offset, Packet: &p}, opts)
}

// stream is a run of frames that ends cleanly.
func (a *area) stream(topic string, reqs []string, comment string, frames []frame, opts ...option) {
	var w wire
	var ps []vectors.Packet
	for i, f := range frames {
		one := f.wire()
		w.join(fmt.Sprintf("frame %d", i), one)
		p := f.packet
		p.Size = len(one.b)
		ps = append(ps, p)
	}
	a.add(topic, vectors.Case{Kind: vectors.KindStream, Result: vectors.Valid, Reqs: reqs, Comment: comment,
		Wire: compact(w.b), Fields: w.fields, Packets: ps}, opts)
}

// badStream is a run of good frames, then bytes that must be rejected. The verdict's offset counts from the first of these.
func (a *area) badStream(topic string, reqs []string, v verdict, comment string, frames []frame, tail wire, opts ...option) {
	var w wire
	var ps []vectors.Packet
	for i, f := range frames {
		one := f.wire()
		w.join(fmt.Sprintf("frame %d", i), one)
		p := f.packet
		p.Size = len(one.b)
		ps = append(ps, p)
	}
	w.join("fault", tail)
	a.add(topic, vectors.Case{Kind: vectors.KindStream, Result: vectors.Invalid, Reqs: reqs, Comment: comment,
		Stage: v.stage, Error: v.class, Offset: &v.offset, Wire: compact(w.b), Fields: w.fields, Packets: ps,
		MaxAlloc: allowance(len(w.b))}, opts)
}

// allowance is how much memory a decoder may take before it rejects so many bytes.
func allowance(wire int) int64 { return 65536 + 4*int64(wire) }

// verdict is how an invalid case is rejected.
type verdict struct {
	class, stage string
	offset       int64
}

// at makes a verdict.
func at(class, stage string, offset int64) verdict { return verdict{class, stage, offset} }

// The options.

// kind makes the case another kind.
func kind(k vectors.Kind) option { return func(c *vectors.Case) { c.Kind = k } }

// quirk makes the case one on which nobody is failed.
func quirk(c *vectors.Case) { c.Result, c.Canonical = vectors.Quirk, false }

// loose marks a roundtrip whose bytes an encoder need not repeat.
func loose(c *vectors.Case) { c.Canonical = false }

// flags names what the case is about.
func flags(names ...string) option {
	return func(c *vectors.Case) { c.Flags = append(c.Flags, names...) }
}

// limits sets limits that are not the default ones.
func limits(l vectors.Limits) option { return func(c *vectors.Case) { c.Limits = &l } }

// segments cuts the wire.
func segments(lens ...int) option { return func(c *vectors.Case) { c.Segments = lens } }

// expand makes many runs of the case; a truncated one has no offset of its own.
func expand(how string) option {
	return func(c *vectors.Case) {
		c.Expand = how
		if how == vectors.ExpandTruncate {
			c.Offset = nil
		}
	}
}

// piped allows a decoder, besides, 64 KiB for the state of each filter it may start and four times what the filters
// may put out before the case is rejected.
func piped(filters, output int) option {
	return func(c *vectors.Case) { c.MaxAlloc += int64(filters)*65536 + 4*int64(output) }
}

// ops says how the metadata is made.
func ops(list ...vectors.Op) option { return func(c *vectors.Case) { c.Ops = list } }

// text is a byte string of a packet.
func text(s string) vectors.Bytes { return bytesOf([]byte(s)) }

// seq is a sequence number.
func seq(n uint64) string { return strconv.FormatUint(n, 10) }

// kindDecode makes a frame one that is only read.
func kindDecode(c *vectors.Case) { c.Kind, c.Canonical = vectors.KindDecode, false }
