package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

const peer = "teleport"

// writeRatios compares the peer with every floor and rival that was measured in
// the same run, the floors first, in the order of the reports.
func writeRatios(b *strings.Builder, reports []harness.Report) {
	var columns []int // of modes
	for i, m := range modes {
		if _, ok := has(reports, peer, m.mode); ok {
			columns = append(columns, i)
		}
	}
	lines := ratioLines(reports, columns)
	if len(lines) == 0 {
		return
	}
	b.WriteString("\nThroughput of the peer as a multiple of others' in the same run: geometric means over the concurrencies, in brackets the least and the greatest.\n\n|")
	for _, i := range columns {
		b.WriteString(" | " + modes[i].text)
	}
	b.WriteString(" |\n|---" + strings.Repeat("|---", len(columns)) + "|\n")
	for _, l := range lines {
		b.WriteString(l)
	}
}

func ratioLines(reports []harness.Report, columns []int) []string {
	var lines []string
	for _, kind := range []harness.Kind{harness.Floor, harness.Rival} {
		for _, s := range systems(reports, kind) {
			line, any := "| "+title(s), false
			for _, i := range columns {
				text := compare(reports, peer, s.System, modes[i].mode).String()
				any = any || text != ""
				line += " | " + text
			}
			if any {
				lines = append(lines, line+" |\n")
			}
		}
	}
	return lines
}

func (c comparison) String() string {
	switch {
	case c.of == 0:
		return ""
	case c.valid == 0:
		return "not valid"
	}
	text := fmt.Sprintf("%.2f (%.2f to %.2f)", c.mean, c.least, c.most)
	if c.valid < c.of {
		text += fmt.Sprintf(", at %d of %d", c.valid, c.of)
	}
	return text
}

// systems has one row of each system of a kind that has plain rows.
func systems(reports []harness.Report, kind harness.Kind) []harness.Row {
	var out []harness.Row
	for _, r := range reports {
		for _, row := range r.Rows {
			if row.Kind == kind && plain(row) && !slices.ContainsFunc(out, func(o harness.Row) bool { return o.System == row.System }) {
				out = append(out, row)
			}
		}
	}
	return out
}

// title names a system with its version; a floor's is Go's, which the head has.
func title(r harness.Row) string {
	if r.Kind == harness.Floor {
		return "floor: " + r.System
	}
	return strings.TrimSpace(r.System + " " + r.Release)
}
