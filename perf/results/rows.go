package main

import (
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// modes are the ways of connecting that the README compares.
var modes = []struct {
	mode harness.Mode
	text string
}{
	{"conn", "one connection per client"},
	{"shared1", "one shared connection"},
	{"shared8", "eight shared connections"},
}

// clients are the concurrencies of the tables.
var clients = []int{100, 500, 1000, 2000, 5000}

// plain says that a row is of the tables' load: a closed loop of the benchmark
// message, nothing else done to it.
func plain(r harness.Row) bool {
	o := r.Options
	return r.Workload == harness.Closed && slices.Contains(clients, r.Clients) && o.Size == 0 && o.Pipe == "" && o.Route == "" &&
		(o.Codec == "" || o.Codec == "protobuf") && (o.Proto == "" || o.Proto == "fast") && (o.Handler == "" || o.Handler == "echo")
}

// points are the plain rows of a system in a mode, by clients. Of two rows for
// one point the one of more calls counts.
func points(r harness.Report, system string, mode harness.Mode) map[int]harness.Row {
	out := map[int]harness.Row{}
	for _, row := range r.Rows {
		if row.System != system || row.Mode != mode || !plain(row) {
			continue
		}
		if old, twice := out[row.Clients]; !twice || row.Calls > old.Calls {
			out[row.Clients] = row
		}
	}
	return out
}

// ratio compares two systems in a mode: the geometric mean of their ratios at
// each concurrency where both are valid, the least, the greatest, and at how
// many of how many concurrencies that was.
func ratio(r harness.Report, ours, theirs string, mode harness.Mode) (mean, least, most float64, n, of int) {
	a, b := points(r, ours, mode), points(r, theirs, mode)
	var all []float64
	for _, c := range clients {
		x, ok := a[c]
		y, also := b[c]
		if !ok || !also {
			continue
		}
		of++
		if x.Invalid == "" && y.Invalid == "" && y.Summary.TPS.Median > 0 && x.Summary.TPS.Median > 0 {
			all = append(all, x.Summary.TPS.Median/y.Summary.TPS.Median)
		}
	}
	if len(all) == 0 {
		return 0, 0, 0, 0, of
	}
	return harness.GeometricMean(all), slices.Min(all), slices.Max(all), len(all), of
}
