package suite

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/vectors"
)

// FeatureInterop marks the packets recorded from the original.
const FeatureInterop runner.Feature = "interop"

// recorded is one packet as the original wrote it; see vectors/interop/README.md.
type recorded struct {
	Name      string         `json:"name"`
	Seq       string         `json:"seq"`
	Ptype     int            `json:"ptype"`
	Uri       vectors.Bytes  `json:"uri"`
	Meta      []vectors.Pair `json:"meta"`
	BodyCodec int            `json:"body_codec"`
	Body      string         `json:"body"`
	Pipe      vectors.Pipe   `json:"pipe"`
	Canonical bool           `json:"canonical"`
	Wire      string         `json:"wire"`
	PackError string         `json:"pack_error"`
	Malformed bool           `json:"malformed"`
}

// InteropCases gives the packets recorded from the original as cases for a Proto that claims fast/1: each
// decodes to its fields, and a canonical one is written byte for byte as the original wrote it.
func InteropCases(tg *Target) []runner.Case {
	raw, err := fs.ReadFile(vectors.FS(), "interop/fast-original.json")
	if err != nil {
		return []runner.Case{unreadable(err)}
	}
	var file struct {
		Cases []recorded `json:"cases"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return []runner.Case{unreadable(err)}
	}
	var out []runner.Case
	for _, r := range file.Cases {
		if r.PackError != "" { // the original wrote nothing
			continue
		}
		out = append(out, r.testCase(tg))
	}
	return out
}

// unreadable stands for all recorded packets when the judge cannot read them.
func unreadable(err error) runner.Case {
	return runner.Case{ID: "interop/recordings", Requirements: []string{"TP-FAST-002"}, Title: "the recorded packets can be read",
		Run: func(_ context.Context, t *runner.T) { t.Harnessf("the recorded packets: %v", err) }}
}

func (r recorded) testCase(tg *Target) runner.Case {
	c := runner.Case{
		ID:           "interop/" + r.Name,
		Requirements: []string{"TP-FAST-002"},
		Level:        runner.MUST,
		Title:        "a packet recorded from the original decodes to its fields",
		Features:     []runner.Feature{FeatureWire, FeatureInterop},
	}
	switch {
	case r.Malformed:
		c.Title = "a frame that the original got wrong is refused"
		c.Requirements = []string{"TP-FAST-005"}
		c.Run = func(_ context.Context, t *runner.T) { r.refused(newBench(tg, t)) }
		return c
	case len(r.Pipe) > 0:
		c.Requirements = append(c.Requirements, "TP-XFER-003", "TP-XFER-015")
	case r.Canonical:
		c.Title += ", and is written as the original wrote it"
		c.Requirements = append(c.Requirements, "TP-FAST-015")
	}
	c.Run = func(_ context.Context, t *runner.T) { r.run(newBench(tg, t)) }
	return c
}

// expect gives the packet's fields, and whether metadata holds a pair that the wire cannot carry.
func (r recorded) expect(b *bench) (s sample, wire []byte, emptyPair bool) {
	wire, err := hex.DecodeString(r.Wire)
	b.must(err, "reading the recorded wire")
	body, err := hex.DecodeString(r.Body)
	b.must(err, "reading the recorded body")
	seq, err := strconv.ParseUint(r.Seq, 10, 64)
	b.must(err, "reading the recorded seq")
	uri, err := r.Uri.Expand()
	b.must(err, "reading the recorded uri")
	s = sample{seq: seq, ptype: byte(r.Ptype), uri: string(uri), codec: byte(r.BodyCodec), body: body, pipe: r.Pipe}
	for _, p := range r.Meta {
		k, err := p.Key.Expand()
		b.must(err, "reading the recorded metadata")
		v, err := p.Value.Expand()
		b.must(err, "reading the recorded metadata")
		if len(k)+len(v) == 0 {
			emptyPair = true
			continue
		}
		s.meta = append(s.meta, pair{string(k), string(v)})
	}
	return s, wire, emptyPair
}

func (r recorded) run(b *bench) {
	s, wire, emptyPair := r.expect(b)
	p := b.open(&stream{in: wire}).unpackWant(s, "the recorded packet")
	if int(p.Size()) != len(wire) {
		b.Errorf("expected the size %d, got %d", len(wire), p.Size())
	}
	if !r.Canonical || emptyPair {
		return
	}
	if got := b.frame(s); !bytes.Equal(got, wire) {
		b.Diff("the frame", wire, got, report.Frames(wire))
		b.Errorf("Pack does not write what the original wrote:\n%s", report.HexDiff(wire, got, nil))
	}
}

func (r recorded) refused(b *bench) {
	_, wire, _ := r.expect(b)
	p := b.blank()
	if err := b.open(&stream{in: wire}).Unpack(p); err == nil {
		b.Errorf("Unpack took a frame of which the original wrote a wrong filter count: %s", brief(p))
	}
}
