package judge

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/spec"
)

func TestHandles_CarryWideSeqAndTypes(t *testing.T) {
	for _, types := range []bool{false, true} {
		var h handles
		h.set(false, types)
		for _, seq := range []uint64{0, 7, firstHandle - 1, firstHandle, math.MaxInt32, 1 << 32, math.MaxUint64, 7} {
			for _, ptype := range []byte{0, 1, 3, 4, 255} {
				n, sent, err := h.narrow(seq, ptype)
				if err != nil {
					t.Fatal(err)
				}
				if types && (sent < 1 || sent > 3) {
					t.Errorf("type %d was sent as %d beside a handle", ptype, sent)
				}
				if gotSeq, gotType := h.widen(n, sent); gotSeq != seq || gotType != ptype {
					t.Errorf("types %t: seq %d and type %d came back as %d and %d", types, seq, ptype, gotSeq, gotType)
				}
			}
		}
	}
}

func TestHandles_StrictRefusesWhatDoesNotFit(t *testing.T) {
	var h handles
	h.set(true, false)
	for seq, fits := range map[uint64]bool{0: true, firstHandle: true, math.MaxUint32: true, math.MaxUint32 + 1: false, math.MaxUint64: false} {
		n, _, err := h.narrow(seq, 1)
		if (err == nil) != fits {
			t.Errorf("seq %d: got error %v, should fit: %t", seq, err, fits)
		}
		if got, _ := h.widen(n, 1); fits && got != seq {
			t.Errorf("seq %d came back as %d", seq, got)
		}
	}
}

func TestGate_OneEnvironmentAtATime(t *testing.T) {
	var applied []*packet.Env // guarded by the gate
	g := newGate(func(env *packet.Env) { applied = append(applied, env) })
	one, two := &packet.Env{}, &packet.Env{}
	g.enter(one)
	g.enter(one) // side by side
	var group sync.WaitGroup
	entered := make(chan struct{})
	group.Go(func() {
		g.enter(two)
		defer g.leave()
		if g.current() != two {
			t.Error("inside with another environment")
		}
		close(entered)
	})
	select {
	case <-entered:
		t.Error("two environments were inside at once")
	default:
	}
	g.leave()
	g.leave()
	<-entered
	group.Wait()
	if !slices.Equal(applied, []*packet.Env{one, two}) {
		t.Errorf("applied %d environments, expected each once", len(applied))
	}
}

// frames is a Native without faults: everything behind a size, 32 bits of seq.
type frames struct {
	rw    io.ReadWriter
	limit *uint32
}

var errTooLarge = errors.New("too large")

func (frames) Version() (byte, string) { return 'F', "frames" }

func (f frames) Pack(m *Message) error {
	b := binary.BigEndian.AppendUint32(make([]byte, 4), uint32(m.Seq))
	b = append(b, m.Type, m.Codec)
	text := func(s string) { b = append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...) }
	text(m.Uri)
	b = binary.BigEndian.AppendUint32(b, uint32(len(m.Meta)))
	for _, kv := range m.Meta {
		text(kv.Key)
		text(kv.Value)
	}
	b = append(b, m.Body...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	if m.Size = uint32(len(b)); m.Size > *f.limit {
		return errTooLarge
	}
	_, err := f.rw.Write(b)
	return err
}

func (f frames) Unpack(m *Message) error {
	b := make([]byte, 4)
	if _, err := io.ReadFull(f.rw, b); err != nil {
		return err
	}
	if m.Size = binary.BigEndian.Uint32(b); m.Size > *f.limit {
		return errTooLarge
	}
	b = make([]byte, m.Size-4)
	if _, err := io.ReadFull(f.rw, b); err != nil {
		return errors.Join(io.ErrUnexpectedEOF, err)
	}
	number := func() int { n := binary.BigEndian.Uint32(b); b = b[4:]; return int(n) }
	text := func() string { n := number(); s := string(b[:n]); b = b[n:]; return s }
	m.Seq = int32(number())
	m.Type, m.Codec, b = b[0], b[1], b[2:]
	m.Uri = text()
	for range number() {
		m.Meta = append(m.Meta, Pair{text(), text()})
	}
	m.Body = b
	return nil
}

// A Proto behind the adapter that has no fault passes what its fields allow: what fails for erpc is not made here.
func TestHost_AddsNoFault(t *testing.T) {
	limit := uint32(math.MaxUint32)
	h := NewHost(&Host{Register: func(*Filter) {}, SetLimit: func(n uint32) { limit = n }, TooLarge: errTooLarge,
		PipeTooLong: errors.New("never"), Drain: func() {}})
	p := Proto{Name: "frames", New: func(rw io.ReadWriter) Native { return frames{rw, &limit} }}
	var ids []string
	for _, c := range conformance.Select("proto/*") {
		// frames believes its lengths, bounds nothing but the frame, has no pipe and keeps empty metadata.
		if c.ID != seqCase && !matches("meta-nothing-left-out reuse-unpack", c.ID) && matches("roundtrip-* meta-* bind-* body-* stream-* end-clean reuse-* alias-* write-once* concurrent-* limit-read-exact limit-write-exact limit-per-packet version-*", c.ID) &&
			!slices.Contains(c.Features, conformance.FeaturePipe) {
			ids = append(ids, c.ID)
		}
	}
	if len(ids) < 50 {
		t.Fatalf("only %d cases apply", len(ids))
	}
	for _, r := range h.run(context.Background(), p, ids) {
		if r.Verdict.Bad() {
			t.Errorf("%s %s: %s", r.Case, r.Verdict, r.Detail)
		}
	}
}

func TestCompare_UnknownChangedAndStale(t *testing.T) {
	e := entry{"proto/a", "fail", "1", "-", "it fails"}
	changed := e
	changed.verdict = "panic"
	for _, tt := range []struct {
		name  string
		got   []entry
		known map[string]entry
		want  string
	}{
		{"the same", []entry{e}, map[string]entry{e.id: e}, ""},
		{"unknown", []entry{e}, nil, "not known"},
		{"changed", []entry{changed}, map[string]entry{e.id: e}, "differs"},
		{"stale", nil, map[string]entry{e.id: e}, "stale"},
	} {
		got := strings.Join(compare(tt.got, tt.known), "\n")
		if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, expected %q", tt.name, got, tt.want)
		}
	}
}

func TestKnown_WrittenAndRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "known.txt")
	want := []entry{{"proto/a", "fail", "1,2", "fail 2", masked("the first 4 of 699105 bytes\nmore")}, {"proto/b", "panic", "3", "-", masked("Unpack panicked: index 7")}}
	if err := writeKnown(name, want); err != nil {
		t.Fatal(err)
	}
	got, err := readKnown(name)
	if err != nil || len(got) != 2 || got["proto/a"] != want[0] || got["proto/b"] != want[1] {
		t.Errorf("got %v (%v)", got, err)
	}
	if d := got["proto/a"].detail; d != "the first # of # bytes" {
		t.Errorf("the detail is %q", d)
	}
}

// Every finding has its number, requirements that exist, and a test in the modules it is about.
func TestFindings_AreWhole(t *testing.T) {
	for i, f := range Findings() {
		if f.N != i+1 || f.Title == "" || f.What == "" || f.Effect == "" || f.Reqs == "" {
			t.Errorf("finding %d: its number should be %d, and nothing may be empty", f.N, i+1)
		}
		for _, id := range strings.Fields(f.Reqs) {
			if _, ok := spec.Lookup(id); !ok {
				t.Errorf("finding %d: the standard has no %s", f.N, id)
			}
		}
		for _, version := range []string{"6", "7"} {
			if !slices.ContainsFunc(strings.Fields(f.Where), func(w string) bool {
				return !strings.Contains(w, "/") || strings.HasPrefix(w, version)
			}) {
				continue
			}
			name, _, _ := strings.Cut(f.Test, "`")
			if !testExists(t, "../erpcv"+version, name) {
				t.Errorf("finding %d: there is no %s in erpcv%s", f.N, name, version)
			}
		}
	}
}

func testExists(t *testing.T, dir, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), fmt.Sprintf("func %s(t *testing.T)", name)) {
			return true
		}
	}
	return false
}
