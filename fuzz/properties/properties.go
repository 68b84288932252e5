package properties

import (
	"errors"
	"fmt"
	"hash/fnv"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Proto holds the Protos that pf makes to the laws ([Laws]), one subtest a law. A law that is broken fails its subtest,
// with the smallest packet that shows it and the line that replays it; one that does not apply is skipped.
// The seed of each law is logged.
//
// pf must make Protos that have nothing to do with each other. Laws run one after the other; several calls of
// Proto may run in parallel. What a law cannot survive is a call that never returns: then the time limit of
// `go test` ends the run.
func Proto(t *testing.T, pf packet.ProtoFunc, opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	if err := errors.Join(c.errs...); err != nil {
		t.Fatal(err)
	}
	for _, l := range c.laws() {
		t.Run(l.name, func(t *testing.T) {
			r := c.check(pf, l)
			switch {
			case r.Skipped != "":
				t.Skip(r.Skipped)
			case !r.OK():
				t.Errorf("%s\nto replay: %s", r.Detail, replay(t.Name(), c))
			default:
				t.Logf("%d tests, seed %d", r.Tests, c.seed)
			}
		})
	}
}

// Check is [Proto] outside of tests: it gives a result for each law. The error says that the options, or the
// environment, cannot mean what they say; nothing has been judged then.
func Check(pf packet.ProtoFunc, opts ...Option) ([]Result, error) {
	c := newConfig(opts)
	if err := errors.Join(c.errs...); err != nil {
		return nil, err
	}
	var out []Result
	for _, l := range c.laws() {
		out = append(out, c.check(pf, l))
	}
	return out, nil
}

// Result is the outcome of one law.
type Result struct {
	Law     string // its name
	Seed    int64  // what [WithSeed] takes to have the same run again
	Tests   int    // tests that passed
	Wanted  int    // tests that had to pass
	Skipped string // why the law does not apply; "" where it does
	Detail  string // what broke the law, for people; "" where nothing did
}

// OK reports whether nothing broke the law.
func (r Result) OK() bool { return r.Detail == "" }

// laws gives the laws that Only selects.
func (c *config) laws() []law {
	if len(c.only) == 0 {
		return laws
	}
	return slices.DeleteFunc(slices.Clone(laws), func(l law) bool { return !slices.Contains(c.only, l.name) })
}

// check holds Protos to one law.
func (c *config) check(pf packet.ProtoFunc, l law) (r Result) {
	r = Result{Law: l.name, Seed: c.seed, Wanted: c.tests}
	for _, f := range l.features {
		if c.lacks(f) {
			r.Skipped = fmt.Sprintf("needs the feature %q, which was left out", f)
			return r
		}
	}
	defer func() {
		if p := recover(); p != nil { // gopter catches what happens inside a test
			r.Detail = fmt.Sprintf("law %s: panic when a Proto was made: %v\n%s", l.name, p, debug.Stack())
		}
	}()
	b, err := newBench(pf, c)
	if err != nil {
		r.Detail = err.Error()
		return r
	}
	if r.Skipped = l.applies(b); r.Skipped != "" {
		return r
	}
	parameters := gopter.DefaultTestParametersWithSeed(lawSeed(c.seed, l.name))
	parameters.MinSuccessfulTests = c.tests
	parameters.MaxShrinkCount = maxShrinks
	out := l.prop(b).Check(parameters)
	r.Tests = out.Succeeded
	if !out.Passed() {
		r.Detail = l.broken(out)
	}
	return r
}

// maxShrinks bounds how often a value that breaks a law is replaced by a smaller one.
const maxShrinks = 300

// lawSeed mixes a run's seed with a law's name, so that a law draws the same whichever others run before it.
func lawSeed(seed int64, name string) int64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return seed ^ int64(h.Sum64()>>1)
}

// broken tells how a law was broken.
func (l law) broken(out *gopter.TestResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "law %s: %s %s\n  broken after %d tests", l.name, l.title, l.requirements, out.Succeeded)
	if out.Status == gopter.TestExhausted {
		fmt.Fprintf(&b, ": %d of the values drawn could not be used", out.Discarded)
	}
	for _, label := range out.Labels {
		b.WriteString("\n  " + strings.ReplaceAll(label, "\n", "\n  "))
	}
	if out.Error != nil {
		fmt.Fprintf(&b, "\n  %v\n%s", out.Error, out.ErrorStack)
	}
	for i, a := range out.Args {
		fmt.Fprintf(&b, "\n  argument %d, shrunk %d times: %s", i+1, a.Shrinks, a.ArgFormatted)
		if a.Shrinks > 0 {
			fmt.Fprintf(&b, "\n    it was: %s", a.OrigArgFormatted)
		}
	}
	return b.String()
}

// replay gives the line that runs a failed subtest again, with the same seed and number of tests.
func replay(test string, c *config) string {
	parts := strings.Split(test, "/")
	for i := range parts {
		parts[i] = "^" + parts[i] + "$"
	}
	where := "."
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasSuffix(info.Path, ".test") {
		where = strings.TrimSuffix(info.Path, ".test")
	}
	return fmt.Sprintf("%s=%d %s=%d go test -count=1 -run '%s' %s", envSeed, c.seed, envTests, c.tests, strings.Join(parts, "/"), where)
}
