package fuzz_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// lines is a Proto of one's own: a packet is a line of JSON. Byte strings travel as base64.
type lines struct {
	in  *bufio.Reader
	out io.Writer
}

func newLines(rw io.ReadWriter) packet.Proto { return &lines{in: bufio.NewReader(rw), out: rw} }

// line is the frame, payload what the pipe works on.
type line struct {
	Pipe    []byte `json:"pipe,omitempty"`
	Payload []byte `json:"payload"`
}

type payload struct {
	Seq   uint64 `json:"seq"`
	Ptype byte   `json:"ptype"`
	Uri   []byte `json:"uri"`
	Meta  []byte `json:"meta,omitempty"`
	Codec byte   `json:"codec"`
	Body  []byte `json:"body,omitempty"`
}

func (*lines) Version() (byte, string) { return 'L', "lines" }

// Pack encodes everything first, then writes once.
func (l *lines) Pack(p *packet.Packet) error {
	limit, meta := p.Env().Limit(), p.Meta().QueryString()
	if len(p.Uri()) > int(limit.MaxUri) || len(meta) > int(limit.MaxMeta) || p.Meta().EncodedPairs() > limit.MaxMetaPairs {
		return packet.PackError(packet.ClassLimit, errors.New("the header is too large"))
	}
	if err := p.XferPipe().Err(); errors.Is(err, xfer.ErrPipeTooLong) {
		return packet.PackError(packet.ClassLimit, err)
	} else if err != nil {
		return packet.PackError(packet.ClassFilterUnknown, err)
	}
	body, err := p.MarshalBody()
	if err != nil {
		return err
	}
	raw, err := json.Marshal(payload{p.Seq(), p.Ptype(), []byte(p.Uri()), meta, p.BodyCodec(), body})
	if err != nil {
		return err
	}
	if raw, err = p.XferPipe().OnPack(raw); err != nil {
		return packet.PackError(packet.ClassFilterData, err)
	}
	frame, err := json.Marshal(line{p.XferPipe().Ids(), raw})
	if err != nil {
		return err
	}
	frame = append(frame, '\n')
	if len(frame) > int(limit.MaxPacket) {
		return packet.PackError(packet.ClassLimit, packet.ErrExceedPacketSizeLimit)
	}
	n, err := l.out.Write(frame)
	if err == nil && n < len(frame) {
		err = io.ErrShortWrite
	}
	p.SetSize(uint32(len(frame)))
	return err
}

// Unpack reads one line, within the limit, and fills p.
func (l *lines) Unpack(p *packet.Packet) error {
	p.ResetForUnpack()
	limit := p.Env().Limit()
	raw, err := l.read(int(limit.MaxPacket))
	if err != nil {
		return err
	}
	p.SetSize(uint32(len(raw)))
	var f line
	if err := json.Unmarshal(raw, &f); err != nil {
		return packet.FrameError(packet.ClassHeader, 0, err)
	}
	if err := p.XferPipe().AppendFromRegistry(p.Env().FilterRegistry(), f.Pipe...); err != nil {
		return packet.FrameError(packet.ClassFilterUnknown, 0, err)
	}
	if len(f.Pipe) == 0 && len(f.Payload) > int(limit.MaxPayload) {
		return packet.FrameError(packet.ClassLimit, 0, errors.New("the payload is too large"))
	}
	undone, err := p.UnpackPayload(f.Payload, int(limit.MaxPayload))
	if errors.Is(err, xfer.ErrExceedLimit) {
		return packet.FrameError(packet.ClassLimit, 0, err)
	} else if err != nil {
		return packet.FrameError(packet.ClassFilterData, 0, err)
	}
	var h payload
	if err := json.Unmarshal(undone, &h); err != nil {
		return packet.PayloadError(packet.ClassHeader, 0, err)
	}
	if len(h.Uri) > int(limit.MaxUri) || len(h.Meta) > int(limit.MaxMeta) {
		return packet.PayloadError(packet.ClassLimit, 0, errors.New("the header is too large"))
	}
	if err := p.Meta().ParseLimit(h.Meta, limit.MaxMetaPairs); err != nil {
		return packet.PayloadError(packet.ClassLimit, 0, err)
	}
	p.SetSeq(h.Seq)
	p.SetPtype(h.Ptype)
	p.SetUri(string(h.Uri))
	p.SetBodyCodec(h.Codec)
	return p.UnmarshalNewBody(h.Body)
}

// read gives the next line, however long it is, in pieces of what the reader holds: memory follows the bytes.
func (l *lines) read(limit int) ([]byte, error) {
	var raw []byte
	for {
		piece, err := l.in.ReadSlice('\n')
		raw = append(raw, piece...)
		switch {
		case len(raw) > limit:
			return nil, packet.FrameError(packet.ClassLimit, 0, packet.ErrExceedPacketSizeLimit)
		case err == nil:
			return raw, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(raw) > 0:
			return nil, packet.FrameError(packet.ClassShort, len(raw), io.ErrUnexpectedEOF)
		default:
			return nil, err
		}
	}
}

// The whole of it: a Proto of one's own under attack.
func FuzzLines(f *testing.F) {
	fuzz.Proto(f, newLines)
}

// cutting is lines with a fault: it cuts uris.
type cutting struct{ packet.Proto }

func (s cutting) Unpack(p *packet.Packet) error {
	err := s.Proto.Unpack(p)
	p.SetUri(fmt.Sprintf("%.4s", p.Uri()))
	return err
}

// A Proto that cuts uris is found by the seeds, without any fuzzing.
func ExampleProtoTarget() {
	target := fuzz.ProtoTarget(func(rw io.ReadWriter) packet.Proto { return cutting{newLines(rw)} })
	findings := 0
	for _, seed := range target.Seeds() {
		if target.Check(seed) != nil {
			findings++
		}
	}
	fmt.Println("found:", findings > 0)
	// Output: found: true
}

func TestProto_OwnProtoPasses(t *testing.T) {
	target := fuzz.ProtoTarget(newLines)
	for _, seed := range target.Seeds() {
		if err := target.Check(seed); err != nil {
			t.Fatal(err)
		}
	}
}
