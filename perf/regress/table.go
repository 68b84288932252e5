package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// writeTable prints one figure as benchstat does: medians with the width of
// their 95% confidence interval, the change, or ~ where it may be chance.
func writeTable(w io.Writer, old, new *side, list []comparison) {
	if len(list) == 0 {
		return
	}
	m := list[0].metric
	better := "more is better"
	if m.better < 0 {
		better = "less is better"
	}
	fmt.Fprintf(w, "\n%s (%s)\n", m.title, better)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "\t%s\t\t%s\t\tchange\t\n", old.label, new.label)
	var ours, controls []float64
	for _, c := range list {
		change := c.test.FormatDelta(c.old.Center, c.new.Center)
		fmt.Fprintf(t, "%s\t%s\t± %s\t%s\t± %s\t%s\t(%s)%s\n", c.key, m.text(c.old.Center), c.old.PctRangeString(),
			m.text(c.new.Center), c.new.PctRangeString(), change, c.test, mark(c))
		if c.old.Center > 0 && c.new.Center > 0 {
			if r := c.new.Center / c.old.Center; c.key.control() {
				controls = append(controls, r)
			} else {
				ours = append(ours, r)
			}
		}
	}
	writeMean(t, "geometric mean, ours", ours)
	writeMean(t, "geometric mean, controls", controls)
	t.Flush()
}

func writeMean(t io.Writer, name string, ratios []float64) {
	if len(ratios) > 1 {
		fmt.Fprintf(t, "%s\t\t\t\t\t%+.2f%%\t\n", name, 100*(harness.GeometricMean(ratios)-1))
	}
}

// mark says what a reader must know about a row.
func mark(c comparison) string {
	switch {
	case c.key.control():
		return " control"
	case c.significant() && c.worse() > 0:
		return " worse"
	case c.significant() && c.worse() < 0:
		return " better"
	}
	return ""
}

// writeNotes prints what the tables leave out, and what the statistics warn of,
// each once.
func writeNotes(w io.Writer, old, new *side, all []comparison) {
	var notes []string
	note := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !slices.Contains(notes, s) {
			notes = append(notes, s)
		}
	}
	for _, c := range all {
		for _, list := range [][]error{c.old.Warnings, c.new.Warnings, c.test.Warnings} {
			for _, err := range list {
				if !strings.Contains(err.Error(), "equal") { // all runs agree: nothing to warn of
					note("%v", err)
				}
			}
		}
	}
	for _, s := range []*side{old, new} {
		other := new
		if s == new {
			other = old
		}
		for _, k := range s.keys {
			if s.bad[k] != "" {
				note("not valid in %s: %s: %s", s.label, k, s.bad[k])
			}
			if _, there := other.runs[k]; !there {
				note("only in %s: %s", s.label, k)
			}
		}
	}
	if len(notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, s := range notes {
		fmt.Fprintln(w, "note:", s)
	}
}
