package bars

import (
	"fmt"
	"math"
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Table finds rows.
type Table struct{ rows []harness.Row }

// NewTable makes a table of rows.
func NewTable(rows []harness.Row) Table { return Table{rows} }

// point is where systems are compared: a cell without its system, its calls and its rate.
type point struct {
	workload harness.Workload
	mode     harness.Mode
	clients  int
	options  harness.Options
}

func closedAt(mode harness.Mode, clients int) point {
	return point{workload: harness.Closed, mode: mode, clients: clients}
}

func (p point) String() string {
	return fmt.Sprintf("%s, %s, %d clients", p.workload, p.mode, p.clients)
}

// row finds a valid row.
func (t Table) row(system string, p point) (harness.Row, error) {
	for _, r := range t.rows {
		if r.System == system && (point{r.Workload, r.Mode, r.Clients, r.Options}) == p {
			if r.Invalid != "" {
				return r, fmt.Errorf("%s (%v) is not valid: %s", system, p, r.Invalid)
			}
			return r, nil
		}
	}
	return harness.Row{}, fmt.Errorf("%s (%v) was not measured", system, p)
}

// rivals are the systems of other frameworks with a row at p, valid or not.
func (t Table) rivals(p point) []string {
	var out []string
	for _, r := range t.rows {
		if r.Kind == harness.Rival && (point{r.Workload, r.Mode, r.Clients, r.Options}) == p && !slices.Contains(out, r.System) {
			out = append(out, r.System)
		}
	}
	return out
}

// values are figures by round.
type values map[int]float64

func tps(r harness.Run) float64       { return r.TPS }
func medianMS(r harness.Run) float64  { return r.Latency.Median }
func p99(r harness.Run) float64       { return r.Latency.P99 }
func p999(r harness.Run) float64      { return r.Latency.P999 }
func serverRSS(r harness.Run) float64 { return float64(r.Server.RSS) / 1e6 }

// of gives a figure of a system by round.
func (t Table) of(system string, p point, figure func(harness.Run) float64) (values, error) {
	r, err := t.row(system, p)
	if err != nil {
		return nil, err
	}
	out := values{}
	for _, run := range r.Runs {
		out[run.Round] = figure(run)
	}
	return out, nil
}

// join computes a figure from two, in the rounds that both have.
func join(a, b values, f func(a, b float64) float64) values {
	out := values{}
	for round, x := range a {
		if y, ok := b[round]; ok {
			if v := f(x, y); !math.IsNaN(v) && !math.IsInf(v, 0) {
				out[round] = v
			}
		}
	}
	return out
}

func over(a, b float64) float64  { return a / b }
func minus(a, b float64) float64 { return a - b }

// ratio of one system to another, by round.
func (t Table) ratio(of, by string, p point, figure func(harness.Run) float64) (values, error) {
	a, err := t.of(of, p, figure)
	if err != nil {
		return nil, err
	}
	b, err := t.of(by, p, figure)
	if err != nil {
		return nil, err
	}
	return join(a, b, over), nil
}

// estimate of the values over the rounds.
func (v values) estimate() harness.Estimate {
	var list []float64
	for _, round := range v.rounds() {
		list = append(list, v[round])
	}
	return harness.NewEstimate(list)
}

func (v values) rounds() []int {
	var out []int
	for round := range v {
		out = append(out, round)
	}
	slices.Sort(out)
	return out
}

func (v values) point(at string) Point {
	e := v.estimate()
	return Point{At: at, V: e.Median, Lo: e.Min, Hi: e.Max}
}

// geometric means of several values, in the rounds that all have.
func geometric(parts []values) values {
	out := values{}
	if len(parts) == 0 {
		return out
	}
rounds:
	for round := range parts[0] {
		var list []float64
		for _, p := range parts {
			v, ok := p[round]
			if !ok || v <= 0 {
				continue rounds
			}
			list = append(list, v)
		}
		out[round] = harness.GeometricMean(list)
	}
	return out
}
