package bars

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// made makes a row of a closed loop with one run for each value of tps; its latencies are 1000 over that.
func made(system string, mode harness.Mode, clients int, tps ...float64) harness.Row {
	r := harness.Row{Cell: harness.Cell{System: system, Workload: harness.Closed, Mode: mode, Clients: clients}}
	switch system {
	case raw, rawBytes, coalescing, singly:
		r.Kind = harness.Floor
	case "erpc", "kitex", "grpc":
		r.Kind = harness.Rival
	}
	for i, v := range tps {
		r.Runs = append(r.Runs, harness.Run{Round: i, Calls: 100, TPS: v, Latency: harness.Latency{Median: 1000 / v, P99: 2000 / v, P999: 3000 / v}})
	}
	r.Summarize()
	return r
}

// everywhere makes rows at each concurrency, n% of throughput less at each next one.
func everywhere(system string, mode harness.Mode, clients []int, tps float64, less float64) (out []harness.Row) {
	for _, n := range clients {
		out = append(out, made(system, mode, n, tps*0.9, tps, tps*1.1))
		tps *= 1 - less/100
	}
	return out
}

func outcome(t *testing.T, list []Outcome, name string) Outcome {
	t.Helper()
	for _, o := range list {
		if strings.Contains(o.Name, name) {
			return o
		}
	}
	t.Fatalf("no outcome with %q", name)
	return Outcome{}
}

func expect(t *testing.T, o Outcome, verdict string, value float64) {
	t.Helper()
	if o.Verdict != verdict || verdict != NotMeasured && math.Abs(o.Value-value) > 1e-6 {
		t.Errorf("%s: %s with %g (%s), want %s with %g", o.Name, o.Verdict, o.Value, o.Reason, verdict, value)
	}
}

func TestConnections(t *testing.T) {
	rows := slices.Concat(
		everywhere(ours, "conn", allClients, 900, 0),
		everywhere(raw, "conn", allClients, 1000, 0),
		everywhere("erpc", "conn", allClients, 500, 0),
		everywhere("kitex", "conn", allClients, 800, 0),
		everywhere("grpc", "conn", allClients, 300, 0),
	)
	list := Compute([]Bar{connections}, rows, true)
	expect(t, outcome(t, list, "geometric mean of the raw floor"), Met, 0.9)
	expect(t, outcome(t, list, "at the worst concurrency"), Met, 0.9)
	expect(t, outcome(t, list, "the same of erpc"), Met, 1.8)
	best := outcome(t, list, "best rival's")
	expect(t, best, Met, 1.125)
	if !strings.Contains(best.Note, "kitex") {
		t.Errorf("the best rival is %q, want kitex", best.Note)
	}
	expect(t, outcome(t, list, "behind no valid rival"), Met, 1.125)
}

func TestConnections_InvalidRivalsAreLeftOutAndNamed(t *testing.T) {
	rows := slices.Concat(
		everywhere(ours, "conn", allClients, 900, 0),
		everywhere("erpc", "conn", allClients, 500, 0),
		everywhere("kitex", "conn", allClients, 2000, 0),
	)
	rows[len(rows)-1].Invalid = "round 1: 3 failed calls: timeout"
	list := Compute([]Bar{connections}, rows, true)
	best := outcome(t, list, "best rival's")
	expect(t, best, Met, 1.8)
	if !strings.Contains(best.Note, "erpc") || !strings.Contains(best.Note, "kitex (closed, conn, 5000 clients) is not valid") {
		t.Errorf("note %q: want erpc as the best, and why kitex is none", best.Note)
	}
	expect(t, outcome(t, list, "behind no valid rival"), Short, 0.45) // its four valid points count
	floor := outcome(t, list, "geometric mean of the raw floor")
	expect(t, floor, NotMeasured, 0)
	if !strings.Contains(floor.Reason, "raw (closed, conn, 100 clients) was not measured") {
		t.Errorf("reason %q", floor.Reason)
	}
}

func TestCompute_WithoutRivals(t *testing.T) {
	for _, o := range Compute(All(), nil, false) {
		if o.Verdict != NotMeasured || o.Reason == "" {
			t.Errorf("%s: %s, %q without a row", o.Name, o.Verdict, o.Reason)
		}
	}
}

func TestExtremeRatio_WorstPoint(t *testing.T) {
	rows := []harness.Row{
		made(ours, "conn", 100, 90, 90, 90), made(raw, "conn", 100, 100, 100, 100),
		made(ours, "conn", 500, 70, 60, 80), made(raw, "conn", 500, 100, 100, 100),
	}
	f, err := extremeRatio(ours, raw, "conn", []int{100, 500}, tps, false)(NewTable(rows))
	if err != nil || math.Abs(f.Median-0.7) > 1e-9 || f.Min != 0.6 || f.Max != 0.8 || !strings.Contains(f.Note, "500") {
		t.Errorf("got %+v, %v; want 0.7 (0.6 to 0.8) at 500 clients", f, err)
	}
}

func TestGrowth(t *testing.T) {
	rows := []harness.Row{
		made(ours, "conn", 100, 1000, 1000), made(ours, "conn", 5000, 710, 710), // falls by 29
		made(raw, "conn", 100, 2000, 2000), made(raw, "conn", 5000, 1500, 1500), // by 25
	}
	expect(t, Compute([]Bar{growth}, rows, false)[0], Met, 4)
	rows[1] = made(ours, "conn", 5000, 690, 690)
	expect(t, Compute([]Bar{growth}, rows, false)[0], Short, 6)
}

func TestLatency_OpenLoop(t *testing.T) {
	rows := []harness.Row{made(ours, "conn", openClients, 1000, 1000)}
	plan := Plan{Calls: 120_000, Systems: []harness.SystemInfo{{Name: ours}, {Name: raw}, {Name: "grpc", Kind: harness.Rival}}}
	cells := plan.More([]Bar{latency}, rows)
	if len(cells) != 3 || cells[0].Rate != 700 || cells[0].Calls != 1750 {
		t.Fatalf("cells %+v: want ours, raw and grpc at 700 a second, 70%% of the peak, for 2.5 s", cells)
	}
	for i, tps := range []float64{1000, 2000, 500} { // p99.9 is 3000 over it
		r := made(cells[i].System, "conn", openClients, tps, tps)
		r.Cell = cells[i]
		r.Kind = map[string]harness.Kind{"grpc": harness.Rival}[r.System]
		rows = append(rows, r)
	}
	expect(t, outcome(t, Compute([]Bar{latency}, rows, true), "open loop"), Met, 0.5)
}

func TestAllocations_BeyondTheCodec(t *testing.T) {
	row := func(system string, server, client float64) harness.Row {
		r := made(system, "conn", allocClients, 1)
		r.Runs[0].Server = harness.Usage{Allocs: server, Bytes: server * 10}
		r.Runs[0].Client = harness.Usage{Allocs: client, Bytes: client * 10}
		r.Summarize()
		return r
	}
	message := freshMessage()
	if message.Allocs != 1 || message.Bytes < 100 {
		t.Fatalf("a message takes %+v", message)
	}
	list := Compute([]Bar{allocations}, []harness.Row{row(raw, 32, 32), row(generic, 36, 33), row(ours, 42, 33)}, false)
	expect(t, outcome(t, list, "HandlePull: allocations"), Met, 4)
	expect(t, outcome(t, list, "HandlePull: bytes"), Met, 50-message.Bytes)
	expect(t, outcome(t, list, "controller: allocations"), Short, 10)
}

func TestIdle(t *testing.T) {
	row := func(system string, n int, bytes float64, served int64) harness.Row {
		r := harness.Row{
			Cell: harness.Cell{System: system, Workload: harness.Idle, Mode: "conn", Clients: n},
			Runs: []harness.Run{{Calls: served, Idle: &harness.IdleRun{Connections: n, RSSPerConn: bytes, Served: served}}},
		}
		r.Summarize()
		return r
	}
	list := Compute([]Bar{idle}, []harness.Row{row(ours, idleSessions, 6000, 5), row(raw, idleSessions, 11000, 5), row(ours, 19500, 6100, 5)}, false)
	each := outcome(t, list, "each with a reader")
	expect(t, each, Met, 6000)
	if len(each.Points) != 2 {
		t.Errorf("points %+v: want the floor beside ours", each.Points)
	}
	expect(t, outcome(t, list, "parked"), NotMeasured, 0)
	expect(t, outcome(t, list, "file limit"), Met, 6100)
	list = Compute([]Bar{idle}, []harness.Row{row(ours, 19500, 6100, 0)}, false)
	if o := outcome(t, list, "file limit"); o.Verdict != NotMeasured || !strings.Contains(o.Reason, "no pull was served") {
		t.Errorf("without pulls: %s, %q", o.Verdict, o.Reason)
	}
}

func TestPlan_CellsAreUnique(t *testing.T) {
	var systems []harness.SystemInfo
	for _, name := range []string{ours, generic, goroutines, bare, raw, rawBytes, coalescing, singly, "grpc"} {
		systems = append(systems, harness.SystemInfo{Name: name, Shares: name != raw})
	}
	systems = append(systems, harness.SystemInfo{Name: "erpc", Kind: harness.Rival, Shares: true}, harness.SystemInfo{Name: "alone", Kind: harness.Rival})
	p := Plan{Calls: 1200, Systems: systems, MaxFiles: 20000}
	cells := p.Cells(All())
	seen := map[string]bool{}
	for _, c := range cells {
		key := fmt.Sprint(c.System, c.Workload, c.Mode, c.Clients, c.Options)
		if seen[key] {
			t.Errorf("twice: %s", key)
		}
		seen[key] = true
		k, err := c.Mode.Connections(c.Clients)
		if err != nil || c.System == "alone" && k < c.Clients {
			t.Errorf("%+v: %v", c, err)
		}
		if c.Workload != harness.Idle && c.Calls < 1 {
			t.Errorf("%+v: no calls", c)
		}
	}
	// A floor or system that is not there is not asked for.
	if got := (Plan{Calls: 1200}).Cells(All()); len(got) != 0 {
		t.Errorf("without systems: %+v", got)
	}
}

// What is compared with each other has as many calls: a system is slower or faster while it is young.
func TestPlan_RivalsCallAsOftenAsWe(t *testing.T) {
	p := Plan{Calls: 40_000, Systems: []harness.SystemInfo{
		{Name: ours, Shares: true}, {Name: raw}, {Name: coalescing, Shares: true}, {Name: "grpc", Kind: harness.Rival, Shares: true},
	}}
	seen := map[string]int{}
	for _, c := range p.Cells([]Bar{connections, shared}) {
		seen[c.System]++
		if c.Calls != p.Calls {
			t.Errorf("%s, %s, %d clients: %d calls", c.System, c.Mode, c.Clients, c.Calls)
		}
	}
	if n := len(allClients) + 2*len(sharedClients); seen["grpc"] != n || seen[ours] != n {
		t.Errorf("cells: %v, want %d of grpc and of ours", seen, n)
	}
}

func TestSelect(t *testing.T) {
	list, err := Select([]int{9, 1})
	if err != nil || len(list) != 2 || list[0].ID != 9 || list[1].ID != 1 {
		t.Errorf("got %v, %v", list, err)
	}
	for _, id := range []int{0, 10} {
		if _, err := Select([]int{id}); err == nil {
			t.Errorf("bar %d: no error", id)
		}
	}
	for i, b := range All() {
		if b.ID != i+1 || len(b.Checks) == 0 || b.Title == "" {
			t.Errorf("bar %d at place %d", b.ID, i)
		}
	}
}

func TestText(t *testing.T) {
	rows := slices.Concat(everywhere(ours, "conn", allClients, 500, 0), everywhere(raw, "conn", allClients, 1000, 0))
	list := Compute([]Bar{connections}, rows, false)
	text := Markdown(list)
	for _, want := range []string{"# The bars: 0 met, 2 short, 3 not measured", "| 0.50x (0.50 to 0.50) | at least 0.88x | **short** |", "--rivals"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	b, err := JSON(list)
	if err != nil {
		t.Fatal(err)
	}
	var back []Outcome
	if err := json.Unmarshal(b, &back); err != nil || len(back) != len(list) || back[0].Figure != list[0].Figure {
		t.Errorf("read back: %v, %+v", err, back)
	}
}
