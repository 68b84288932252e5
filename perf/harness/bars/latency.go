package bars

import (
	"fmt"
	"math"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Bars 4 and 5: latency, and handlers that sleep.

const (
	// openClients is how many calls of the open loop may be under way.
	openClients = 100
	// openShare is the open loop's part of the peak: our own closed loop's at so many clients.
	openShare = 0.7
	// openSeconds is how long it lasts at the default number of calls.
	openSeconds = 2.5
)

var latency = Bar{
	ID: 4, Title: "Latency",
	Cells: func(p Plan) []harness.Cell {
		one := []int{1}
		return slices.Concat(
			p.closed("conn", one, p.Calls, ours, raw, erpc),
			p.closed("conn", allClients, p.Calls, ours, raw),
		)
	},
	Then: openCells,
	Checks: []Check{
		{Name: "one call at a time: median latency of the floor's", Limit: 1.2, AtMost: true, Unit: "x",
			Figure: extremeRatio(ours, raw, "conn", []int{1}, medianMS, true)},
		{Name: "one call at a time: median latency of erpc's", Limit: 0.5, AtMost: true, Unit: "x", Rivals: true,
			Figure: extremeRatio(ours, erpc, "conn", []int{1}, medianMS, true)},
		{Name: "p99 of the floor's, at the worst concurrency", Limit: 1.3, AtMost: true, Unit: "x",
			Figure: extremeRatio(ours, raw, "conn", allClients, p99, true)},
		{Name: "open loop at 70% of our peak: p99.9 of the best rival's", Limit: 1, AtMost: true, Unit: "x", Rivals: true,
			Figure: openTail},
	},
}

// openCells needs our peak.
func openCells(p Plan, t Table) []harness.Cell {
	peak, err := t.row(ours, closedAt("conn", openClients))
	if err != nil || len(p.rivals("conn")) == 0 {
		return nil
	}
	rate := math.Round(peak.Summary.TPS.Median*openShare/100) * 100
	if rate <= 0 {
		return nil
	}
	calls := int(rate * openSeconds * float64(p.Calls) / 120_000)
	var out []harness.Cell
	for _, s := range append([]string{ours, raw}, p.rivals("conn")...) {
		if p.has(s) {
			out = append(out, harness.Cell{
				System: s, Workload: harness.Open, Mode: "conn", Clients: openClients,
				Calls: max(calls, 100), Warm: warmCalls, Rate: rate,
			})
		}
	}
	return out
}

// openTail is our p99.9 as a share of the least that a rival has.
func openTail(t Table) (Figure, error) {
	p := point{workload: harness.Open, mode: "conn", clients: openClients}
	us, err := t.of(ours, p, p999)
	if err != nil {
		return Figure{}, err
	}
	var best values
	name := ""
	points := []Point{us.point(ours + " ms")}
	for _, r := range t.rivals(p) {
		v, err := t.of(r, p, p999)
		if err != nil {
			continue
		}
		points = append(points, v.point(r+" ms"))
		if best == nil || v.estimate().Median < best.estimate().Median {
			name, best = r, v
		}
	}
	if best == nil {
		return Figure{}, fmt.Errorf("no rival has a valid row")
	}
	f, err := figureOf(join(us, best, over), points)
	f.Note = "the best is " + name
	return f, err
}

const (
	sleeperCount = 1000
	shortCallers = 8
	// inlineBound is PeerConfig.MaxInlineTime's default, in milliseconds: what a handler may hold up the reader.
	inlineBound = 2.0
)

var sleeping = harness.Options{Handler: "sleep:1ms"}
var mixing = harness.Options{Handler: "mixed:1ms"}

var sleepers = Bar{
	ID: 5, Title: "Handlers that sleep 1 ms, 1000 at a time on one connection",
	Cells: func(p Plan) []harness.Cell {
		out := with(sleeping, p.closed("shared1", []int{sleeperCount}, p.Calls, ours, goroutines))
		mixed := with(mixing, p.closed("shared1", []int{shortCallers}, p.Calls/12, ours, goroutines))
		for i := range mixed {
			mixed[i].Workload, mixed[i].Sleepers = harness.Mixed, sleeperCount
		}
		return append(out, mixed...)
	},
	Checks: []Check{
		{Name: "handlers that sleep 1 ms, 1000 at a time: of a goroutine for each request", Limit: 0.95, Unit: "x",
			Figure: func(t Table) (Figure, error) {
				v, err := t.ratio(ours, goroutines, point{harness.Closed, "shared1", sleeperCount, sleeping}, tps)
				if err != nil {
					return Figure{}, err
				}
				return figureOf(v, nil)
			}},
		{Name: "short calls beside them: p99.9 beyond that with a goroutine for each request", Limit: inlineBound, AtMost: true, Unit: " ms",
			Figure: shortDelay},
	},
}

// shortDelay compares the same load, for 1000 sleepers are more than the processors' own delays.
func shortDelay(t Table) (Figure, error) {
	p := point{harness.Mixed, "shared1", shortCallers, mixing}
	us, err := t.of(ours, p, p999)
	if err != nil {
		return Figure{}, err
	}
	them, err := t.of(goroutines, p, p999)
	if err != nil {
		return Figure{}, err
	}
	return figureOf(join(us, them, minus), []Point{us.point(ours + " ms"), them.point(goroutines + " ms")})
}
