package suite

import (
	"fmt"
	"io"

	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/vectors"
)

// asked gives who puts the questions of the running case to a testee, nil where the Proto under test is called.
func (b *bench) asked() *asker {
	if b.tg.exec == nil {
		return nil
	}
	return b.tg.exec.asker()
}

// decodeAsked has the testee decode every run of the vector, and judges it as a Proto is judged.
func (w *wireBench) decodeAsked(a *asker) {
	runs, err := w.v.Runs()
	w.must(err, "cutting the wire")
	for _, run := range runs {
		r := a.decode(run.Segments, true, 0, w.env.Limits)
		w.faults = map[*packet.Packet]error{}
		next := 0
		w.check(run, func(p *packet.Packet) error {
			if next == len(r.Packets) {
				if r.Status == testee.StatusRejected {
					return refusal(packet.OpUnpack, r.Class, r.Stage, r.Offset, run.Offset, r.Message)
				}
				return io.EOF
			}
			q := &r.Packets[next]
			next++
			if f := q.Fault; f != nil {
				w.faults[p] = refusal(packet.OpBind, f.Class, string(packet.StageBody), f.Offset, run.Offset, "the body does not decode")
			}
			return fillFrom(p, q)
		}, "the testee")
	}
}

// bind decodes a body; that of a testee's packet the testee has decoded.
func (w *wireBench) bind(p *packet.Packet) error {
	if w.faults != nil {
		return w.faults[p]
	}
	return bindAny(p)
}

// encodeAsked has the testee encode the vector's packet, operations on its metadata included.
func (w *wireBench) encodeAsked(a *asker) {
	q, err := questionOf(w.v.Packet, w.want[0])
	w.must(err, "reading the packet")
	var ops []testee.Op
	for _, op := range w.v.Ops {
		o, err := opOf(op)
		w.must(err, "reading an operation")
		ops = append(ops, o)
	}
	if len(ops) > 0 {
		q.Meta = []testee.Pair{}
	}
	r, wire := a.encode(q, ops, w.env.Limits)
	if r.Status == testee.StatusRejected {
		w.judgeEncoded(nil, 0, refusal(packet.OpPack, r.Class, r.Stage, r.Offset, 0, r.Message))
		return
	}
	w.judgePeeks(ops, r.Peeks)
	w.judgeEncoded(wire, len(wire), nil)
}

// judgePeeks compares what the testee's peeks found.
func (w *wireBench) judgePeeks(ops []testee.Op, got []*testee.Bytes) {
	if w.quirk() {
		return
	}
	n := 0
	for i, op := range ops {
		if op.Op != "peek" {
			continue
		}
		if n == len(got) {
			w.wrong("operation %d: the testee gave no answer to this peek of %q", i, op.Key)
			return
		}
		want, g := w.v.Ops[i].Value, got[n]
		n++
		value, err := []byte(nil), error(nil)
		if want != nil {
			value, err = want.Expand()
			w.must(err, "reading an operation")
		}
		if (want == nil) != (g == nil) || g != nil && string(*g) != string(value) {
			w.wrong("operation %d: peek of %q gave %s, expected %s", i, op.Key, shown(g), shown(want))
		}
	}
}

// shown writes a value that may be missing.
func shown(v any) string {
	switch v := v.(type) {
	case *testee.Bytes:
		if v != nil {
			return fmt.Sprintf("%q", []byte(*v))
		}
	case *vectors.Bytes:
		if v != nil {
			b, _ := v.Expand()
			return fmt.Sprintf("%q", b)
		}
	}
	return "nothing"
}

// questionOf writes a vector's packet with its byte strings expanded. Its pipe goes out as it is, unknown ids too.
func questionOf(p *vectors.Packet, s sample) (testee.Packet, error) {
	q := testee.Packet{Seq: p.Seq, Ptype: p.Ptype, Uri: testee.Bytes(s.uri), Meta: []testee.Pair{}, BodyCodec: p.BodyCodec, Pipe: []int{}, Body: s.body}
	for _, kv := range s.meta {
		q.Meta = append(q.Meta, testee.Pair{Key: testee.Bytes(kv.key), Value: testee.Bytes(kv.value)})
	}
	for _, id := range s.pipe {
		q.Pipe = append(q.Pipe, int(id))
	}
	return q, nil
}

func opOf(op vectors.Op) (testee.Op, error) {
	key, err := op.Key.Expand()
	out := testee.Op{Op: op.Op, Key: key}
	if op.Value != nil && op.Op != "peek" { // what a peek has to find is not told
		value, e := op.Value.Expand()
		if err == nil {
			err = e
		}
		out.Value = (*testee.Bytes)(&value)
	}
	return out, err
}
