package vectorgen

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// Implementation is a decoder and encoder of one Proto, fast/1 where it is no [ByProto], that the vectors can judge. Its
// methods must not keep what they are given. They may panic: [Check] reports it.
type Implementation interface {
	// Name names it in reports.
	Name() string
	// Decode reads packets from a stream that arrives in these segments and then ends, until its end or the first error.
	Decode(segments [][]byte, limits vectors.Limits) Outcome
	// Encode writes one packet: metadata are p.Meta, or what ops leave of empty metadata when there are any; where p.Error
	// is set, X-Reply-Error is then set to it. The body is sent as it is.
	Encode(p vectors.Packet, ops []vectors.Op, limits vectors.Limits) ([]byte, *Failure)
}

// ByProto is an implementation of several Protos.
type ByProto interface {
	Implementation
	// ByProto gives the implementation of the Proto of that name; ok is false when there is none.
	ByProto(name string) (imp Implementation, ok bool)
}

// forCase gives the implementation of the Proto that a case is for.
func forCase(imp Implementation, c *vectors.Case) (Implementation, error) {
	if by, ok := imp.(ByProto); ok {
		if imp, ok = by.ByProto(c.ProtoName()); ok {
			return imp, nil
		}
	} else if c.ProtoName() == vectors.ProtoFast {
		return imp, nil
	}
	return nil, fmt.Errorf("does not know the Proto %s", c.ProtoName())
}

// Outcome is what came of a stream.
type Outcome struct {
	// Packets are the packets in order, each with its Size and, where its metadata has one, its Error.
	Packets []vectors.Packet
	// Bodies are, a packet, why its body does not decode under its codec into any target; nil when it does.
	Bodies []*Failure
	// Failure is why the stream was given up; nil when it ended at a frame's boundary.
	Failure *Failure
}

// Failure is an error in the terms of the vectors.
type Failure struct {
	Class, Stage string
	Offset       int64
	Detail       string
}

// String is the failure for people.
func (f *Failure) String() string {
	if f == nil {
		return "no error"
	}
	return fmt.Sprintf("%s, stage %s, offset %d (%s)", f.Class, f.Stage, f.Offset, f.Detail)
}

// Oracle is the oracle as an [Implementation].
func Oracle() Implementation { return oracleImplementation{oracle.Fast} }

type oracleImplementation struct{ proto oracle.Proto }

func (oracleImplementation) ByProto(name string) (Implementation, bool) {
	pr, ok := oracle.ProtoByName(name)
	return oracleImplementation{pr}, ok
}

func (oracleImplementation) Name() string { return "oracle" }

func (o oracleImplementation) Decode(segments [][]byte, l vectors.Limits) Outcome {
	packets, err := o.proto.DecodeStream(bytes.Join(segments, nil), oracleLimits(l))
	out := Outcome{Failure: failureOf(err)}
	for _, p := range packets {
		out.Packets = append(out.Packets, vectorOf(p))
		out.Bodies = append(out.Bodies, failureOf(oracle.CheckBody(p)))
	}
	return out
}

func (o oracleImplementation) Encode(p vectors.Packet, ops []vectors.Op, l vectors.Limits) ([]byte, *Failure) {
	in, err := packetOf(p, ops)
	if err != nil {
		return nil, &Failure{Class: "harness", Detail: err.Error()}
	}
	wire, e := o.proto.Encode(in, oracleLimits(l))
	return wire, failureOf(e)
}

func oracleLimits(l vectors.Limits) oracle.Limits {
	return oracle.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}
}

func failureOf(e *oracle.Error) *Failure {
	if e == nil {
		return nil
	}
	return &Failure{Class: e.Class, Stage: e.Stage, Offset: e.Offset, Detail: e.Detail}
}

// vectorOf writes the oracle's packet in the form of the vectors.
func vectorOf(p oracle.Packet) vectors.Packet {
	out := vectors.Packet{Seq: seq(p.Seq), Ptype: int(p.Ptype), Uri: vectors.Text(p.Uri), BodyCodec: int(p.Codec),
		Pipe: vectors.Pipe(p.Pipe), Body: vectors.Text(p.Body), Size: p.Size}
	for _, m := range p.Meta {
		out.Meta = append(out.Meta, vectors.Pair{Key: vectors.Text(m.Key), Value: vectors.Text(m.Value)})
	}
	if e, ok := oracle.ReplyErrorOf(p.Meta); ok {
		out.Error = &vectors.ReplyError{Code: e.Code, Message: vectors.Text(e.Message), Detail: vectors.Text(e.Detail)}
	}
	return out
}

// packetOf reads a packet of the vectors, for an encoder.
func packetOf(p vectors.Packet, ops []vectors.Op) (out oracle.Packet, err error) {
	if out.Seq, err = strconv.ParseUint(p.Seq, 10, 64); err != nil {
		return out, err
	}
	x := expander{}
	out.Ptype, out.Codec, out.Pipe = byte(p.Ptype), byte(p.BodyCodec), p.Pipe
	out.Uri, out.Body = x.bytes(p.Uri), x.bytes(p.Body)
	if ops == nil {
		for _, m := range p.Meta {
			out.Meta = oracle.AddMeta(out.Meta, x.bytes(m.Key), x.bytes(m.Value))
		}
	}
	for _, op := range ops {
		key, value := x.bytes(op.Key), []byte(nil)
		if op.Value != nil {
			value = x.bytes(*op.Value)
		}
		switch op.Op {
		case "set":
			out.Meta = oracle.SetMeta(out.Meta, key, value)
		case "add":
			out.Meta = oracle.AddMeta(out.Meta, key, value)
		case "del":
			out.Meta = oracle.DelMeta(out.Meta, key)
		case "peek":
			got, ok := oracle.PeekMeta(out.Meta, key)
			if ok != (op.Value != nil) || !bytes.Equal(got, value) {
				return out, fmt.Errorf("peek of %q finds %q, must find %q", key, got, value)
			}
		default:
			return out, fmt.Errorf("unknown operation %q", op.Op)
		}
	}
	if e := p.Error; e != nil {
		value := oracle.EncodeReplyError(oracle.ReplyError{Code: e.Code, Message: x.bytes(e.Message), Detail: x.bytes(e.Detail)})
		out.Meta = oracle.SetMeta(out.Meta, []byte(oracle.ErrorKey), value)
	}
	return out, x.err
}

// expander expands byte strings and keeps the first error.
type expander struct{ err error }

func (x *expander) bytes(b vectors.Bytes) []byte {
	out, err := b.Expand()
	if err != nil && x.err == nil {
		x.err = err
	}
	return out
}
