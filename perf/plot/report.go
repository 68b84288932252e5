package plot

import (
	"fmt"
	"math"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Write draws the pictures of a report into dir, which must exist, and returns
// the files it wrote. For each way of connecting and each kind of load there
// are up to four pictures, each as PNG and SVG: tps-* and latency-* against
// the number of clients, percentiles-* and time-* at one number of clients.
func Write(dir string, r harness.Report) (files []string, err error) {
	for _, p := range pictures(r) {
		written, err := p.save(dir)
		if err != nil {
			return files, err
		}
		files = append(files, written...)
	}
	return files, nil
}

func pictures(r harness.Report) []picture {
	looks := looks(r.Rows)
	list, left := groups(r.Rows)
	var out []picture
	for _, g := range list {
		d := drawing{group: g, looks: looks, where: machine(r.Env), left: left[g]}
		if many := d.crowd(); g.workload == harness.Closed && len(many.clients()) > 1 {
			out = append(out, many.throughput(), many.latency())
		}
		if p, ok := d.percentiles(g.typical()); ok {
			out = append(out, p)
		}
		if p, ok := d.overTime(g.typical()); ok && g.workload == harness.Closed {
			out = append(out, p)
		}
	}
	return out
}

// drawing holds what the pictures of a group share.
type drawing struct {
	*group
	looks map[string]look
	where string
	left  []harness.Row // that are not valid
}

// crowd leaves one client alone out: on a log scale it would take half of the
// room, and says something else.
func (d drawing) crowd() drawing {
	more := *d.group
	more.rows = slices.DeleteFunc(slices.Clone(d.rows), func(r harness.Row) bool { return r.Clients == 1 })
	d.group = &more
	return d
}

const floorsNote = " Dashed grey: floors, bare loops that show what the machine allows."

func (d drawing) sub() string { return d.load() + " · " + d.where }

func (d drawing) rounds() string {
	least, most := math.MaxInt, 0
	for _, r := range d.rows {
		least, most = min(least, len(r.Runs)), max(most, len(r.Runs))
	}
	switch {
	case most <= 1:
		return "One round."
	case least == most:
		return fmt.Sprintf("Medians of %d interleaved rounds; the band and the bars reach from the least to the greatest.", most)
	}
	return fmt.Sprintf("Medians of %d to %d interleaved rounds; the band and the bars reach from the least to the greatest.", least, most)
}

// against makes one line a system of a figure over the number of clients.
func (d drawing) against(figure func(harness.Summary) harness.Estimate, unit float64) []line {
	var lines []line
	for _, rows := range d.bySystem(d.looks) {
		l := line{name: name(rows[0]), look: d.looks[rows[0].System]}
		for _, r := range rows {
			e := figure(r.Summary)
			l.points = append(l.points, point{x: float64(r.Clients), y: e.Median * unit, lo: e.Min * unit, hi: e.Max * unit})
		}
		lines = append(lines, l)
	}
	return lines
}

func (d drawing) throughput() picture {
	p := panel{heading: "TPS (calls answered per second)", x: concurrencies(d.clients())}
	p.lines = d.against(func(s harness.Summary) harness.Estimate { return s.TPS }, 1)
	_, _, _, top := p.bounds()
	p.y = rates(top)
	return picture{
		file:   "tps-" + d.slug(),
		title:  "Throughput against concurrency, " + connections(d.mode),
		sub:    d.sub(),
		note:   d.rounds() + floorsNote + missing(d.left, 0),
		panels: []panel{p},
	}
}

func (d drawing) latency() picture {
	halves := []panel{
		{heading: "p50: half of the calls took less (log scale)", lines: d.against(func(s harness.Summary) harness.Estimate { return s.Median }, 1e-3)},
		{heading: "p99: one call in a hundred took more (log scale)", lines: d.against(func(s harness.Summary) harness.Estimate { return s.P99 }, 1e-3)},
	}
	low, high := math.Inf(1), 0.0 // one scale for both, to be compared
	for _, p := range halves {
		_, _, lo, hi := p.bounds()
		low, high = min(low, lo), max(high, hi)
	}
	for i := range halves {
		halves[i].x, halves[i].y = concurrencies(d.clients()), latencies(low, high)
	}
	return picture{
		file:   "latency-" + d.slug(),
		title:  "Latency against concurrency, " + connections(d.mode),
		sub:    d.sub(),
		note:   d.rounds() + floorsNote + missing(d.left, 0),
		panels: halves,
	}
}

// middle is the run with the median throughput of those that count.
func middle(r harness.Row) (harness.Run, bool) {
	runs := slices.DeleteFunc(slices.Clone(r.Runs), func(u harness.Run) bool { return u.Fault != "" || u.Errors > 0 })
	if len(runs) == 0 {
		return harness.Run{}, false
	}
	slices.SortStableFunc(runs, func(a, b harness.Run) int {
		switch {
		case a.TPS < b.TPS:
			return -1
		case a.TPS > b.TPS:
			return 1
		}
		return 0
	})
	return runs[len(runs)/2], true
}
