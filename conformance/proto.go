package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// TestProto judges the Protos that pf makes, one subtest a case. A MUST case that does not pass fails its
// subtest; a SHOULD case that does not pass is logged. A case that does not apply is skipped.
//
// Cases of one call run one after the other, so that memory can be measured; several calls may run in
// parallel. Run it under `go test -race` too: the cases that pack from many goroutines then have the race
// detector judge as well.
func TestProto(t *testing.T, pf packet.ProtoFunc, opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	c.target.Proto = pf
	testCases(t, protoCases(c), c)
}

// CheckProto judges the Protos that pf makes and reports. It returns when every case has its verdict or ctx
// has ended; cases not judged by then are harness-error. A case that hangs leaves its goroutine behind
// (Report.Abandoned): Go has no way to stop it.
func CheckProto(ctx context.Context, pf packet.ProtoFunc, opts ...Option) *Report {
	c := newConfig(opts)
	c.target.Proto = pf
	cases := protoCases(c)
	if c.run.Target == "" {
		c.run.Target = "Proto " + protoName(pf)
	}
	return c.check(ctx, cases)
}

// check runs the cases, unless the options cannot mean what they say.
func (c *config) check(ctx context.Context, cases []Case) *Report {
	if err := c.unknownFeature(); err != nil {
		return c.undecided("harness/features", "the features left out exist", err)
	}
	if err := runner.Conflict(c.run.Known, c.run.Flaky); err != nil {
		return c.undecided("harness/lists", "the lists do not contradict each other", err)
	}
	r := runner.Run(ctx, cases, c.run)
	c.finish(r, cases)
	return r
}

// undecided is the report of a run that could not begin: one harness-error under a case id of its own.
func (c *config) undecided(id, title string, err error) *Report {
	r := &Report{Target: c.run.Target, Started: time.Now(), Without: c.run.Without}
	r.Add(Result{Case: id, Chapter: runner.ChapterOf(""), Level: MUST, Verdict: HarnessError, Title: title, Detail: err.Error()})
	return r
}

// finish holds the lists against the run: an entry that the run should have come to and did not is stale.
func (c *config) finish(r *Report, cases []Case) {
	var mine func(string) bool
	if len(c.run.Only) == 0 && len(c.run.Without) == 0 {
		mine = Batteries(cases)
	}
	c.run.Known.Finish(r, mine)
	c.run.Flaky.Finish(r, mine)
}

// Batteries gives a function that reports whether a run of these cases answers for an id: it is of one of their
// batteries (those for Protos are one), or of none at all. One list can so serve several checks, and a misspelt id
// is still found out.
func Batteries(cases []Case) func(id string) bool {
	battery := func(id string) string {
		b, _, _ := strings.Cut(id, "/")
		if b == "wire" || b == "interop" {
			return "proto"
		}
		return b
	}
	here, elsewhere := map[string]bool{}, map[string]bool{}
	for _, c := range Cases() {
		elsewhere[battery(c.ID)] = true
	}
	for _, c := range cases {
		here[battery(c.ID)] = true
	}
	return func(id string) bool { return here[battery(id)] || !elsewhere[battery(id)] }
}

// unknownFeature is an error where Without was given a feature that no case needs: a misspelt one must not
// look as if it had been left out.
func (c *config) unknownFeature() error {
	for _, f := range c.run.Without {
		if !slices.Contains(suite.Features(), f) {
			return fmt.Errorf("Without(%q): there is no such feature; there are %q", f, suite.Features())
		}
	}
	return nil
}

// protoCases gives the battery for any Proto, for one that claims to be fast/1, json/1 or pb/1 its golden
// vectors, and for fast/1 the packets recorded from the original.
func protoCases(c *config) []Case {
	cases := suite.ProtoCases(&c.target)
	if name := suite.Claims(c.target.Proto); name != "" {
		cases = append(cases, suite.WireCasesFor(&c.target, name)...)
	}
	if suite.ClaimsFast(c.target.Proto) {
		cases = append(cases, suite.InteropCases(&c.target)...)
	}
	return cases
}

// protoName names a Proto after its Version; a Proto that panics there is judged by a case, not here.
func protoName(pf packet.ProtoFunc) (name string) {
	defer func() {
		if recover() != nil {
			name = "without a Version"
		}
	}()
	id, name := pf(&bytes.Buffer{}).Version()
	return fmt.Sprintf("%s (id %#02x)", name, id)
}

// testCases runs the selected cases as subtests.
func testCases(t *testing.T, cases []Case, c *config) {
	t.Helper()
	if err := errors.Join(c.unknownFeature(), runner.Conflict(c.run.Known, c.run.Flaky)); err != nil {
		t.Fatal(err)
	}
	r := &Report{}
	selected := runner.Select(cases, c.run.Only)
	if len(selected) == 0 {
		t.Fatalf("no conformance case matches %q", c.run.Only)
	}
	abandoned := 0
	for _, one := range selected {
		t.Run(one.ID, func(t *testing.T) {
			result, hung := runner.RunCase(t.Context(), one, c.run, abandoned)
			if hung {
				abandoned++
			}
			if c.run.OnResult != nil {
				c.run.OnResult(result)
			}
			r.Add(result)
			tell(t, result)
		})
	}
	if len(r.Results) < len(selected) {
		return // -run of the testing package left cases out: nothing can be said about those
	}
	c.finish(r, cases)
	for _, stale := range r.Stale {
		t.Errorf("stale: %s: %s", stale.Case, stale.Why)
	}
}

// tell gives a verdict to the testing package.
func tell(t *testing.T, result Result) {
	switch {
	case result.Mark == runner.MarkStale:
		t.Errorf("stale: %s\n%s", result.Note, strings.TrimRight(report.Failure(result), "\n"))
	case result.Verdict == Skipped:
		t.Skip(result.Detail)
	case result.Verdict.Bad() && result.Mark == runner.MarkKnown:
		t.Skipf("a known failure:\n%s", report.Failure(result))
	case result.Verdict == Pass && result.Note != "":
		t.Log(result.Note)
	case result.Verdict.Bad() && result.Level == SHOULD:
		t.Logf("a SHOULD case does not pass (the test goes on):\n%s", report.Failure(result))
	case result.Verdict.Bad():
		t.Errorf("\n%s", strings.TrimRight(report.Failure(result), "\n"))
	}
}
