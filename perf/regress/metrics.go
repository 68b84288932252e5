package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// metric is a figure of a run that two commits are compared by.
type metric struct {
	name   string // as in --metrics and --fail-on
	title  string
	better int // +1: more is better, -1: less is
	of     func(harness.Run) float64
	text   func(float64) string
}

var metrics = []metric{
	{"tps", "calls a second", +1, func(r harness.Run) float64 { return r.TPS }, count},
	{"p50", "latency p50", -1, func(r harness.Run) float64 { return r.Latency.Median }, milliseconds},
	{"p99", "latency p99", -1, func(r harness.Run) float64 { return r.Latency.P99 }, milliseconds},
	{"cpu", "CPU a call, both processes", -1, func(r harness.Run) float64 { return r.Server.CPU + r.Client.CPU }, microseconds},
	{"allocs", "allocations a call, both processes", -1, func(r harness.Run) float64 { return r.Server.Allocs + r.Client.Allocs }, decimal},
	{"bytes", "bytes allocated a call, both processes", -1, func(r harness.Run) float64 { return r.Server.Bytes + r.Client.Bytes }, count},
	{"rss", "resident memory of the server", -1, func(r harness.Run) float64 { return float64(r.Server.RSS) }, mebibytes},
}

// parseMetrics reads a list as "tps,p50".
func parseMetrics(flag, list string) ([]metric, error) {
	var out []metric
	for _, name := range strings.Split(list, ",") {
		i := slices.IndexFunc(metrics, func(m metric) bool { return m.name == strings.TrimSpace(name) })
		if i < 0 {
			var all []string
			for _, m := range metrics {
				all = append(all, m.name)
			}
			return nil, fmt.Errorf("%s: no figure is called %q: expected some of %s", flag, name, strings.Join(all, ","))
		}
		out = append(out, metrics[i])
	}
	return out, nil
}

func count(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%.3fM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%.1fk", v/1e3)
	}
	return fmt.Sprintf("%.0f", v)
}

func milliseconds(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%.1fµs", v*1e3)
	}
	return fmt.Sprintf("%.2fms", v)
}

func microseconds(v float64) string { return fmt.Sprintf("%.2fµs", v) }
func decimal(v float64) string      { return fmt.Sprintf("%.2f", v) }
func mebibytes(v float64) string    { return fmt.Sprintf("%.1fMiB", v/(1<<20)) }
