// Package bars holds what this project promises of its speed, as data: each bar says which cells it needs, how its
// figure comes from their rows, and its limit. Figures are ratios of runs of the same round wherever two systems are
// compared, and a bar's figure is the median over the rounds.
//
// The figures are pure functions of rows, so a report.json of an earlier run gives the same table of bars.
package bars

import (
	"fmt"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Bar is a promise with one or more checks.
type Bar struct {
	ID    int
	Title string
	// Cells are what has to be measured for it.
	Cells func(p Plan) []harness.Cell
	// Then, which may be nil, gives more cells when the rows of all Cells are known.
	Then   func(p Plan, t Table) []harness.Cell
	Checks []Check
}

// Check is a figure with a limit.
type Check struct {
	Name   string
	Limit  float64
	AtMost bool   // the figure must not be greater; else it must not be less
	Unit   string // "x" for ratios
	// Rivals says that it compares with other frameworks.
	Rivals bool
	// Figure computes it; an error says why it cannot be.
	Figure func(t Table) (Figure, error)
}

// Figure is the value of a check.
type Figure struct {
	harness.Estimate
	Points []Point // what it is made of, for people
	Note   string
}

// Point is a part of a figure.
type Point struct {
	At string  `json:"at"`
	V  float64 `json:"value"`
	Lo float64 `json:"least"`
	Hi float64 `json:"greatest"`
}

// The verdicts.
const (
	Met         = "met"
	Short       = "short"
	NotMeasured = "not measured"
)

// Outcome is a check with its verdict: an entry of bars.json.
type Outcome struct {
	Bar     int     `json:"bar"`
	Title   string  `json:"title"`
	Name    string  `json:"name"`   // with the bar's number
	Figure  string  `json:"figure"` // for people: the value and its spread
	Limit   string  `json:"limit"`
	Verdict string  `json:"verdict"`
	Reason  string  `json:"reason,omitempty"` // why it was not measured
	Note    string  `json:"note,omitempty"`
	Value   float64 `json:"value"`
	Least   float64 `json:"least"` // of the rounds
	Most    float64 `json:"greatest"`
	Bound   float64 `json:"bound"`
	AtMost  bool    `json:"at_most"`
	Unit    string  `json:"unit"`
	Points  []Point `json:"points,omitempty"`
}

// All lists the bars.
func All() []Bar {
	return []Bar{
		connections, shared, sockets, latency, sleepers, allocations, idle, large, growth,
	}
}

// Select gives the bars of these numbers, in order.
func Select(ids []int) ([]Bar, error) {
	var out []Bar
	for _, id := range ids {
		if id < 1 || id > len(All()) {
			return nil, fmt.Errorf("there is no bar %d: there are 1 to %d", id, len(All()))
		}
		out = append(out, All()[id-1])
	}
	return out, nil
}

// Compute judges the checks of the bars by the rows. rivals says whether other frameworks were measured at all.
func Compute(list []Bar, rows []harness.Row, rivals bool) []Outcome {
	t := NewTable(rows)
	var out []Outcome
	for _, b := range list {
		for _, c := range b.Checks {
			out = append(out, judge(b, c, t, rivals))
		}
	}
	return out
}

func judge(b Bar, c Check, t Table, rivals bool) Outcome {
	o := Outcome{
		Bar: b.ID, Title: b.Title, Name: fmt.Sprintf("%d. %s", b.ID, c.Name),
		Bound: c.Limit, AtMost: c.AtMost, Unit: c.Unit, Limit: limitText(c), Verdict: NotMeasured, Figure: "-",
	}
	if c.Rivals && !rivals {
		o.Reason = "it compares with other frameworks: --rivals"
		return o
	}
	f, err := c.Figure(t)
	if err != nil {
		o.Reason = err.Error()
		return o
	}
	o.Value, o.Least, o.Most, o.Points, o.Note = f.Median, f.Min, f.Max, f.Points, f.Note
	o.Figure = figureText(f, c.Unit)
	o.Verdict = Short
	if c.AtMost && f.Median <= c.Limit || !c.AtMost && f.Median >= c.Limit {
		o.Verdict = Met
	}
	return o
}
