package conformance

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

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
		r := &Report{Target: c.run.Target}
		r.Add(Result{Case: "harness/features", Level: MUST, Verdict: HarnessError, Detail: err.Error()})
		return r
	}
	return runner.Run(ctx, cases, c.run)
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
	if err := c.unknownFeature(); err != nil {
		t.Fatal(err)
	}
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
			tell(t, result)
		})
	}
}

// tell gives a verdict to the testing package.
func tell(t *testing.T, result Result) {
	switch {
	case result.Verdict == Skipped:
		t.Skip(result.Detail)
	case result.Verdict.Bad() && result.Level == SHOULD:
		t.Logf("a SHOULD case does not pass (the test goes on):\n%s", report.Failure(result))
	case result.Verdict.Bad():
		t.Errorf("\n%s", strings.TrimRight(report.Failure(result), "\n"))
	}
}
