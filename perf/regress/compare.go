package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
	"golang.org/x/perf/benchmath"
)

const (
	alpha      = 0.05 // a difference with a smaller p is significant
	confidence = 0.95 // of the intervals of the medians
)

// key is what a row of one side has in common with its row of the other.
type key struct {
	cell harness.Cell
	kind harness.Kind
}

func keyOf(r harness.Row) key {
	c := r.Cell
	c.Calls, c.Warm = 0, 0 // a longer run of the same is the same
	return key{c, r.Kind}
}

// String names a row in a table: "teleport conn 100".
func (k key) String() string {
	c := k.cell
	s := fmt.Sprintf("%s %s %d", c.System, c.Mode, c.Clients)
	if c.Workload != harness.Closed {
		s += " " + string(c.Workload)
	}
	if c.Rate > 0 {
		s += fmt.Sprintf(" %.0f/s", c.Rate)
	}
	if c.Sleepers > 0 {
		s += fmt.Sprintf(" +%d slow", c.Sleepers)
	}
	o := c.Options
	if o.Size > 0 {
		s += fmt.Sprintf(" %dB", o.Size)
	}
	for _, part := range []string{o.Codec, o.Pipe, o.Proto, o.Handler, o.Route} {
		if part != "" {
			s += " " + part
		}
	}
	return s
}

// control says that the row does not run code of ours: it shows how much the
// machine drifted between the sides.
func (k key) control() bool { return k.kind == harness.Floor || k.kind == harness.Rival }

// side is all runs of one commit or file.
type side struct {
	label string
	keys  []key // in the order of the reports
	runs  map[key][]harness.Run
	bad   map[key]string // why a row's figures must not be used
}

func newSide(label string) *side {
	return &side{label: label, runs: map[key][]harness.Run{}, bad: map[key]string{}}
}

// add takes the runs of a report's rows.
func (s *side) add(r harness.Report) {
	for _, row := range r.Rows {
		k := keyOf(row)
		if _, seen := s.runs[k]; !seen {
			s.keys = append(s.keys, k)
		}
		s.runs[k] = append(s.runs[k], row.Runs...)
		if row.Invalid != "" && s.bad[k] == "" {
			s.bad[k] = row.Invalid
		}
	}
}

// comparison is one row of one table.
type comparison struct {
	key      key
	metric   metric
	old, new benchmath.Summary
	test     benchmath.Comparison
}

// compare puts a figure of both sides next to each other, for each row that is
// valid on both.
func compare(old, new *side, m metric) []comparison {
	var out []comparison
	for _, k := range old.keys {
		a, b := sample(old.runs[k], m), sample(new.runs[k], m)
		if len(a.Values) == 0 || len(b.Values) == 0 || old.bad[k] != "" || new.bad[k] != "" {
			continue
		}
		out = append(out, comparison{
			key: k, metric: m,
			old:  summary(a),
			new:  summary(b),
			test: benchmath.AssumeNothing.Compare(a, b),
		})
	}
	return out
}

func sample(runs []harness.Run, m metric) *benchmath.Sample {
	values := make([]float64, 0, len(runs))
	for _, r := range runs {
		values = append(values, m.of(r))
	}
	return benchmath.NewSample(values, &benchmath.Thresholds{CompareAlpha: alpha})
}

// summary is the median with its interval. Below six runs none has 95%
// confidence; then it is the widest there is, with a warning of what it has.
func summary(s *benchmath.Sample) benchmath.Summary {
	out := benchmath.AssumeNothing.Summary(s, confidence)
	if n := len(s.Values); math.IsInf(out.Lo, 0) || math.IsInf(out.Hi, 0) {
		out.Lo, out.Hi = s.Values[0], s.Values[n-1]
		out.Confidence = 1 - math.Pow(2, 1-float64(n))
		out.Warnings = []error{fmt.Errorf("%d rounds: the intervals reach from the least to the greatest and have %.0f%% confidence; 95%% need 6", n, 100*out.Confidence)}
	}
	return out
}

// delta is by how much the median changed, as a share of the old one.
func (c comparison) delta() float64 {
	if c.old.Center == 0 {
		return 0
	}
	return c.new.Center/c.old.Center - 1
}

func (c comparison) significant() bool { return c.test.P < c.test.Alpha }

// worse is by how much, as a share, the new side is worse; less than 0 where it
// is better.
func (c comparison) worse() float64 { return -float64(c.metric.better) * c.delta() }

// slower picks the rows of ours that are significantly worse by more than a
// share, the worst first.
func slower(all []comparison, over float64) []comparison {
	out := slices.DeleteFunc(slices.Clone(all), func(c comparison) bool {
		return c.key.control() || !c.significant() || c.worse() <= over
	})
	slices.SortStableFunc(out, func(a, b comparison) int { return cmp.Compare(b.worse(), a.worse()) })
	return out
}

// broken lists rows of ours that were valid before and are not any more.
func broken(old, new *side) []key {
	var out []key
	for _, k := range old.keys {
		if !k.control() && old.bad[k] == "" && new.bad[k] != "" {
			out = append(out, k)
		}
	}
	return out
}
