package suite

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
	"github.com/henrylee2cn/teleport/vectors"
)

// WireCases gives the wire battery: every golden vector as a case, `wire/<vector id>`. A Proto is judged by
// those of WireCasesFor.
func WireCases(tg *Target) []runner.Case {
	return wireCases(tg, func(vectors.Case) bool { return true })
}

// WireCasesFor gives the golden vectors for a Proto that claims that name (Claims). A vector that decodes is
// run through Unpack and, where the Proto is a packet.Framer, through its methods too; one that encodes
// through Pack. Should the vectors not load, the battery is one case that ends in harness-error.
func WireCasesFor(tg *Target, proto string) []runner.Case {
	return wireCases(tg, func(v vectors.Case) bool { return v.ProtoName() == proto })
}

func wireCases(tg *Target, judges func(vectors.Case) bool) []runner.Case {
	all, err := vectors.All()
	if err != nil {
		return []runner.Case{{
			ID: "wire/vectors", Requirements: []string{"TP-FAST-001"}, Title: "the golden vectors load",
			Features: []runner.Feature{FeatureWire},
			Run:      func(_ context.Context, t *runner.T) { t.Harnessf("%v", err) },
		}}
	}
	out := make([]runner.Case, 0, len(all))
	for _, v := range all {
		if !judges(v) {
			continue
		}
		out = append(out, runner.Case{
			ID:           "wire/" + v.ID,
			Requirements: slices.Clone(v.Reqs),
			Level:        runner.MUST,
			Title:        oneLine(v.Comment),
			Features:     append([]runner.Feature{FeatureWire}, filterFeatures(v.Filters)...),
			Run:          func(_ context.Context, t *runner.T) { newWireBench(tg, t, v).judge() },
		})
	}
	return out
}

// wireBench is the workbench of one vector.
type wireBench struct {
	*bench
	v    vectors.Case
	wire []byte
	want []sample // the packets to be decoded, in order
	size []int    // their sizes on the wire; 0 where the vector does not say

	faults map[*packet.Packet]error // of the bodies that a testee has decoded; nil where the suite binds them
}

func newWireBench(tg *Target, t *runner.T, v vectors.Case) *wireBench {
	w := &wireBench{bench: newBench(tg, t), v: v}
	// What a vector calls unknown must be unknown: only the standard's filters, not those of the suite.
	gzip, err := w.filters.Get('g')
	w.must(err, "finding gzip")
	w.filters = xfer.NewRegistry(nil)
	w.must(w.filters.Add(gzip), "registering gzip")
	w.offer(v.Filters)
	l := v.EffectiveLimits()
	w.env = w.envWith(packet.Limits{
		MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs,
	})
	w.wire, err = v.WireBytes()
	w.must(err, "expanding the wire")
	packets := v.Packets
	if v.Packet != nil {
		packets = []vectors.Packet{*v.Packet}
	}
	for _, p := range packets {
		s, err := sampleOf(p)
		w.must(err, "reading the packet")
		w.want, w.size = append(w.want, s), append(w.size, p.Size)
	}
	return w
}

// judge does what the vector's kind says. A quirk is run for its crashes only.
func (w *wireBench) judge() {
	switch w.v.Kind {
	case vectors.KindDecode, vectors.KindStream:
		w.decode()
	case vectors.KindEncode:
		w.encode()
	case vectors.KindRoundtrip:
		w.decode()
		w.encode()
	default:
		w.Harnessf("vector of kind %q, which this suite does not know", w.v.Kind)
	}
}

// quirk reports whether no verdict of the Proto can be wrong.
func (w *wireBench) quirk() bool { return w.v.Result == vectors.Quirk }

func sampleOf(p vectors.Packet) (sample, error) {
	s := sample{ptype: byte(p.Ptype), codec: byte(p.BodyCodec), pipe: slices.Clone([]byte(p.Pipe))}
	var err error
	if s.seq, err = parseSeq(p.Seq); err != nil {
		return s, err
	}
	text := func(b vectors.Bytes) []byte {
		out, e := b.Expand()
		if e != nil && err == nil {
			err = e
		}
		return out
	}
	s.uri = string(text(p.Uri))
	for _, kv := range p.Meta {
		s.meta = append(s.meta, pair{string(text(kv.Key)), string(text(kv.Value))})
	}
	s.body = text(p.Body)
	return s, err
}

// oneLine shows control characters of a text by their escapes, so that a list of cases has a line for each.
func oneLine(s string) string {
	if !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if unicode.IsControl(c) {
			b.WriteString(strings.Trim(strconv.QuoteRune(c), "'"))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}
