package fast_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/vectors"
)

// segments is a reader that gives one segment a call.
type segments struct{ left [][]byte }

func (s *segments) Read(b []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.left[0])
	if s.left[0] = s.left[0][n:]; len(s.left[0]) == 0 {
		s.left = s.left[1:]
	}
	return n, nil
}

// TestVectors runs every golden vector: those that are decoded through Unpack,
// and those that are encoded through AppendFrame.
func TestVectors(t *testing.T) {
	files, err := vectors.Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		t.Run(f.Area, func(t *testing.T) {
			for i := range f.Cases {
				c := &f.Cases[i]
				if c.ProtoName() != fast.Name {
					continue
				}
				if c.Kind != vectors.KindEncode {
					checkDecode(t, c)
				}
				if c.Packet != nil && c.Result == vectors.Valid && c.Canonical || c.Kind == vectors.KindEncode {
					checkEncode(t, c)
				}
			}
		})
	}
}

func envOf(c *vectors.Case) *packet.Env {
	l := c.EffectiveLimits()
	env := &packet.Env{Limits: packet.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri,
		MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}}
	if len(c.Filters) > 0 {
		env.Filters, _ = suite.FurtherFilters(c.Filters) // nil, the process's, fails the case
	}
	return env
}

func checkDecode(t *testing.T, c *vectors.Case) {
	t.Helper()
	runs, err := c.Runs()
	if err != nil {
		t.Fatal(err)
	}
	want := c.Packets
	if c.Packet != nil {
		want = []vectors.Packet{*c.Packet}
	}
	for _, run := range runs {
		proto := unpackFrom(&segments{slices.Clone(run.Segments)})
		n := 0
		var last error
		for {
			p := packet.NewPacket(packet.WithEnv(envOf(c)))
			if last = proto.Unpack(p); last != nil {
				break
			}
			if n < len(want) && c.Result != vectors.Quirk {
				comparePacket(t, c.ID, p, &want[n])
			}
			n++
			// A bad body is found when it is bound.
			if c.Stage == vectors.StageBody && n == len(want) {
				var v any
				last = p.Bind(target(p, &v))
				break
			}
		}
		switch c.Result {
		case vectors.Valid:
			if last != io.EOF || n != len(want) {
				t.Errorf("%s: %d packets of %d, then %v", c.ID, n, len(want), last)
			}
		case vectors.Invalid:
			if class := string(packet.ClassOf(last)); class != c.Error && !slices.Contains(c.OtherErrors, class) {
				t.Errorf("%s: %v, want class %s", c.ID, last, c.Error)
				continue
			}
			var pe *packet.Error
			if errors.As(last, &pe) && string(pe.Class) == c.Error && (string(pe.Stage) != c.Stage || pe.Offset != run.Offset) {
				t.Errorf("%s: %v (%s %d), want %s %d", c.ID, last, pe.Stage, pe.Offset, c.Stage, run.Offset)
			}
		}
	}
}

// target gives what a body of the packet's codec decodes into.
func target(p *packet.Packet, v *any) any {
	if p.BodyCodec() == 'p' {
		return new(struct{})
	}
	return v
}

func comparePacket(t *testing.T, id string, p *packet.Packet, want *vectors.Packet) {
	t.Helper()
	var meta packet.Meta
	for _, m := range want.Meta {
		meta.Add(string(expand(t, m.Key)), string(expand(t, m.Value)))
	}
	seq, _ := strconv.ParseUint(want.Seq, 10, 64)
	if p.Seq() != seq || int(p.Ptype()) != want.Ptype || p.Uri() != string(expand(t, want.Uri)) ||
		!p.Meta().Equal(&meta) || int(p.BodyCodec()) != want.BodyCodec || !bytes.Equal(p.RawBody(), expand(t, want.Body)) ||
		p.XferPipe().Len() != len(want.Pipe) {
		t.Errorf("%s: got %v", id, p)
	}
	if want.Size != 0 && int(p.Size()) != want.Size {
		t.Errorf("%s: size %d, want %d", id, p.Size(), want.Size)
	}
}

func expand(t *testing.T, b vectors.Bytes) []byte {
	t.Helper()
	out, err := b.Expand()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func checkEncode(t *testing.T, c *vectors.Case) {
	t.Helper()
	seq, _ := strconv.ParseUint(c.Packet.Seq, 10, 64)
	p := packet.NewPacket(packet.WithEnv(envOf(c)), packet.WithSeq(seq), packet.WithPtype(byte(c.Packet.Ptype)),
		packet.WithUri(string(expand(t, c.Packet.Uri))), packet.WithBodyCodec(byte(c.Packet.BodyCodec)),
		packet.WithBody(packet.RawBody(expand(t, c.Packet.Body))))
	for _, id := range c.Packet.Pipe {
		packet.WithXferPipe(byte(id))(p)
	}
	fillMeta(t, c, p.Meta())
	got, err := fast.New(nil).(packet.Framer).AppendFrame(nil, p)
	if c.Result == vectors.Invalid {
		if class := string(packet.ClassOf(err)); class != c.Error && !slices.Contains(c.OtherErrors, class) {
			t.Errorf("%s: encodes with %v, want class %s", c.ID, err, c.Error)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", c.ID, err)
		return
	}
	if want, _ := c.WireBytes(); c.Result == vectors.Valid && c.Canonical && !bytes.Equal(got, want) {
		t.Errorf("%s:\ngot  %x\nwant %x", c.ID, got, want)
	}
}

// fillMeta does the case's operations, or adds its pairs where it has none.
func fillMeta(t *testing.T, c *vectors.Case, m *packet.Meta) {
	t.Helper()
	if len(c.Ops) == 0 {
		for _, pair := range c.Packet.Meta {
			m.Add(string(expand(t, pair.Key)), string(expand(t, pair.Value)))
		}
	}
	for _, op := range c.Ops {
		key := string(expand(t, op.Key))
		value := ""
		if op.Value != nil {
			value = string(expand(t, *op.Value))
		}
		switch op.Op {
		case "set":
			m.Set(key, value)
		case "add":
			m.Add(key, value)
		case "del":
			m.Del(key)
		case "peek":
			if m.Has(key) != (op.Value != nil) || m.PeekString(key) != value {
				t.Errorf("%s: peek %q = %q, want %q", c.ID, key, m.Peek(key), value)
			}
		default:
			t.Fatalf("%s: unknown operation %q", c.ID, op.Op)
		}
	}
}
