package plot

import (
	"fmt"
	"math"

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
	return picture{
		file:   fmt.Sprintf("percentiles-%s-%d", d.slug(), clients),
		title:  fmt.Sprintf("Latency by percentile, %s clients, %s", thousands(float64(clients)), connections(d.mode)),
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

const tick = 0.1 // seconds for each count of Run.Series

// overTime draws the throughput of each tenth of a second.
func (d drawing) overTime(clients int) (picture, bool) {
	p := panel{heading: "TPS (calls answered per second), in steps of 100 ms"}
	calls := map[int]bool{}
	for _, rows := range d.bySystem(d.looks) {
		for _, r := range rows {
			run, ok := middle(r)
			if r.Clients != clients || !ok {
				continue
			}
			l := line{name: name(r), look: d.looks[r.System], bare: true}
			for i, n := range run.Series {
				end := tick * float64(i+1)
				if end > run.Seconds+1e-9 {
					break // the last step is cut short by the end of the run
				}
				v := float64(n) / tick
				l.points = append(l.points, point{x: end - tick/2, y: v, lo: v, hi: v})
			}
			if len(l.points) > 1 {
				p.lines = append(p.lines, l)
				calls[r.Calls] = true
			}
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
