package plot

import (
	"math"
	"testing"

	"github.com/henrylee2cn/teleport/perf/harness"
)

func TestSpread_KeepsOrderAndDistance(t *testing.T) {
	tests := []struct {
		name      string
		want      []float64
		low, high float64
		places    []float64
	}{
		{"none", nil, 0, 100, nil},
		{"apart already", []float64{10, 50}, 0, 100, []float64{10, 50}},
		{"two at one place", []float64{50, 50}, 0, 100, []float64{45, 55}},
		{"at the bottom", []float64{1, 1, 2}, 0, 100, []float64{0, 10, 20}},
		{"at the top", []float64{99, 100}, 0, 100, []float64{90, 100}},
		{"blocks that meet", []float64{40, 40, 52, 52}, 0, 100, []float64{31, 41, 51, 61}},
		{"too many", []float64{1, 2, 3}, 0, 10, []float64{0, 5, 10}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := spread(tt.want, 10, tt.low, tt.high)
			if len(got) != len(tt.places) {
				t.Fatalf("%v, expected %v", got, tt.places)
			}
			for i := range got {
				if math.Abs(got[i]-tt.places[i]) > 1e-9 {
					t.Fatalf("%v, expected %v", got, tt.places)
				}
			}
		})
	}
}

func TestWords_Figures(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{short(75_000), "75 k"},
		{short(1_250_000), "1.25 M"},
		{short(0), "0"},
		{duration(47e-6), "47 µs"},
		{duration(1.5e-3), "1.5 ms"},
		{duration(0.0009996), "1 ms"},
		{duration(0.3), "300 ms"},
		{duration(2), "2 s"},
		{thousands(1_000_000), "1,000,000"},
		{thousands(100), "100"},
		{sizeWords(1 << 20), "1 MiB"},
		{sizeWords(64 << 10), "64 KiB"},
		{sizeWords(16), "16-byte"},
		{(&group{workload: harness.Closed}).load(), "581-byte protobuf message, closed loop"},
		{(&group{workload: harness.Mixed, sleepers: 1000, options: harness.Options{Size: 1 << 20, Codec: "bytes"}}).load(), "1 MiB message, codec bytes, beside 1,000 slow calls"},
		{(&group{workload: harness.Closed, options: harness.Options{Codec: "json", Pipe: "g"}}).load(), "the benchmark message, codec json, pipe g, closed loop"},
		{connections("conn"), "one connection per client"},
		{connections("shared1"), "one shared connection"},
		{connections("shared8"), "8 shared connections"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, expected %q", tt.got, tt.want)
		}
	}
}

func TestAxes_TicksAreWithin(t *testing.T) {
	for name, a := range map[string]axis{
		"rates":         rates(107_321),
		"no rate":       rates(0),
		"latencies":     latencies(47e-6, 0.8),
		"one latency":   latencies(1e-3, 1e-3),
		"nines":         nines(99.995),
		"concurrencies": concurrencies([]float64{5000, 100, 100, 1000}),
		"one":           concurrencies([]float64{100}),
		"seconds":       seconds(3.3),
	} {
		if len(a.ticks) == 0 || !(a.max > a.min) {
			t.Errorf("%s: %+v", name, a)
		}
		for _, tick := range a.ticks {
			if tick.Value < a.min*0.999 || tick.Value > a.max*1.001 {
				t.Errorf("%s: tick %v is not in %v to %v", name, tick.Value, a.min, a.max)
			}
		}
	}
}

func TestLooks_ColoursStayWithTheirSystems(t *testing.T) {
	row := func(system string, kind harness.Kind) harness.Row {
		return harness.Row{Cell: harness.Cell{System: system}, Kind: kind}
	}
	few := looks([]harness.Row{row("teleport", harness.Peer), row("kitex-mux", harness.Rival)})
	many := looks([]harness.Row{
		row("raw", harness.Floor), row("erpc", harness.Rival), row("kitex-mux", harness.Rival), row("kitex", harness.Rival),
		row("teleport", harness.Peer), row("teleport/socket", harness.Socket), row("stranger", harness.Rival),
	})
	if few["kitex-mux"].color != many["kitex-mux"].color || few["teleport"] != many["teleport"] {
		t.Error("a system changes its colour with the company it is in")
	}
	if many["kitex"].marker == many["kitex-mux"].marker {
		t.Error("two systems of one colour have one marker")
	}
	if many["teleport"].role != ours || many["teleport/socket"].role != second || many["raw"].role != floor || many["stranger"].role != rival {
		t.Errorf("roles: %+v", many)
	}
}

func TestSteps_JoinTicksAndDropTheCutOne(t *testing.T) {
	run := harness.Run{Seconds: 0.55, Series: []int64{10, 20, 30, 40, 50, 3}}
	for width, want := range map[int][]float64{1: {100, 200, 300, 400, 500}, 2: {150, 350}, 5: {300}, 7: nil} {
		got := steps(run, width)
		if len(got) != len(want) {
			t.Errorf("width %d: %v, expected %v", width, got, want)
			continue
		}
		for i := range got {
			if math.Abs(got[i].y-want[i]) > 1e-6 {
				t.Errorf("width %d: %v, expected %v", width, got, want)
			}
		}
	}
}
