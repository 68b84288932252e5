package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/conformance/testee"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// newConformTestee is the reference as a testee: for trying --exec, and for comparing lines with it.
func newConformTestee() *cobra.Command {
	var server bool
	c := &cobra.Command{
		Use:   "testee",
		Short: "be a testee: the reference behind the contract of --exec",
		Long: `testee answers the lines that conform --exec writes, on standard input and output, with the reference
encoders and decoders. It shows what a testee of yours should answer; conformance/testee/README.md is the contract.`,
		Example: `  teleport conform --exec 'teleport conform testee'
  teleport conform --exec 'teleport conform testee' --replay wire/fast-example-0001`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			intro := testee.Introduction{Name: "the reference", Language: runtime.Version(), Protos: []string{"fast/1", "json/1", "pb/1"},
				Filters: []int{'g', 'c', 'z', 'a', 'x'}}
			for _, f := range suite.ExecFeatures() {
				intro.Features = append(intro.Features, string(f))
			}
			answer := func() error {
				return wrapTestee(testee.Serve(cmd.InOrStdin(), cmd.OutOrStdout(), intro, answerTestee))
			}
			if !server {
				return answer()
			}
			return beside(cmd.Context(), func(a net.Addr) error {
				intro.Server = a.Network() + " " + a.String()
				return answer()
			})
		},
	}
	c.Flags().BoolVar(&server, "server", false, "serve the conformance service on loopback too, and say so in the hello")
	return c
}

func wrapTestee(err error) error {
	if err == nil {
		return nil
	}
	return harnessf("%w", err)
}

// beside runs do while the conformance service is served on loopback.
func beside(ctx context.Context, do func(net.Addr) error) error {
	tp.SetRawlogLevel("OFF")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- serve(ctx, "tcp", "127.0.0.1:0", func(a net.Addr) { ready <- a }) }() // ends with ctx
	select {
	case err := <-ended:
		return err
	case addr := <-ready:
		err := do(addr)
		stop()
		return errors.Join(err, <-ended)
	}
}

// answerTestee answers one question with the reference.
func answerTestee(q testee.Request) testee.Result {
	name := map[string]string{"fast/1": "fast", "json/1": "json", "pb/1": "pb"}[q.Proto]
	pf, known := protos[name]
	var further []byte
	for _, id := range q.Filters {
		if id != 'g' {
			further = append(further, byte(id))
		}
	}
	filters, all := suite.FurtherFilters(further)
	if !known || !all {
		return testee.Result{Status: testee.StatusUnimplemented, Message: "this Proto or filter is not there"}
	}
	l := q.Limits
	env := &packet.Env{Filters: filters, Limits: packet.Limits{
		MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}}
	var r testee.Result
	var err error
	switch q.Op {
	case testee.OpDecode:
		r, err = decodeTestee(q, pf, env)
	case testee.OpEncode:
		r, err = encodeTestee(q, pf, env)
	default:
		return testee.Result{Status: testee.StatusUnimplemented, Message: "this operation is not there"}
	}
	if refused, ok := errors.AsType[*packet.Error](err); ok {
		r.Status, r.Class, r.Stage, r.Offset, r.Message = testee.StatusRejected, string(refused.Class), string(refused.Stage), &refused.Offset, err.Error()
	} else if err != nil {
		r.Status, r.Message = testee.StatusHarness, err.Error()
	} else {
		r.Status = testee.StatusOK
	}
	return r
}

// errMore is what the reader of a stream that goes on answers after its bytes.
var errMore = errors.New("the stream goes on")

// segmentReader gives a segment a Read, then its end.
type segmentReader struct {
	left [][]byte
	end  error
}

func (s *segmentReader) Read(p []byte) (int, error) {
	for len(s.left) > 0 && len(s.left[0]) == 0 {
		s.left = s.left[1:]
	}
	if len(s.left) == 0 {
		return 0, s.end
	}
	n := copy(p, s.left[0])
	s.left[0] = s.left[0][n:]
	return n, nil
}

func (s *segmentReader) Write([]byte) (int, error) { return 0, errors.New("this stream is only read") }

func decodeTestee(q testee.Request, pf packet.ProtoFunc, env *packet.Env) (r testee.Result, err error) {
	in := &segmentReader{end: errMore}
	if in.left, err = q.Stream(); err != nil {
		return r, err
	}
	if q.End {
		in.end = io.EOF
	}
	proto := pf(in)
	for q.Packets == 0 || len(r.Packets) < q.Packets {
		p := packet.NewPacket()
		p.SetEnv(env)
		switch err := proto.Unpack(p); {
		case err == io.EOF || errors.Is(err, errMore):
			return r, nil
		case err != nil:
			return r, err
		}
		r.Packets = append(r.Packets, shownPacket(p))
	}
	return r, nil
}

// shownPacket gives a decoded packet in the contract's form, and why its body does not decode.
func shownPacket(p *packet.Packet) testee.Packet {
	out := testee.Packet{Seq: strconv.FormatUint(p.Seq(), 10), Ptype: int(p.Ptype()), Uri: testee.Bytes(p.Uri()), Meta: []testee.Pair{},
		BodyCodec: int(p.BodyCodec()), Pipe: []int{}, Body: slices.Clone(p.RawBody()), Size: int(p.Size())}
	p.Meta().VisitAll(func(k, v []byte) {
		out.Meta = append(out.Meta, testee.Pair{Key: slices.Clone(k), Value: slices.Clone(v)})
	})
	for _, id := range p.XferPipe().Ids() {
		out.Pipe = append(out.Pipe, int(id))
	}
	var target any = new(any)
	switch p.BodyCodec() {
	case 'p':
		target = new(emptypb.Empty)
	case 's':
		target = new(string)
	}
	if refused, ok := errors.AsType[*packet.Error](p.Bind(target)); ok {
		out.Fault = &testee.BodyFault{Class: string(refused.Class), Offset: &refused.Offset}
	}
	return out
}

func encodeTestee(q testee.Request, pf packet.ProtoFunc, env *packet.Env) (r testee.Result, err error) {
	if q.Packet == nil {
		return r, errors.New("an encode without a packet")
	}
	seq, err := strconv.ParseUint(q.Packet.Seq, 10, 64)
	if err != nil {
		return r, err
	}
	p := packet.NewPacket(packet.WithSeq(seq), packet.WithPtype(byte(q.Packet.Ptype)), packet.WithUri(string(q.Packet.Uri)),
		packet.WithBodyCodec(byte(q.Packet.BodyCodec)))
	p.SetEnv(env)
	if len(q.Packet.Body) > 0 {
		p.SetBody(packet.RawBody(q.Packet.Body))
	}
	for _, id := range q.Packet.Pipe {
		_ = p.XferPipe().AppendFromRegistry(env.Filters, byte(id)) // the pipe keeps the error for Pack
	}
	for _, kv := range q.Packet.Meta {
		p.Meta().Add(string(kv.Key), string(kv.Value))
	}
	for _, op := range q.Ops {
		var value testee.Bytes
		if op.Value != nil {
			value = *op.Value
		}
		switch key := string(op.Key); op.Op {
		case "set":
			p.Meta().Set(key, string(value))
		case "add":
			p.Meta().Add(key, string(value))
		case "del":
			p.Meta().Del(key)
		case "peek":
			var found *testee.Bytes
			if p.Meta().Has(key) {
				found = new(testee.Bytes(slices.Clone(p.Meta().Peek(key))))
			}
			r.Peeks = append(r.Peeks, found)
		}
	}
	var out frameWriter
	if err := pf(&out).Pack(p); err != nil {
		return testee.Result{}, err
	}
	r.Wire = hex.EncodeToString(out)
	return r, nil
}

// frameWriter keeps what is written.
type frameWriter []byte

func (w *frameWriter) Read([]byte) (int, error) { return 0, io.EOF }

func (w *frameWriter) Write(p []byte) (int, error) { *w = append(*w, p...); return len(p), nil }
