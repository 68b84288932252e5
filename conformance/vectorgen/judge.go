package vectorgen

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// Judge runs one case against an implementation and gives nil, or what is wrong. A panic is an error. measure, when
// set, runs a function and gives the bytes of memory it allocated; it makes the case's allowance count.
func Judge(c *vectors.Case, imp Implementation, measure func(func()) int64) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	imp, err = forCase(imp, c)
	if err != nil {
		return err
	}
	imp, ok := offering(imp, c.Filters)
	if !ok { // the case is not for this implementation
		return nil
	}
	if c.Kind != vectors.KindEncode {
		if err := judgeDecode(c, imp, measure); err != nil {
			return err
		}
	}
	if c.Kind == vectors.KindEncode || c.Kind == vectors.KindRoundtrip {
		return judgeEncode(c, imp)
	}
	return nil
}

func judgeDecode(c *vectors.Case, imp Implementation, measure func(func()) int64) error {
	runs, err := c.Runs()
	if err != nil {
		return err
	}
	for i, r := range runs {
		out := imp.Decode(r.Segments, c.EffectiveLimits())
		if err := judgeOutcome(c, r, out); err != nil {
			return fmt.Errorf("run %d of %d: %w", i+1, len(runs), err)
		}
		if measure == nil || c.MaxAlloc == 0 {
			continue
		}
		took := measure(func() { imp.Decode(r.Segments, c.EffectiveLimits()) })
		if took > c.MaxAlloc {
			return fmt.Errorf("run %d of %d: took %d bytes of memory, the allowance is %d", i+1, len(runs), took, c.MaxAlloc)
		}
	}
	return nil
}

// judgeOutcome compares what came of a run with what must come of it.
func judgeOutcome(c *vectors.Case, r vectors.Run, out Outcome) error {
	want := c.Packets
	if c.Kind != vectors.KindStream && c.Packet != nil {
		want = []vectors.Packet{*c.Packet}
	}
	if c.Result == vectors.Quirk { // anything goes, but not a crash; see Check for what our own must do
		return nil
	}
	bodyOnly := c.Result == vectors.Invalid && c.Stage == vectors.StageBody
	switch {
	case c.Result == vectors.Invalid && !bodyOnly:
		if err := sameFailure(c, r.Offset, out.Failure); err != nil {
			return err
		}
	case out.Failure != nil:
		return fmt.Errorf("rejected with %v", out.Failure)
	}
	if len(out.Packets) != len(want) {
		return fmt.Errorf("read %d packets, must be %d", len(out.Packets), len(want))
	}
	for i := range want {
		if err := samePacket(want[i], out.Packets[i]); err != nil {
			return fmt.Errorf("packet %d: %w", i, err)
		}
		if c.HasFlag(vectors.FlagSuccess) && out.Packets[i].Error != nil {
			return fmt.Errorf("packet %d: is read as an error, must be a success", i)
		}
		body := (*Failure)(nil)
		if i < len(out.Bodies) {
			body = out.Bodies[i]
		}
		switch {
		case bodyOnly:
			if err := sameFailure(c, r.Offset, body); err != nil {
				return fmt.Errorf("body of packet %d: %w", i, err)
			}
		case body != nil && !c.HasFlag(vectors.FlagRawBody):
			return fmt.Errorf("body of packet %d: rejected with %v", i, body)
		}
	}
	return nil
}

func sameFailure(c *vectors.Case, offset int64, got *Failure) error {
	want := &Failure{Class: c.Error, Stage: c.Stage, Offset: offset, Detail: "expected"}
	if got == nil {
		return fmt.Errorf("accepted, must be rejected with %v", want)
	}
	if got.Class != want.Class && slices.Contains(c.OtherErrors, got.Class) {
		return nil
	}
	if got.Class != want.Class || got.Stage != want.Stage || got.Offset != want.Offset {
		return fmt.Errorf("rejected with %v, must be %v", got, want)
	}
	return nil
}

// samePacket compares two packets field by field.
func samePacket(want, got vectors.Packet) error {
	if want.Seq != got.Seq || want.Ptype != got.Ptype || want.BodyCodec != got.BodyCodec || !bytes.Equal(want.Pipe, got.Pipe) {
		return fmt.Errorf("seq %s, ptype %d, codec %d, pipe %v; must be seq %s, ptype %d, codec %d, pipe %v",
			got.Seq, got.Ptype, got.BodyCodec, []byte(got.Pipe), want.Seq, want.Ptype, want.BodyCodec, []byte(want.Pipe))
	}
	if want.Size != 0 && want.Size != got.Size {
		return fmt.Errorf("size is %d, must be %d", got.Size, want.Size)
	}
	if err := sameBytes("uri", want.Uri, got.Uri); err != nil {
		return err
	}
	if len(want.Meta) != len(got.Meta) {
		return fmt.Errorf("metadata has %d pairs, must have %d", len(got.Meta), len(want.Meta))
	}
	for i, m := range want.Meta {
		if err := sameBytes(fmt.Sprintf("metadata pair %d: key", i), m.Key, got.Meta[i].Key); err != nil {
			return err
		}
		if err := sameBytes(fmt.Sprintf("metadata pair %d: value", i), m.Value, got.Meta[i].Value); err != nil {
			return err
		}
	}
	if err := sameBytes("body", want.Body, got.Body); err != nil {
		return err
	}
	switch {
	case want.Error == nil:
		return nil
	case got.Error == nil:
		return fmt.Errorf("is read as a success, must be error %d", want.Error.Code)
	case want.Error.Code != got.Error.Code:
		return fmt.Errorf("error code is %d, must be %d", got.Error.Code, want.Error.Code)
	}
	if err := sameBytes("error message", want.Error.Message, got.Error.Message); err != nil {
		return err
	}
	return sameBytes("error detail", want.Error.Detail, got.Error.Detail)
}

func sameBytes(what string, want, got vectors.Bytes) error {
	x := expander{}
	w, g := x.bytes(want), x.bytes(got)
	if x.err != nil {
		return fmt.Errorf("%s: %w", what, x.err)
	}
	if !bytes.Equal(w, g) {
		return fmt.Errorf("%s is %.200q, must be %.200q", what, g, w)
	}
	return nil
}

// judgeEncode has the packet written: canonical ones to the very bytes, others to bytes that the oracle reads as the
// packet, in gzip members that are complete.
func judgeEncode(c *vectors.Case, imp Implementation) error {
	wire, failure := imp.Encode(*c.Packet, c.Ops, c.EffectiveLimits())
	switch {
	case c.Result == vectors.Quirk:
		return nil
	case c.Result == vectors.Invalid:
		if len(wire) != 0 {
			return fmt.Errorf("encoded to %d bytes, must be refused with %s", len(wire), c.Error)
		}
		if failure == nil || failure.Class != c.Error && !slices.Contains(c.OtherErrors, failure.Class) {
			return fmt.Errorf("encoding gives %v, must be %s", failure, c.Error)
		}
		return nil
	case failure != nil:
		return fmt.Errorf("encoding fails with %v", failure)
	}
	if c.Canonical {
		want, err := c.WireBytes()
		if err != nil {
			return err
		}
		if !bytes.Equal(wire, want) {
			return fmt.Errorf("encoded to %.400x, must be %.400x", wire, want)
		}
		return nil
	}
	proto, _ := oracle.ProtoByName(c.ProtoName()) // forCase has asked
	proto = proto.With(filtersOf(c.Filters, oracle.Sealer))
	p, n, err := proto.Decode(wire, oracleLimits(c.EffectiveLimits()))
	if err != nil || n != len(wire) {
		return fmt.Errorf("encoded to %.400x, of which the oracle says: %d bytes used, error %v", wire, n, failureOf(err))
	}
	if err := finished(wire, p); err != nil {
		return err
	}
	want, got := *c.Packet, vectorOf(p)
	want.Size = 0                              // compressed bytes differ
	if want.Error != nil && got.Error != nil { // so may escapes, which the error itself shows undone
		forget(&want)
		forget(&got)
	}
	if err := samePacket(want, got); err != nil {
		return fmt.Errorf("encoded to %.400x, which says: %w", wire, err)
	}
	return nil
}

// finished demands that each gzip member that was written is complete: a receiver takes less, a sender must not.
func finished(wire []byte, p oracle.Packet) error {
	data := wire[6+len(p.Pipe):]
	for i := range p.Pipe {
		if !oracle.Finished(data) {
			return fmt.Errorf("encoded to %.400x: gzip member %d has no final block or no trailer", wire, i)
		}
		data, _ = oracle.Gunzip(data, math.MaxInt)
	}
	return nil
}

// forget empties the value of X-Reply-Error.
func forget(p *vectors.Packet) {
	p.Meta = slices.Clone(p.Meta)
	for i, m := range p.Meta {
		if len(m.Key) == 1 && m.Key[0].Text == oracle.ErrorKey {
			p.Meta[i].Value = nil
			return
		}
	}
}
