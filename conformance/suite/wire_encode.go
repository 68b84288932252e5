package suite

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/vectors"
)

// encode packs the vector's packet and compares the bytes: whole where the encoding is canonical, else what
// they are once gzip is undone.
func (w *wireBench) encode() {
	if len(w.want) != 1 {
		w.Harnessf("a vector to be encoded needs one packet, this one has %d", len(w.want))
	}
	if a := w.asked(); a != nil {
		w.encodeAsked(a)
		return
	}
	p := w.blank()
	w.fill(p)
	st := &stream{}
	err := w.open(st).Pack(p)
	w.judgeEncoded(st.written(), int(p.Size()), err)
	if w.v.Result == vectors.Invalid && len(st.calls()) > 0 {
		w.wrong("Pack wrote %d bytes of a packet that it has to refuse", len(st.written()))
	}
}

// judgeEncoded judges what an encoder wrote, the size that it tells, and the error in place of them.
func (w *wireBench) judgeEncoded(got []byte, size int, err error) {
	switch {
	case w.quirk():
	case w.v.Result == vectors.Invalid:
		if err == nil {
			w.wrong("Pack sent what it has to refuse with class %s, as % x", w.v.Error, clip(got))
		} else if c := string(classOf(err)); c != w.v.Error && !slices.Contains(w.v.OtherErrors, c) {
			w.wrong("Pack: expected class %s, got %s", w.v.Error, describe(err))
		}
	case err != nil:
		w.wrong("Pack of a legal packet failed: %s", describe(err))
	case size != len(got):
		w.wrong("Pack wrote %d bytes and set the size to %d", len(got), size)
		w.comparePacked(got)
	default:
		w.comparePacked(got)
	}
}

// comparePacked compares what Pack wrote with the vector's wire.
func (w *wireBench) comparePacked(got []byte) {
	if w.v.Canonical || len(w.want[0].pipe) == 0 {
		if !bytes.Equal(got, w.wire) && len(w.wire) > 0 {
			w.Diff("the frame", w.wire, got, w.fields())
			w.Errorf("Pack wrote other bytes than the canonical ones: %s", report.HexDiff(w.wire, got, w.fields()))
		}
		return
	}
	want, err := undo(w.wire)
	if err != nil {
		w.Harnessf("undoing the vector's own pipe: %v", err)
	}
	payload, err := undo(got)
	switch {
	case err != nil:
		w.Errorf("what Pack wrote cannot be undone by an independent gzip: %v\nit wrote % x", err, clip(got))
	case !bytes.Equal(payload, want):
		w.Diff("the payload, its pipe undone", want, payload, nil)
		w.Errorf("what Pack wrote, its pipe undone, differs: %s", report.HexDiff(want, payload, nil))
	}
}

// fill gives p what the vector's packet says: its metadata by operations where there are some, its pipe from
// the standard's filters, the refusal of an unknown one left to Pack.
func (w *wireBench) fill(p *packet.Packet) {
	s := w.want[0]
	p.SetSeq(s.seq)
	p.SetPtype(s.ptype)
	p.SetUri(s.uri)
	p.SetBodyCodec(s.codec)
	if len(s.body) > 0 {
		p.SetBody(packet.RawBody(s.body))
	}
	if err := p.XferPipe().AppendFromRegistry(w.filters, s.pipe...); err != nil && w.v.Result == vectors.Valid {
		w.Harnessf("building the pipe: %v", err)
	}
	if len(w.v.Ops) == 0 {
		for _, kv := range s.meta {
			p.Meta().Add(kv.key, kv.value)
		}
		return
	}
	for i, op := range w.v.Ops {
		w.apply(p.Meta(), i, op)
	}
	// A pair with nothing in it may stay in memory: it is on the wire that it must not be.
	empty := func(kv pair) bool { return kv == pair{} }
	got := slices.DeleteFunc(pairs(p.Meta()), empty)
	if !w.quirk() && !slices.Equal(got, slices.DeleteFunc(slices.Clone(s.meta), empty)) {
		w.wrong("the operations leave other pairs: expected %s, got %s", shortPairs(s.meta), shortPairs(got))
	}
}

func (w *wireBench) apply(m *packet.Meta, i int, op vectors.Op) {
	key, err := op.Key.Expand()
	w.must(err, "reading an operation")
	var value []byte
	if op.Value != nil {
		value, err = op.Value.Expand()
		w.must(err, "reading an operation")
	}
	switch op.Op {
	case "set":
		m.Set(string(key), string(value))
	case "add":
		m.Add(string(key), string(value))
	case "del":
		m.Del(string(key))
	case "peek":
		if op.Value == nil && m.Has(string(key)) || op.Value != nil && (!m.Has(string(key)) || string(m.Peek(string(key))) != string(value)) {
			w.wrong("operation %d: Peek(%q) gave %q, expected %q (present: %v)", i, key, m.Peek(string(key)), value, op.Value != nil)
		}
	default:
		w.Harnessf("operation %q is not known", op.Op)
	}
}

func clip(p []byte) []byte { return p[:min(len(p), 64)] }

// undo gives the payload of a fast/1 frame whose filters are all gzip, with the standard library alone: each
// member has to be complete, with nothing behind it.
func undo(frame []byte) ([]byte, error) {
	if len(frame) < 6 || int(binary.BigEndian.Uint32(frame)) != len(frame) || 6+int(frame[5]) > len(frame) {
		return nil, fmt.Errorf("not one frame of fast/1")
	}
	end := 6 + int(frame[5])
	ids, payload := frame[6:end], frame[end:]
	for i, id := range ids {
		if id != 'g' {
			var err error
			if payload, err = undoFurther(id, payload); err != nil {
				return nil, fmt.Errorf("filter %d: %w", i, err)
			}
			continue
		}
		in := bytes.NewReader(payload)
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("filter %d: %w", i, err)
		}
		z.Multistream(false)
		if payload, err = io.ReadAll(z); err != nil {
			return nil, fmt.Errorf("filter %d: %w", i, err)
		}
		if in.Len() > 0 {
			return nil, fmt.Errorf("filter %d: %d bytes follow the member", i, in.Len())
		}
	}
	return payload, nil
}
