// Package refimpl shows the reference encoder and decoder to the judge of the golden vectors.
package refimpl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/reference/proto/json"
	"github.com/henrylee2cn/teleport/reference/proto/pb"
	"github.com/henrylee2cn/teleport/reference/xfer"
	"github.com/henrylee2cn/teleport/vectors"
)

// Protos are the reference Protos by name.
func Protos() map[string]packet.ProtoFunc {
	return map[string]packet.ProtoFunc{fast.Name: fast.New, json.Name: json.New, pb.Name: pb.New}
}

// Fast is the reference fast/1 Proto as an implementation that vectors judge, and by name the other reference
// Protos. It keeps nothing between calls and may be used concurrently.
type Fast struct {
	filters *xfer.Registry // nil: those of the process
}

// Name names it in reports.
func (Fast) Name() string { return "reference" }

// Decode reads packets until the stream's end or the first error.
func (f Fast) Decode(segments [][]byte, l vectors.Limits) vectorgen.Outcome {
	return proto{fast.New, f.filters}.Decode(segments, l)
}

// Encode writes one packet.
func (f Fast) Encode(o vectors.Packet, ops []vectors.Op, l vectors.Limits) ([]byte, *vectorgen.Failure) {
	return proto{fast.New, f.filters}.Encode(o, ops, l)
}

// ByProto gives the reference Proto of that name.
func (f Fast) ByProto(name string) (vectorgen.Implementation, bool) {
	pf, ok := Protos()[name]
	return proto{pf, f.filters}, ok
}

// proto is any Proto as an implementation.
type proto struct {
	open    packet.ProtoFunc
	filters *xfer.Registry // nil: those of the process
}

// Name names it in reports.
func (proto) Name() string { return "reference" }

// Decode reads packets until the stream's end or the first error.
func (r proto) Decode(segments [][]byte, l vectors.Limits) vectorgen.Outcome {
	var out vectorgen.Outcome
	proto := r.open(&segmented{left: segments})
	env := &packet.Env{Limits: limitsOf(l), Filters: r.filters}
	for {
		p := packet.NewPacket()
		p.SetEnv(env)
		err := proto.Unpack(p)
		if err == io.EOF {
			return out
		}
		if err != nil {
			out.Failure = failureOf(err)
			return out
		}
		out.Packets = append(out.Packets, *Object(p))
		out.Bodies = append(out.Bodies, failureOf(checkBody(p)))
	}
}

// checkBody decodes the body into a target that takes anything its codec can say.
func checkBody(p *packet.Packet) error {
	switch p.BodyCodec() {
	case codec.ProtobufId:
		return p.Bind(new(emptypb.Empty)) // unknown fields are kept
	case codec.StringId:
		return p.Bind(new(string))
	default:
		return p.Bind(new(any))
	}
}

// Encode writes one packet.
func (r proto) Encode(o vectors.Packet, ops []vectors.Op, l vectors.Limits) ([]byte, *vectorgen.Failure) {
	if ops != nil {
		o.Meta = nil
	}
	p, err := PacketOf(&o)
	if err == nil {
		err = apply(p.Meta(), ops)
	}
	if err == nil && o.Error != nil {
		err = setError(p.Meta(), o.Error)
	}
	if err != nil {
		return nil, &vectorgen.Failure{Class: "harness", Detail: err.Error()}
	}
	r.pipe(p, o.Pipe)
	p.SetEnv(&packet.Env{Limits: limitsOf(l), Filters: r.filters})
	var wire bytes.Buffer
	if err := r.open(&wire).Pack(p); err != nil {
		return wire.Bytes(), failureOf(err)
	}
	return wire.Bytes(), nil
}

func apply(m *packet.Meta, ops []vectors.Op) error {
	for _, op := range ops {
		key, err := op.Key.Expand()
		if err != nil {
			return err
		}
		var value []byte
		if op.Value != nil {
			if value, err = op.Value.Expand(); err != nil {
				return err
			}
		}
		switch k := string(key); op.Op {
		case "set":
			m.Set(k, string(value))
		case "add":
			m.Add(k, string(value))
		case "del":
			m.Del(k)
		case "peek":
			if got := m.Peek(k); m.Has(k) != (op.Value != nil) || !bytes.Equal(got, value) {
				return fmt.Errorf("peek of %q finds %q, must find %q", key, got, value)
			}
		default:
			return fmt.Errorf("unknown operation %q", op.Op)
		}
	}
	return nil
}

func setError(m *packet.Meta, e *vectors.ReplyError) error {
	message, err := e.Message.Expand()
	if err != nil {
		return err
	}
	detail, err := e.Detail.Expand()
	if err != nil {
		return err
	}
	tp.NewRerror(e.Code, string(message), string(detail)).SetToMeta(m)
	return nil
}

func limitsOf(l vectors.Limits) packet.Limits {
	return packet.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}
}

func failureOf(err error) *vectorgen.Failure {
	if err == nil {
		return nil
	}
	var e *packet.Error
	if !errors.As(err, &e) {
		return &vectorgen.Failure{Class: "untyped", Detail: err.Error()}
	}
	return &vectorgen.Failure{Class: string(e.Class), Stage: string(e.Stage), Offset: e.Offset, Detail: err.Error()}
}

// Object gives a decoded packet in the form of the golden vectors.
func Object(p *packet.Packet) *vectors.Packet {
	o := &vectors.Packet{
		Seq:       strconv.FormatUint(p.Seq(), 10),
		Ptype:     int(p.Ptype()),
		Uri:       vectors.Text([]byte(p.Uri())),
		Meta:      []vectors.Pair{},
		BodyCodec: int(p.BodyCodec()),
		Pipe:      vectors.Pipe(p.XferPipe().Ids()),
		Body:      vectors.Text(p.RawBody()),
		Size:      int(p.Size()),
	}
	p.Meta().VisitAll(func(k, v []byte) {
		o.Meta = append(o.Meta, vectors.Pair{Key: vectors.Text(k), Value: vectors.Text(v)})
	})
	if e := tp.NewRerrorFromMeta(p.Meta()); e != nil {
		o.Error = &vectors.ReplyError{Code: e.Code, Message: vectors.Text([]byte(e.Message)), Detail: vectors.Text([]byte(e.Detail))}
	}
	return o
}

// PacketOf gives the packet that an object describes; its body is sent as it is, under any codec. The
// object's size and error are not looked at.
func PacketOf(o *vectors.Packet) (*packet.Packet, error) {
	seq, err := strconv.ParseUint(o.Seq, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("seq: expected an unsigned 64-bit number as a string: %w", err)
	}
	ptype, err := byteOf("ptype", o.Ptype)
	if err != nil {
		return nil, err
	}
	codecID, err := byteOf("body_codec", o.BodyCodec)
	if err != nil {
		return nil, err
	}
	uri, err := o.Uri.Expand()
	if err != nil {
		return nil, fmt.Errorf("uri: %w", err)
	}
	body, err := o.Body.Expand()
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	p := packet.NewPacket(packet.WithSeq(seq), packet.WithPtype(ptype), packet.WithUri(string(uri)),
		packet.WithBodyCodec(codecID), packet.WithXferPipe(o.Pipe...))
	if len(body) > 0 {
		p.SetBody(packet.RawBody(body))
	}
	for i, pair := range o.Meta {
		key, err := pair.Key.Expand()
		if err != nil {
			return nil, fmt.Errorf("meta pair %d: key: %w", i, err)
		}
		value, err := pair.Value.Expand()
		if err != nil {
			return nil, fmt.Errorf("meta pair %d: value: %w", i, err)
		}
		p.Meta().Add(string(key), string(value))
	}
	return p, nil
}

func byteOf(name string, n int) (byte, error) {
	if n < 0 || n > 255 {
		return 0, fmt.Errorf("%s is %d: expected 0 to 255", name, n)
	}
	return byte(n), nil
}

// segmented gives one segment a Read, and then the end of the stream.
type segmented struct{ left [][]byte }

func (s *segmented) Read(p []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.left[0])
	if s.left[0] = s.left[0][n:]; len(s.left[0]) == 0 {
		s.left = s.left[1:]
	}
	return n, nil
}

func (s *segmented) Write([]byte) (int, error) {
	return 0, errors.New("this stream is only read")
}
