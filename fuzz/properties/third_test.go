package properties_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/fuzz/properties"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// lines is a Proto as a third party may have it: a packet is a line of JSON, the pipe covers the body alone, and no
// Framer. With text, uri and metadata are JSON strings, which carry no bytes that are not UTF-8. fault breaks
// one thing.
type lines struct {
	in    *bufio.Reader
	out   io.Writer
	text  bool
	fault string
	last  *line
}

type line struct {
	Seq   uint64
	Ptype byte
	Uri   []byte     `json:",omitempty"`
	Text  string     `json:",omitempty"`
	Meta  [][]byte   `json:",omitempty"`
	Pairs [][]string `json:",omitempty"`
	Codec byte
	Pipe  []byte
	Body  []byte
}

func linesWith(text bool, fault string) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto {
		return &lines{in: bufio.NewReader(rw), out: rw, text: text, fault: fault}
	}
}

func (*lines) Version() (byte, string) { return 'L', "lines" }

func (l *lines) Pack(p *packet.Packet) error {
	limit := p.Env().Limit()
	n := p.Meta().EncodedPairs()
	if l.fault == "pairs" {
		n--
	}
	if len(p.Uri()) > int(limit.MaxUri) || len(p.Meta().QueryString()) > int(limit.MaxMeta) || n > limit.MaxMetaPairs {
		return packet.PackError(packet.ClassLimit, errors.New("the header is too large"))
	}
	if err := p.XferPipe().Err(); err != nil {
		return packet.PackError(packet.ClassFilterUnknown, err)
	}
	raw, err := p.MarshalBody()
	if err != nil {
		return err
	}
	if raw, err = p.XferPipe().OnPack(raw); err != nil {
		return packet.PackError(packet.ClassFilterData, err)
	}
	out := line{Seq: p.Seq(), Ptype: p.Ptype(), Codec: p.BodyCodec(), Pipe: p.XferPipe().Ids(), Body: raw}
	if l.text {
		out.Text = p.Uri()
	} else {
		out.Uri = []byte(p.Uri())
	}
	p.Meta().VisitAll(func(k, v []byte) {
		switch {
		case len(k)+len(v) == 0:
		case l.text:
			out.Pairs = append(out.Pairs, []string{string(k), string(v)})
		default:
			out.Meta = append(out.Meta, k, v)
		}
	})
	if l.fault == "history" && l.last != nil && len(l.last.Body) > 3 {
		out.Codec++
	}
	if l.fault == "history" {
		l.last = &out
	}
	frame, err := json.Marshal(out)
	if err != nil {
		return err
	}
	frame = append(frame, '\n')
	if len(frame) > int(limit.MaxPacket) {
		return packet.PackError(packet.ClassLimit, packet.ErrExceedPacketSizeLimit)
	}
	if n, err := l.out.Write(frame); err != nil {
		return err
	} else if n < len(frame) {
		return io.ErrShortWrite
	}
	p.SetSize(uint32(len(frame)))
	return nil
}

func (l *lines) Unpack(p *packet.Packet) error {
	p.ResetForUnpack()
	limit := p.Env().Limit()
	var raw []byte
	for {
		piece, err := l.in.ReadSlice('\n')
		raw = append(raw, piece...)
		if len(raw) > int(limit.MaxPacket) {
			return packet.FrameError(packet.ClassLimit, 0, packet.ErrExceedPacketSizeLimit)
		}
		if err == nil {
			break
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(raw) > 0 && l.fault != "end":
			return packet.FrameError(packet.ClassShort, len(raw), io.ErrUnexpectedEOF)
		default:
			return err
		}
	}
	p.SetSize(uint32(len(raw)))
	var in line
	if err := json.Unmarshal(raw, &in); err != nil || len(in.Meta)%2 != 0 {
		return packet.FrameError(packet.ClassHeader, 0, errors.New("the line is no packet"))
	}
	if l.text {
		in.Uri = []byte(in.Text)
		for _, pair := range in.Pairs {
			if len(pair) != 2 {
				return packet.FrameError(packet.ClassHeader, 0, errors.New("a pair of metadata is none"))
			}
			in.Meta = append(in.Meta, []byte(pair[0]), []byte(pair[1]))
		}
	}
	size := 0
	for i := 0; i < len(in.Meta); i += 2 {
		p.Meta().Add(string(in.Meta[i]), string(in.Meta[i+1]))
		size += len(in.Meta[i]) + len(in.Meta[i+1])
	}
	if len(in.Uri) > int(limit.MaxUri) || size > int(limit.MaxMeta) || len(in.Meta)/2 > limit.MaxMetaPairs {
		p.ResetForUnpack()
		return packet.FrameError(packet.ClassLimit, 0, errors.New("the header is too large"))
	}
	p.SetSeq(in.Seq)
	p.SetPtype(in.Ptype)
	p.SetUri(string(in.Uri))
	p.SetBodyCodec(in.Codec)
	if err := p.XferPipe().AppendFromRegistry(p.Env().FilterRegistry(), in.Pipe...); err != nil {
		return packet.FrameError(packet.ClassFilterUnknown, 0, err)
	}
	body, err := p.UnpackPayload(in.Body, int(limit.MaxPayload))
	if errors.Is(err, xfer.ErrExceedLimit) {
		return packet.FrameError(packet.ClassLimit, 0, err)
	} else if err != nil {
		return packet.FrameError(packet.ClassFilterData, 0, err)
	}
	return p.UnmarshalNewBody(body)
}

func TestProto_ThirdParty(t *testing.T) { properties.Proto(t, linesWith(false, "")) }

func TestProto_ThirdPartyOfText(t *testing.T) {
	properties.Proto(t, linesWith(true, ""), properties.Without(conformance.FeatureBinary))
}

func TestProto_WithoutFeatures(t *testing.T) {
	properties.Proto(t, linesWith(false, ""), properties.Without(conformance.FeaturePipe, conformance.FeatureMeta,
		conformance.FeatureHeaderLimits, conformance.FeatureConcurrency), properties.WithTests(50))
}

func TestCheck_ThirdPartyFaults(t *testing.T) {
	for fault, law := range map[string]string{"pairs": "limit-metadata", "history": "independent", "end": "cut"} {
		t.Run(fault, func(t *testing.T) { breaks(t, linesWith(false, fault), law) })
	}
	t.Run("text that should carry bytes", func(t *testing.T) { breaks(t, linesWith(true, ""), "round-trip") })
}

// breaks demands that a Proto breaks a law, and that the finding says how to see it again.
func breaks(t *testing.T, pf packet.ProtoFunc, law string) {
	t.Helper()
	results, err := properties.Check(pf, properties.WithSeed(1), properties.WithTests(200), properties.Only(law))
	if err != nil || len(results) != 1 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if r := results[0]; r.OK() || r.Skipped != "" {
		t.Fatalf("law %s: %d tests, skipped %q, and nothing was found", law, r.Tests, r.Skipped)
	}
	t.Logf("%s", results[0].Detail)
}
