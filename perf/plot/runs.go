package plot

import (
	"fmt"
	"math"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// percentiles draws how long the calls took at one number of clients, from the
// round in the middle: the average over rounds would hide a long tail.
func (d drawing) percentiles(clients int) (picture, bool) {
	p := panel{heading: "latency (log scale)"}
	most := 0.0
	for _, rows := range d.bySystem(d.looks) {
		for _, r := range rows {
			run, ok := middle(r)
			if r.Clients != clients || !ok {
				continue
			}
			l := line{name: name(r), look: d.looks[r.System], bare: true}
			for _, q := range curve(run.Latency) {
				// Beyond the last ten calls a percentile is chance.
				if q.MS <= 0 || q.Percent < from || q.Percent >= 100 || run.Calls > 0 && (1-q.Percent/100)*float64(run.Calls) < 9.99 {
					continue
				}
				l.points = append(l.points, point{x: at(q.Percent), y: q.MS / 1e3, lo: q.MS / 1e3, hi: q.MS / 1e3})
				most = max(most, q.Percent)
			}
			if len(l.points) > 1 {
				p.lines = append(p.lines, l)
			}
		}
	}
	if len(p.lines) == 0 {
		return picture{}, false
	}
	_, _, low, high := p.bounds()
	p.x, p.y = nines(most), latencies(low, high)
	title := fmt.Sprintf("Latency by percentile, %s clients, %s", thousands(float64(clients)), connections(d.mode))
	if d.workload == harness.Open {
		title = fmt.Sprintf("Latency by percentile at %s calls a second, %s clients, %s", thousands(d.rate), thousands(float64(clients)), connections(d.mode))
	}
	return picture{
		file:   fmt.Sprintf("percentiles-%s-%d", d.slug(), clients),
		title:  title,
		sub:    d.sub(),
		note:   "Of each system the round with the median throughput." + floorsNote + missing(d.left, clients),
		panels: []panel{p},
	}, true
}

// curve is a run's percentile curve, or the few points of it that every run has.
func curve(l harness.Latency) []harness.Quantile {
	if len(l.Quantiles) > 0 {
		return l.Quantiles
	}
	return []harness.Quantile{{Percent: 50, MS: l.Median}, {Percent: 90, MS: l.P90}, {Percent: 99, MS: l.P99}, {Percent: 99.9, MS: l.P999}}
}

const (
	tick   = 0.1 // seconds for each count of Run.Series
	points = 80  // of the longest line, at most: more would be a thicket
)

// overTime draws the throughput of each step of a run.
func (d drawing) overTime(clients int) (picture, bool) {
	var rows []harness.Row
	longest := 0
	calls := map[int]bool{}
	for _, r := range slices.Concat(d.bySystem(d.looks)...) {
		if run, ok := middle(r); ok && r.Clients == clients && len(run.Series) > 0 {
			rows = append(rows, r)
			longest = max(longest, len(run.Series))
			calls[r.Calls] = true
		}
	}
	width := int(math.Ceil(niceStep(float64(longest) / points)))
	p := panel{heading: fmt.Sprintf("TPS (calls answered per second), in steps of %s", duration(float64(width)*tick))}
	for _, r := range rows {
		run, _ := middle(r)
		if l := (line{name: name(r), look: d.looks[r.System], points: steps(run, width), bare: true}); len(l.points) > 1 {
			p.lines = append(p.lines, l)
		}
	}
	if len(p.lines) == 0 {
		return picture{}, false
	}
	note := "Of each system the round with the median throughput"
	if len(calls) == 1 {
		note += "; each made the same number of calls, so the faster ended earlier"
	}
	_, end, _, top := p.bounds()
	p.x, p.y = seconds(math.Ceil(end*10)/10), rates(top)
	return picture{
		file:   fmt.Sprintf("time-%s-%d", d.slug(), clients),
		title:  fmt.Sprintf("Throughput over time, %s clients, %s", thousands(float64(clients)), connections(d.mode)),
		sub:    d.sub(),
		note:   note + "." + floorsNote + missing(d.left, clients),
		panels: []panel{p},
	}, true
}

// steps joins so many ticks each, and leaves out the last step, which the end
// of the run cuts short.
func steps(run harness.Run, width int) []point {
	var out []point
	for i := 0; i+width <= len(run.Series); i += width {
		end := tick * float64(i+width)
		if end > run.Seconds+1e-9 {
			break
		}
		n := int64(0)
		for _, v := range run.Series[i : i+width] {
			n += v
		}
		length := tick * float64(width)
		v := float64(n) / length
		out = append(out, point{x: end - length/2, y: v, lo: v, hi: v})
	}
	return out
}
