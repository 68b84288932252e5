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

// has gives the first report with points of a system in a mode.
func has(reports []harness.Report, system string, mode harness.Mode) (harness.Report, bool) {
	for _, r := range reports {
		if len(points(r, system, mode)) > 0 {
			return r, true
		}
	}
	return harness.Report{}, false
}

// comparison is the throughput of one system as a multiple of another's.
type comparison struct {
	mean, least, most float64 // over the concurrencies; the mean is geometric
	valid, of         int     // concurrencies
}

// compare takes the first report that has both systems: ratios are of one run.
func compare(reports []harness.Report, ours, theirs string, mode harness.Mode) (c comparison) {
	for _, r := range reports {
		if c = compareIn(r, ours, theirs, mode); c.of > 0 {
			return c
		}
	}
	return c
}

func compareIn(r harness.Report, ours, theirs string, mode harness.Mode) (c comparison) {
	a, b := points(r, ours, mode), points(r, theirs, mode)
	var all []float64
	for _, n := range clients {
		x, ok := a[n]
		y, also := b[n]
		if !ok || !also {
			continue
		}
		c.of++
		if x.Invalid == "" && y.Invalid == "" {
			if v := harness.Median(harness.Ratios(x, y, func(r harness.Run) float64 { return r.TPS })); v > 0 {
				all = append(all, v)
			}
		}
	}
	if c.valid = len(all); c.valid > 0 {
		c.mean, c.least, c.most = harness.GeometricMean(all), slices.Min(all), slices.Max(all)
	}
	return c
}
