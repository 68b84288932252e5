package harness

import (
	"math"
	"strings"
	"testing"
)

func TestNewEstimate(t *testing.T) {
	e := NewEstimate([]float64{5, 1, 3, 2, 4})
	if e.Median != 3 || e.Mean != 3 || e.Min != 1 || e.Max != 5 {
		t.Errorf("got %+v, want median and mean 3, from 1 to 5", e)
	}
	if e.Low < 1 || e.Low > 3 || e.High < 3 || e.High > 5 {
		t.Errorf("the interval %g to %g does not lie around the median, within the values", e.Low, e.High)
	}
	if again := NewEstimate([]float64{5, 1, 3, 2, 4}); again != e {
		t.Errorf("the same values give %+v, then %+v", e, again)
	}
	if got := e.Spread(); math.Abs(got-4.0/3) > 1e-9 {
		t.Errorf("spread %g, want 4/3", got)
	}
	if e := NewEstimate([]float64{7}); e.Median != 7 || e.Low != 7 || e.High != 7 {
		t.Errorf("one value: got %+v", e)
	}
	if e := NewEstimate(nil); e != (Estimate{}) {
		t.Errorf("no value: got %+v", e)
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		in   []float64
		want float64
	}{{nil, 0}, {[]float64{2}, 2}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}} {
		if got := Median(tt.in); got != tt.want {
			t.Errorf("%v: got %g, want %g", tt.in, got, tt.want)
		}
	}
}

func run(round int, tps float64) Run {
	return Run{Round: round, Calls: 10, TPS: tps, Latency: Latency{Mean: 1, Median: 2, P99: 3, P999: 4, Max: tps, Min: 1 / tps}}
}

func TestSummarize_LeavesOutRunsThatFailed(t *testing.T) {
	bad := run(1, 1000)
	bad.Errors, bad.Fault = 2, "the reply is another call's"
	r := Row{Runs: []Run{run(0, 100), bad, run(2, 300)}}
	r.Summarize()
	if got := r.Summary.TPS; got.Median != 200 || got.Max != 300 {
		t.Errorf("TPS %+v: the failed round counts", got)
	}
	if r.Summary.Max != 300 || r.Summary.Min != 1.0/300 {
		t.Errorf("max %g and min %g, want those over the valid rounds", r.Summary.Max, r.Summary.Min)
	}
	if want := "round 2: 2 failed calls"; !strings.Contains(r.Invalid, want) || !strings.Contains(r.Invalid, "another call's") {
		t.Errorf("invalid says %q, want %q and the error", r.Invalid, want)
	}
	none := Row{}
	if none.Summarize(); none.Invalid == "" {
		t.Error("a row without a run is valid")
	}
}

func TestRatio_PairsRounds(t *testing.T) {
	row := func(system string, tps ...float64) Row {
		r := Row{Cell: Cell{System: system, Clients: 100}}
		for i, v := range tps {
			r.Runs = append(r.Runs, run(i, v))
		}
		r.Summarize()
		return r
	}
	rows := []Row{row("a", 50, 200, 60), row("b", 100, 400, 100)}
	got, ok := Ratio(rows, "a", "b", 100)
	if !ok || got.Median != 0.5 || got.Max != 0.6 {
		t.Errorf("got %+v, %t: want the median 0.5 of the rounds' ratios", got, ok)
	}
	rows[1].Invalid = "failed"
	if _, ok := Ratio(rows, "a", "b", 100); ok {
		t.Error("a ratio to a row that is not valid")
	}
}

func TestOrder_SystemsTakeTurns(t *testing.T) {
	var cells []Cell
	for _, n := range []int{100, 500} {
		for i, s := range []string{"a", "b", "c"} {
			cells = append(cells, Cell{System: s, Clients: n, Calls: 1000 * (i + 1)})
		}
	}
	for round, want := range [][]int{{0, 1, 2, 3, 4, 5}, {1, 2, 0, 4, 5, 3}, {2, 0, 1, 5, 3, 4}, {0, 1, 2, 3, 4, 5}} {
		got := order(cells, round)
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("round %d: got %v, want %v", round, got, want)
				break
			}
		}
	}
}

func TestUsage_PerCall(t *testing.T) {
	u := usage(snapshot{CPUMicros: 100, Mallocs: 10, Bytes: 1000, GCs: 1}, snapshot{CPUMicros: 300, Mallocs: 50, Bytes: 5000, GCs: 4, RSS: 7}, 20)
	if u.CPU != 10 || u.Allocs != 2 || u.Bytes != 200 || u.GCs != 3 || u.RSS != 7 {
		t.Errorf("got %+v", u)
	}
}
