package attack

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/testee"
)

func wrong(cause, format string, args ...any) *Fault {
	return &Fault{Kind: KindWrong, Cause: cause, Detail: fmt.Sprintf(format, args...)}
}

// decoded judges the answer to a decode.
func decoded(want []oracle.Packet, werr *oracle.Error, r testee.Result) *Fault {
	for i, p := range want {
		if i >= len(r.Packets) {
			if r.Status == testee.StatusRejected {
				return wrong("rejects "+r.Class+" what is valid", "packet %d of %d is valid, the testee rejects it: %s, stage %s %s", i+1, len(want), r.Class, r.Stage, r.Message)
			}
			return wrong("packets missing", "there are %d packets, the testee read %d", len(want), len(r.Packets))
		}
		if what, got, should := differs(p, r.Packets[i]); what != "" {
			return wrong("packet: "+what, "packet %d of %d: %s is %s, must be %s", i+1, len(want), what, got, should)
		}
	}
	if len(r.Packets) > len(want) {
		return wrong("packets too many", "there are %d packets%s, the testee read %d", len(want), then(werr), len(r.Packets))
	}
	switch {
	case werr == nil && r.Status == testee.StatusOK:
		return nil
	case werr == nil:
		return wrong("rejects "+r.Class+" a clean end", "the stream ends cleanly behind %d packets, the testee rejects: %s, stage %s %s", len(want), r.Class, r.Stage, r.Message)
	case r.Status == testee.StatusOK:
		return wrong("accepts "+werr.Class+" "+werr.Stage, "must be rejected with %v; the testee accepts it", werr)
	case r.Class != werr.Class || r.Stage != werr.Stage:
		return wrong("says "+r.Class+" "+r.Stage+" for "+werr.Class+" "+werr.Stage, "must be rejected with %v; the testee says %s, stage %s", werr, r.Class, r.Stage)
	case r.Offset != nil && *r.Offset != werr.Offset:
		return wrong("offset of "+werr.Class+" "+werr.Stage, "must be rejected with %v; the testee says byte %d", werr, *r.Offset)
	}
	return nil
}

func then(err *oracle.Error) string {
	if err == nil {
		return ""
	}
	return " and then " + err.Error()
}

// differs names the first field that is another, what it is and what it must be; "" where none is.
func differs(want oracle.Packet, got testee.Packet) (field, is, must string) {
	q := func(v any) string { return fmt.Sprintf("%.200q", v) }
	n := func(v int) string { return strconv.Itoa(v) }
	pipe := make([]byte, len(got.Pipe))
	for i, id := range got.Pipe {
		pipe[i] = byte(id)
	}
	switch seq := strconv.FormatUint(want.Seq, 10); {
	case got.Seq != seq:
		return "seq", got.Seq, seq
	case got.Ptype != int(want.Ptype):
		return "ptype", n(got.Ptype), n(int(want.Ptype))
	case !bytes.Equal(got.Uri, want.Uri):
		return "uri", q([]byte(got.Uri)), q(want.Uri)
	case got.BodyCodec != int(want.Codec):
		return "codec", n(got.BodyCodec), n(int(want.Codec))
	case !bytes.Equal(got.Body, want.Body):
		return "body", q([]byte(got.Body)), q(want.Body)
	case !bytes.Equal(pipe, want.Pipe):
		return "pipe", q(pipe), q(want.Pipe)
	case got.Size != want.Size:
		return "size", n(got.Size), n(want.Size)
	case len(got.Meta) != len(want.Meta):
		return "number of metadata pairs", n(len(got.Meta)), n(len(want.Meta))
	}
	for i, m := range want.Meta {
		if g := got.Meta[i]; !bytes.Equal(g.Key, m.Key) || !bytes.Equal(g.Value, m.Value) {
			return "metadata", q([]byte(g.Key)) + "=" + q([]byte(g.Value)), q(m.Key) + "=" + q(m.Value)
		}
	}
	return bodyDiffers(oracle.CheckBody(want), got.Fault)
}

// bodyDiffers compares why a body does not decode.
func bodyDiffers(want *oracle.Error, got *testee.BodyFault) (field, is, must string) {
	is, must = "none", "none"
	if want != nil {
		must = fmt.Sprintf("%s at %d", want.Class, want.Offset)
	}
	if got != nil {
		is = got.Class
		if got.Offset == nil && want != nil && is == want.Class {
			return "", "", ""
		}
		if got.Offset != nil {
			is += fmt.Sprintf(" at %d", *got.Offset)
		}
	}
	if is == must {
		return "", "", ""
	}
	return "fault of the body", is, must
}

// encode has the testee write the packet that it has just read, and has the oracle read that.
func (x *Exec) encode(ctx context.Context, p oracle.Packet, l testee.Limits) (*Fault, error) {
	_, werr := x.proto.Encode(p, oracleLimits(l))
	q := testee.Packet{Seq: strconv.FormatUint(p.Seq, 10), Ptype: int(p.Ptype), Uri: p.Uri, Meta: []testee.Pair{},
		BodyCodec: int(p.Codec), Pipe: []int{}, Body: p.Body}
	for _, m := range p.Meta {
		q.Meta = append(q.Meta, testee.Pair{Key: m.Key, Value: m.Value})
	}
	r, fault, err := x.put(ctx, testee.Request{Op: testee.OpEncode, Packet: &q, Limits: l})
	switch {
	case fault != nil || err != nil:
		return fault, err
	case r.Status == testee.StatusUnimplemented:
		return nil, nil
	case werr != nil && r.Status == testee.StatusOK:
		return wrong("writes "+werr.Class, "a sender must refuse this packet with %v; the testee writes it", werr), nil
	case werr != nil && r.Class != werr.Class:
		return wrong("refuses with "+r.Class+" for "+werr.Class, "a sender must refuse this packet with %v; the testee says %s", werr, r.Class), nil
	case werr != nil:
		return nil, nil
	case r.Status != testee.StatusOK:
		return wrong("refuses with "+r.Class, "the packet can be written; the testee refuses it with %s %s", r.Class, r.Message), nil
	}
	wire, err := hex.DecodeString(r.Wire)
	if err != nil {
		return &Fault{Kind: KindGarbage, Detail: "its wire is no hex: " + err.Error(), Cause: "wire"}, nil
	}
	again, n, derr := x.proto.Decode(wire, oracleLimits(l))
	if derr != nil || n != len(wire) {
		return wrong("writes what is no frame", "encoded to %.200x, which is no frame: %d of %d bytes read%s", wire, n, len(wire), then(derr)), nil
	}
	q.Size = len(wire)
	if fault := oracle.CheckBody(again); fault != nil {
		q.Fault = &testee.BodyFault{Class: fault.Class}
	}
	if what, must, is := differs(again, q); what != "" {
		return wrong("encoded: "+what, "encoded to %.200x: %s is %s, must be %s", wire, what, is, must), nil
	}
	return nil, nil
}
