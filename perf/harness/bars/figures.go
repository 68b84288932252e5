package bars

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// The figures that several bars are made of.

// figureOf makes a figure of values by round.
func figureOf(v values, points []Point) (Figure, error) {
	if len(v) == 0 {
		return Figure{}, fmt.Errorf("no round has all of its parts")
	}
	return Figure{Estimate: v.estimate(), Points: points}, nil
}

// ratiosAt gives the ratio of two systems at each concurrency.
func (t Table) ratiosAt(of, by string, mode harness.Mode, clients []int, figure func(harness.Run) float64) ([]values, []Point, error) {
	var parts []values
	var points []Point
	for _, n := range clients {
		v, err := t.ratio(of, by, closedAt(mode, n), figure)
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, v)
		points = append(points, v.point(fmt.Sprint(n)))
	}
	return parts, points, nil
}

// meanRatio is the geometric mean of the throughput of one system as a multiple of another's.
func meanRatio(of, by string, mode harness.Mode, clients []int) func(Table) (Figure, error) {
	return func(t Table) (Figure, error) {
		parts, points, err := t.ratiosAt(of, by, mode, clients, tps)
		if err != nil {
			return Figure{}, err
		}
		return figureOf(geometric(parts), points)
	}
}

// extremeRatio is the ratio of two systems where it is least, or with most where it is greatest.
func extremeRatio(of, by string, mode harness.Mode, clients []int, figure func(harness.Run) float64, most bool) func(Table) (Figure, error) {
	return func(t Table) (Figure, error) {
		parts, points, err := t.ratiosAt(of, by, mode, clients, figure)
		if err != nil {
			return Figure{}, err
		}
		at := 0
		for i := range points {
			if most && points[i].V > points[at].V || !most && points[i].V < points[at].V {
				at = i
			}
		}
		f, err := figureOf(parts[at], points)
		f.Note = "at " + points[at].At + " clients"
		return f, err
	}
}

// bestRival is the rival with the greatest geometric mean of throughput. Those that have no valid row at some
// concurrency cannot be it, and are named.
func (t Table) bestRival(mode harness.Mode, clients []int) (name, left string, best values, err error) {
	var out []string
	for _, r := range t.rivals(closedAt(mode, clients[0])) {
		v, why := t.meanTPS(r, mode, clients)
		if why != nil {
			out = append(out, why.Error())
			continue
		}
		if best == nil || v.estimate().Median > best.estimate().Median {
			name, best = r, v
		}
	}
	if len(out) > 0 {
		left = "; left out: " + strings.Join(out, "; ")
	}
	if best == nil {
		err = fmt.Errorf("no rival has a valid row at every concurrency%s", left)
	}
	return name, left, best, err
}

func (t Table) meanTPS(system string, mode harness.Mode, clients []int) (values, error) {
	var parts []values
	for _, n := range clients {
		v, err := t.of(system, closedAt(mode, n), tps)
		if err != nil {
			return nil, err
		}
		parts = append(parts, v)
	}
	return geometric(parts), nil
}

// overBest is our geometric mean as a multiple of the best rival's.
func overBest(mode harness.Mode, clients []int) func(Table) (Figure, error) {
	return func(t Table) (Figure, error) {
		us, err := t.meanTPS(ours, mode, clients)
		if err != nil {
			return Figure{}, err
		}
		name, left, best, err := t.bestRival(mode, clients)
		if err != nil {
			return Figure{}, err
		}
		f, err := figureOf(join(us, best, over), nil)
		f.Note = "the best is " + name + left
		return f, err
	}
}

// behindNone is the least, over all concurrencies and rivals, of the upper end of the confidence interval of our
// ratio to that rival: below 1 it is behind by more than the spread. Rows that are not valid are left out.
func behindNone(mode harness.Mode, clients []int) func(Table) (Figure, error) {
	return func(t Table) (Figure, error) {
		var least *Figure
		var points []Point
		for _, n := range clients {
			p := closedAt(mode, n)
			for _, r := range t.rivals(p) {
				v, err := t.ratio(ours, r, p, tps)
				if err != nil {
					continue
				}
				at := v.point(fmt.Sprintf("%d %s", n, r))
				points = append(points, at)
				e := v.estimate()
				if least == nil || e.High < least.Median {
					e.Median = e.High
					least = &Figure{Estimate: e, Note: "nearest: " + r + " at " + fmt.Sprint(n) + " clients; the figure is the upper end of the ratio's confidence interval"}
				}
			}
		}
		if least == nil {
			return Figure{}, fmt.Errorf("no rival has a valid row beside ours")
		}
		least.Points = points
		return *least, nil
	}
}
