package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/spec"
)

func TestProto_FastConforms(t *testing.T) {
	conformance.TestProto(t, fast.New)
}

// The whole battery runs on it in ExampleCheckProto.
func TestProto_LinesConforms(t *testing.T) {
	conformance.TestProto(t, newLines, conformance.Only("14"), conformance.Without(conformance.FeatureMemory))
}

func TestProto_SmallLimits(t *testing.T) {
	conformance.TestProto(t, fast.New, conformance.Only("proto/*"),
		conformance.WithLimits(packet.Limits{MaxPacket: 40_000, MaxPayload: 30_000, MaxUri: 5000, MaxMeta: 8000, MaxMetaPairs: 100}))
}

func TestProto_Parallel(t *testing.T) {
	for _, topic := range []string{"proto/memory-*", "proto/write-*", "proto/stream-*", "proto/alias-*"} {
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			conformance.TestProto(t, fast.New, conformance.Only(topic))
		})
	}
}

func TestCheckProto_WithoutSkips(t *testing.T) {
	r := conformance.CheckProto(t.Context(), fast.New, conformance.Only("proto/pipe-*"), conformance.Only("proto/limit-*"),
		conformance.Only("proto/reuse-*"), conformance.Without(conformance.FeaturePipe))
	skipped := 0
	for _, result := range r.Results {
		if strings.HasPrefix(result.Case, "proto/pipe-") && result.Verdict != conformance.Skipped {
			t.Errorf("%s ran without its feature: %s", result.Case, result.Verdict)
		}
		if result.Verdict == conformance.Skipped {
			skipped++
		}
	}
	if !r.OK() || skipped < 15 || skipped > 40 {
		t.Errorf("%d cases were skipped, OK %v: %+v", skipped, r.OK(), r.Failures())
	}
}

func TestCheckProto_WireOnlyForFast(t *testing.T) {
	r := conformance.CheckProto(t.Context(), newLines, conformance.Only("wire/*"))
	if r.OK() || len(r.Results) != 1 || r.Results[0].Case != "harness/selection" {
		t.Errorf("a Proto that is not fast/1 got the wire battery, or an empty selection passed: %+v", r.Results)
	}
}

func TestCheckProto_ReportIsStable(t *testing.T) {
	var seen []string
	once := func() []string {
		var out []string
		r := conformance.CheckProto(t.Context(), fast.New, conformance.Only("proto/meta-*"), conformance.Only("proto/p*"), conformance.Only("proto/roundtrip-*"), conformance.OnResult(func(r conformance.Result) { seen = append(seen, r.Case) }))
		for _, result := range r.Results {
			out = append(out, result.Case+" "+string(result.Verdict))
		}
		return out
	}
	first, second := once(), once()
	if !slices.Equal(first, second) || len(first) < 20 || !slices.IsSorted(first) {
		t.Errorf("two runs differ, or are not sorted: %d and %d results", len(first), len(second))
	}
	if len(seen) != len(first)+len(second) {
		t.Errorf("OnResult was called %d times for %d cases", len(seen), len(first)+len(second))
	}
}

func TestCases_AreWellFormed(t *testing.T) {
	seen := map[string]bool{}
	protos := 0
	for _, c := range conformance.Cases() {
		if seen[c.ID] {
			t.Errorf("case id %s is used twice", c.ID)
		}
		seen[c.ID] = true
		battery, rest, ok := strings.Cut(c.ID, "/")
		if !ok || rest == "" || !slices.Contains([]string{"proto", "wire", "peer", "interop"}, battery) {
			t.Errorf("case id %q is not <battery>/<name>", c.ID)
		}
		if battery == "proto" {
			protos++
		}
		if strings.ContainsAny(c.Title, "\r\n\t") {
			t.Errorf("the title of %s is not one line: %q", c.ID, c.Title)
		}
		if c.Title == "" || c.Run == nil || len(c.Requirements) == 0 {
			t.Errorf("%s lacks a title, a Run or requirements", c.ID)
		}
		for _, id := range c.Requirements {
			if _, ok := spec.Lookup(id); !ok {
				t.Errorf("%s names the requirement %s, which the standard does not have", c.ID, id)
			}
		}
		if c.Level != conformance.MUST && c.Level != conformance.SHOULD {
			t.Errorf("%s has the level %q", c.ID, c.Level)
		}
	}
	if protos < 55 {
		t.Errorf("the Proto battery has %d cases, at least 55 are promised", protos)
	}
}

// TestCases_CoverTheProtoContract holds the battery to chapter 14: each of its requirements has a case.
func TestCases_CoverTheProtoContract(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range conformance.Cases() {
		if strings.HasPrefix(c.ID, "proto/") {
			for _, id := range c.Requirements {
				covered[id] = true
			}
		}
	}
	all, err := spec.Requirements()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range all {
		if r.Area == "PROTO" && r.Untested == "" {
			n++
			if !covered[r.ID] {
				t.Errorf("no case of the Proto battery tests %s: %s", r.ID, r.Text)
			}
		}
	}
	if n < 28 {
		t.Errorf("the standard has %d requirements on Protos, expected at least 28", n)
	}
}
