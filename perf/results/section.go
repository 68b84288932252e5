package main

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/harness/report"
	"github.com/henrylee2cn/teleport/perf/profiles"
)

// section writes what stands between the markers of the README. link is the
// result's folder as seen from there.
func section(r *result, link string) string {
	if r == nil {
		return "No results are committed yet.\n"
	}
	var b strings.Builder
	tables := r.reports[0]
	if with, ok := has(r.reports, peer, "conn"); ok {
		tables = with
	}
	writeHead(&b, tables, r.reports, link)
	for _, system := range []string{peer, "teleport/socket"} {
		if with, ok := has(r.reports, system, "conn"); ok {
			writeSeedTable(&b, with, system)
		}
	}
	writeRatios(&b, r.reports)
	if p := picture(r.pictures); p != "" {
		fmt.Fprintf(&b, "\n![%s](%s)\n", alt(path.Base(p)), path.Join(link, p))
	}
	writeBars(&b, r.bars)
	return b.String()
}

// picture chooses the one that is shown: a shared connection is where systems
// differ most.
func picture(all []string) string {
	for _, want := range []string{"tps-shared1.svg", "tps-conn.svg"} {
		for _, p := range all {
			if path.Base(p) == want {
				return p
			}
		}
	}
	return ""
}

func alt(picture string) string {
	mode := strings.TrimSuffix(strings.TrimPrefix(picture, "tps-"), ".svg")
	for _, m := range modes {
		if string(m.mode) == mode {
			return "Throughput against concurrency, " + m.text
		}
	}
	return "Throughput against concurrency"
}

// origin says when, where and of what a report is.
func origin(r harness.Report) string {
	e := r.Env
	commit := e.Commit
	if len(commit) > 12 {
		commit = commit[:12]
	}
	if e.Dirty {
		commit += " and changes to it"
	}
	return fmt.Sprintf("%s, %s: %s, %d cores, %.0f GiB, %s %s, %s, commit %s", r.Started.UTC().Format("2006-01-02"), where(e),
		or(e.CPU, "a CPU nobody knows"), e.Cores, float64(e.Memory)/(1<<30), e.OS, e.Kernel, e.Go, commit)
}

// writeHead says what was measured, how and where, what is of another run than
// the tables, and what the figures of 2018 may be compared with.
func writeHead(b *strings.Builder, r harness.Report, others []harness.Report, link string) {
	e := r.Env
	rounds, calls := 0, 0
	for _, row := range r.Rows {
		if plain(row) {
			rounds, calls = max(rounds, len(row.Runs)), max(calls, row.Calls)
		}
	}
	fmt.Fprintf(b, "Measured on %s. ", origin(r))
	fmt.Fprintf(b, "Protobuf messages of 581 bytes, a closed loop, %s calls a row, medians of %s. ", thousands(calls), count(rounds, "interleaved round"))
	fmt.Fprintf(b, "All figures, latencies, CPU, memory and pictures: [%s](%s).\n", filepath.Base(link), link)
	for _, o := range others {
		if origin(o) != origin(r) && slices.ContainsFunc(o.Rows, plain) {
			fmt.Fprintf(b, "\nRows that this run lacks, and the bars, are of another: %s.\n", origin(o))
		}
	}

	target := profiles.Target()
	if ok, _ := target.Match(e); ok {
		fmt.Fprintf(b, "\nThis is %s.\n", target.Label(e))
		return
	}
	fmt.Fprintf(b, "\nThe last column is what the original published in January 2018, of [another machine](perf/profiles/README.md) with %d cores; only what was measured in the same run can be compared.\n", target.Machine.Cores)
}

func where(e harness.Env) string {
	if e.Host != "" {
		return "the server on another host"
	}
	return "server and client as two processes on one machine"
}

// writeSeedTable writes a table in the form of the design document, with the
// 99th percentile and the published throughput added.
func writeSeedTable(b *strings.Builder, r harness.Report, system string) {
	rows := points(r, system, "conn")
	fmt.Fprintf(b, "\n- %s\n\n", system)
	b.WriteString("client concurrency | mean(ms) | median(ms) | p99(ms) | max(ms) | min(ms) | throughput(TPS) | published 2018 (TPS)\n")
	b.WriteString("---|---|---|---|---|---|---|---\n")
	for _, old := range report.Seed[system] {
		row, measured := rows[old.Clients]
		switch s := row.Summary; {
		case !measured:
		case row.Invalid != "":
			fmt.Fprintf(b, "%d | not valid: %s | | | | | | %d\n", old.Clients, cell(row.Invalid), old.TPS)
		default:
			fmt.Fprintf(b, "%d | %.3f | %.3f | %.3f | %.3f | %.3f | %.0f | %d\n",
				old.Clients, s.Mean.Median, s.Median.Median, s.P99.Median, s.Max, s.Min, s.TPS.Median, old.TPS)
		}
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// thousands groups the digits of a whole number.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
