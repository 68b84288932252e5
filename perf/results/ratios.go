package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

const peer = "teleport"

// writeRatios compares the peer with every floor and rival that was measured in
// the same run, the floors first and each group in the order of the report.
func writeRatios(b *strings.Builder, r harness.Report) {
	var columns []int // of modes
	for i, m := range modes {
		if len(points(r, peer, m.mode)) > 0 {
			columns = append(columns, i)
		}
	}
	lines := ratioLines(r, columns)
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

func ratioLines(r harness.Report, columns []int) []string {
	var lines []string
	for _, kind := range []harness.Kind{harness.Floor, harness.Rival} {
		for _, s := range systems(r, kind) {
			line, any := "| "+title(s), false
			for _, i := range columns {
				text := ratioText(ratio(r, peer, s.System, modes[i].mode))
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

func ratioText(mean, least, most float64, n, of int) string {
	switch {
	case of == 0:
		return ""
	case n == 0:
		return "not valid"
	}
	text := fmt.Sprintf("%.2f (%.2f to %.2f)", mean, least, most)
	if n < of {
		text += fmt.Sprintf(", at %d of %d", n, of)
	}
	return text
}

// systems has one row of each system of a kind that has plain rows.
func systems(r harness.Report, kind harness.Kind) []harness.Row {
	var out []harness.Row
	for _, row := range r.Rows {
		if row.Kind == kind && plain(row) && !slices.ContainsFunc(out, func(o harness.Row) bool { return o.System == row.System }) {
			out = append(out, row)
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
