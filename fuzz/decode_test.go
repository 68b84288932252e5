package fuzz

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/vectors"
)

// maxInput keeps the fuzzer from spending its time on long inputs: everything in a frame fits into less.
const maxInput = 16 << 10

// limits are small, so that the fuzzer meets them.
var limits = packet.Limits{MaxPacket: 8 << 10, MaxPayload: 8 << 10, MaxUri: 256, MaxMeta: 512, MaxMetaPairs: 16}

func oracleLimits() oracle.Limits {
	return oracle.Limits{MaxPacket: limits.MaxPacket, MaxPayload: limits.MaxPayload,
		MaxUri: limits.MaxUri, MaxMeta: limits.MaxMeta, MaxMetaPairs: limits.MaxMetaPairs}
}

// addVectors seeds a target with the wires of the golden vectors.
func addVectors(f *testing.F) {
	cases, err := vectors.All()
	if err != nil {
		f.Fatal(err)
	}
	for _, c := range cases {
		wire, err := c.WireBytes()
		if err != nil {
			f.Fatal(err)
		}
		if len(wire) > 0 && len(wire) <= maxInput {
			f.Add(wire)
		}
	}
}

func FuzzDecodeFast(f *testing.F) {
	addVectors(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > maxInput {
			return
		}
		if len(in) == 0 {
			if err := fast.New(readOnly{bytes.NewReader(in)}).Unpack(packet.NewPacket()); err != io.EOF {
				t.Fatalf("at a clean end the reference says %v, want io.EOF itself", err)
			}
			return
		}
		want, n, werr, judged := askOracle(in)
		if !judged {
			return
		}
		r := bytes.NewReader(in)
		got := packet.NewPacket()
		got.SetEnv(&packet.Env{Limits: limits, Filters: filters})
		err := fast.New(readOnly{r}).Unpack(got)
		if werr != nil {
			var perr *packet.Error
			if !errors.As(err, &perr) {
				t.Fatalf("the oracle says %v, the reference %v\n%x", werr, err, in)
			}
			if string(perr.Class) != werr.Class || string(perr.Stage) != werr.Stage || perr.Offset != werr.Offset {
				t.Fatalf("the oracle says %v, the reference %v\n%x", werr, perr, in)
			}
			return
		}
		if err != nil {
			t.Fatalf("the oracle takes it, the reference says %v\n%x", err, in)
		}
		if read := len(in) - r.Len(); read != n || int(got.Size()) != n {
			t.Fatalf("the frame has %d bytes, the reference read %d and says %d\n%x", n, read, got.Size(), in)
		}
		samePacket(t, want, got)
	})
}

func samePacket(t *testing.T, want oracle.Packet, got *packet.Packet) {
	t.Helper()
	if want.Seq != got.Seq() || want.Ptype != got.Ptype() || string(want.Uri) != got.Uri() ||
		want.Codec != got.BodyCodec() || !bytes.Equal(want.Body, got.RawBody()) || !bytes.Equal(want.Pipe, got.XferPipe().Ids()) {
		t.Fatalf("the oracle decoded %+v, the reference %s", want, got)
	}
	samePairs(t, want.Meta, got.Meta())
}

func samePairs(t *testing.T, want []oracle.Pair, got *packet.Meta) {
	t.Helper()
	if len(want) != got.Len() {
		t.Fatalf("the oracle has %d pairs of metadata, the reference %d: %s", len(want), got.Len(), got)
	}
	i := 0
	got.VisitAll(func(k, v []byte) {
		if !bytes.Equal(k, want[i].Key) || !bytes.Equal(v, want[i].Value) {
			t.Fatalf("pair %d: the oracle has %q=%q, the reference %q=%q", i, want[i].Key, want[i].Value, k, v)
		}
		i++
	})
}

// readOnly gives a Proto that only unpacks something to write to.
type readOnly struct{ *bytes.Reader }

func (readOnly) Write([]byte) (int, error) { return 0, errors.New("this stream is only read") }
