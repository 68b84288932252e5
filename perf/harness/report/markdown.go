package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/profiles"
)

// Markdown writes the tables: those of the original's form, then ratios, then everything else.
func Markdown(r harness.Report) string {
	var b strings.Builder
	head(&b, r)
	gs := groups(r.Rows)
	for _, g := range gs {
		for _, s := range g.systems() {
			if rows := g.of(s); g.cell.Workload == harness.Closed && (rows[0].Kind == harness.Peer || rows[0].Kind == harness.Socket) {
				classic(&b, s, g.cell, rows)
			}
		}
	}
	for _, g := range gs {
		ratios(&b, g)
	}
	for _, g := range gs {
		absolute(&b, g)
	}
	invalid(&b, r.Rows)
	return b.String()
}

func head(b *strings.Builder, r harness.Report) {
	e := r.Env
	fmt.Fprintf(b, "# %s\n\n", cmp.Or(r.Title, "Speed"))
	rows := [][2]string{
		{"run", fmt.Sprintf("%s, %s", r.Started.UTC().Format("2006-01-02 15:04 MST"), r.Ended.Sub(r.Started).Round(time.Second))},
		{"command", "`" + r.Command + "`"},
		{"machine", fmt.Sprintf("%s, %d cores, %.1f GiB; server and client are two processes", e.CPU, e.Cores, float64(e.Memory)/(1<<30))},
		{"system", fmt.Sprintf("%s %s, %s, %d open files", e.OS, e.Kernel, e.Go, e.MaxFile)},
		{"commit", commit(e)},
	}
	if e.Host != "" {
		rows = append(rows, [2]string{"server", "on " + e.Host + "; its CPU and memory are that machine's"})
	}
	if r.Profile != "" {
		rows = append(rows, [2]string{"profile", profile(r)})
	}
	b.WriteString("| | |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", row[0], escape(row[1]))
	}
	fmt.Fprint(b, "\nFigures are medians over the rounds; every reply was compared with its request. Ratios are the result: absolute figures are this machine's.\n")
}

func profile(r harness.Report) string {
	if len(r.ProfileDiffers) == 0 {
		if p, err := profiles.Get(r.Profile); err == nil {
			return p.Label(r.Env) // with what cannot be the same any more
		}
		return r.Profile
	}
	return fmt.Sprintf("%s was asked for, but these are not its figures: %s", r.Profile, strings.Join(r.ProfileDiffers, "; "))
}

func commit(e harness.Env) string {
	if e.Dirty {
		return e.Commit + " and changes to it"
	}
	return e.Commit
}

// escape keeps a text within its cell of a table.
func escape(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

// classic is a table in the original's own form, its published figures behind ours.
func classic(b *strings.Builder, system string, c harness.Cell, rows []harness.Row) {
	_, published := Seed[system]
	published = published && c.Mode == "conn" && c.Options == harness.Options{}
	fmt.Fprintf(b, "\n- %s (%s)\n\n", system, Title(c))
	line, rule := "client concurrency | mean(ms) | median(ms) | max(ms) | min(ms) | throughput(TPS) | p99(ms) | p99.9(ms) |", "---|---|---|---|---|---|---|---|"
	if published {
		line += " 2018: mean(ms) | median(ms) | max(ms) | min(ms) | throughput(TPS) |"
		rule += "---|---|---|---|---|"
	}
	fmt.Fprintf(b, "%s\n%s\n", line, rule)
	for _, r := range rows {
		s := r.Summary
		if r.Invalid != "" {
			fmt.Fprintf(b, "%d | not valid: %s |", r.Clients, escape(r.Invalid))
		} else {
			fmt.Fprintf(b, "%d | %.3f | %.3f | %.3f | %.3f | %.0f | %.3f | %.3f |", r.Clients,
				s.Mean.Median, s.Median.Median, s.Max, s.Min, s.TPS.Median, s.P99.Median, s.P999.Median)
		}
		if old, ok := seedRow(system, r.Clients); ok && published && r.Invalid == "" {
			fmt.Fprintf(b, " %d | %d | %d | %d | %d |", old.Mean, old.Median, old.Max, old.Min, old.TPS)
		}
		b.WriteString("\n")
	}
	if published {
		b.WriteString("\nThe figures of 2018 are the original's own, of January 2018 on another machine with 16 cores (`perf/profiles`): they stand here for the form, not to be compared.\n")
	}
}

// base of a group's ratios: the floor that comes first in it, else its first system.
func (g group) base() string {
	for _, r := range g.rows {
		if r.Kind == harness.Floor {
			return r.System
		}
	}
	return g.rows[0].System
}

func ratios(b *strings.Builder, g group) {
	systems, clients, base := g.systems(), g.clients(), g.base()
	if len(systems) < 2 || g.cell.Workload == harness.Idle {
		return
	}
	fmt.Fprintf(b, "\n## Ratios: %s\n\nThroughput as a multiple of %s, in the same rounds; in brackets the least and the greatest of the rounds.\n\n| |", Title(g.cell), base)
	for _, c := range clients {
		fmt.Fprintf(b, " %d |", c)
	}
	fmt.Fprintf(b, " geometric mean |\n|---|%s---|\n", strings.Repeat("---|", len(clients)))
	for _, s := range systems {
		fmt.Fprintf(b, "| %s |", s)
		var medians []float64
		for _, c := range clients {
			e, ok := harness.Ratio(g.rows, s, base, c)
			if !ok {
				b.WriteString(" |")
				continue
			}
			medians = append(medians, e.Median)
			fmt.Fprintf(b, " %.2f (%.2f-%.2f) |", e.Median, e.Min, e.Max)
		}
		if len(medians) < len(clients) {
			fmt.Fprintf(b, " |\n")
			continue
		}
		fmt.Fprintf(b, " %.2f |\n", harness.GeometricMean(medians))
	}
}

func absolute(b *strings.Builder, g group) {
	fmt.Fprintf(b, "\n## Figures: %s\n\n", Title(g.cell))
	if g.cell.Workload == harness.Idle {
		idle(b, g)
		return
	}
	b.WriteString("| system | clients | TPS (least-greatest) | 95% of the median | mean / median / p99 / p99.9 / max ms | CPU us a call, server / client | allocations, server / client | bytes, server / client | RSS MB, server / client | conformance |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range g.rows {
		s := r.Summary
		name := r.System
		if r.Invalid != "" {
			name += " (not valid)"
		}
		fmt.Fprintf(b, "| %s | %d | %.0f (%.0f-%.0f) | %.0f-%.0f | %.3f / %.3f / %.3f / %.3f / %.3f | %.1f / %.1f | %.1f / %.1f | %.0f / %.0f | %.0f / %.0f | %s |\n",
			name, r.Clients, s.TPS.Median, s.TPS.Min, s.TPS.Max, s.TPS.Low, s.TPS.High,
			s.Mean.Median, s.Median.Median, s.P99.Median, s.P999.Median, s.Max,
			s.Server.CPU, s.Client.CPU, s.Server.Allocs, s.Client.Allocs, s.Server.Bytes, s.Client.Bytes,
			float64(s.Server.RSS)/1e6, float64(s.Client.RSS)/1e6, escape(r.Verdict))
	}
	slow(b, g)
}

// slow lists what the sleepers of a mixed group had.
func slow(b *strings.Builder, g group) {
	if g.cell.Workload != harness.Mixed {
		return
	}
	b.WriteString("\nThe slow calls beside them, of the last round:\n\n| system | calls | median / p99 / max ms |\n|---|---|---|\n")
	for _, r := range g.rows {
		if n := len(r.Runs); n > 0 && r.Runs[n-1].Slow != nil {
			l := r.Runs[n-1].Slow
			fmt.Fprintf(b, "| %s | %d | %.3f / %.3f / %.3f |\n", r.System, l.Calls, l.Median, l.P99, l.Max)
		}
	}
}

func idle(b *strings.Builder, g group) {
	b.WriteString("| system | connections | RSS bytes a connection (least-greatest) | heap | stack | goroutines | calls served meanwhile, p99 ms |\n|---|---|---|---|---|---|---|\n")
	for _, r := range g.rows {
		if len(r.Runs) == 0 || r.Runs[len(r.Runs)-1].Idle == nil {
			continue
		}
		run := r.Runs[len(r.Runs)-1]
		e := r.Summary.PerConn
		fmt.Fprintf(b, "| %s | %d | %.0f (%.0f-%.0f) | %.0f | %.0f | %.2f | %d, %.3f |\n", r.System, run.Idle.Connections,
			e.Median, e.Min, e.Max, run.Idle.HeapPerConn, run.Idle.StackPerConn, run.Idle.Goroutines, run.Idle.Served, run.Latency.P99)
	}
}

func invalid(b *strings.Builder, rows []harness.Row) {
	first := true
	for _, r := range rows {
		if r.Invalid == "" {
			continue
		}
		if first {
			b.WriteString("\n## Not valid\n\nThese rows have failed calls, or could not be run; their figures are in no ratio.\n\n")
			first = false
		}
		fmt.Fprintf(b, "- %s, %d clients (%s): %s\n", r.System, r.Clients, Title(r.Cell), r.Invalid)
	}
}
