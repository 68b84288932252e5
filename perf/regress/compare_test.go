package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// row makes a row with a run for each throughput; latencies go the other way.
func row(system string, kind harness.Kind, tps ...float64) harness.Row {
	r := harness.Row{Cell: harness.Cell{System: system, Workload: harness.Closed, Mode: "conn", Clients: 100, Calls: 1000}, Kind: kind}
	for _, v := range tps {
		r.Runs = append(r.Runs, harness.Run{
			TPS: v, Latency: harness.Latency{Median: 1e5 / v, P99: 3e5 / v},
			Server: harness.Usage{CPU: 5e5 / v, Allocs: 10}, Client: harness.Usage{CPU: 5e5 / v, Allocs: 12},
		})
	}
	return r
}

// saved writes reports to files and returns their paths.
func saved(t *testing.T, reports ...harness.Report) (paths []string) {
	t.Helper()
	for _, r := range reports {
		if r.Version == 0 {
			r.Version = harness.ReportVersion
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		p := filepath.Join(t.TempDir(), "report.json")
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	return paths
}

var (
	fast   = []float64{100_000, 101_000, 99_000, 102_000, 98_000, 100_500}
	slow   = []float64{80_000, 81_000, 79_000, 82_000, 78_000, 80_500}
	likely = []float64{99_500, 101_500, 98_500, 101_800, 98_200, 100_700}
)

func TestRun_Files(t *testing.T) {
	report := func(rows ...harness.Row) harness.Report { return harness.Report{Rows: rows} }
	invalid := row("teleport", harness.Peer, fast...)
	invalid.Invalid = "round 2: 3 failed calls"
	tests := []struct {
		name     string
		old, new harness.Report
		flags    []string
		err      error
		says     []string
		not      []string
	}{
		{
			name: "slower, and nobody asked", old: report(row("teleport", harness.Peer, fast...)), new: report(row("teleport", harness.Peer, slow...)),
			says: []string{"calls a second (more is better)", "teleport conn 100", "100.2k", "80.2k", "-19.95%", "p=0.002 n=6", "worse"},
		},
		{
			name: "slower than allowed", old: report(row("teleport", harness.Peer, fast...)), new: report(row("teleport", harness.Peer, slow...)),
			flags: []string{"--fail-over", "10%"}, err: errSlower,
			says: []string{"worse: teleport conn 100: calls a second is 20.0% worse (p=0.002 n=6)", "latency p50 is 24.9% worse"},
		},
		{
			name: "slower, but allowed", old: report(row("teleport", harness.Peer, fast...)), new: report(row("teleport", harness.Peer, slow...)),
			flags: []string{"--fail-over", "30"}, says: []string{"nothing of ours is significantly worse by more than 30%"},
		},
		{
			name: "faster", old: report(row("teleport", harness.Peer, slow...)), new: report(row("teleport", harness.Peer, fast...)),
			flags: []string{"--fail-over", "0%"}, says: []string{"+24.92%", "better", "nothing of ours"},
		},
		{
			name: "chance", old: report(row("teleport", harness.Peer, fast...)), new: report(row("teleport", harness.Peer, likely...)),
			flags: []string{"--fail-over", "0"}, says: []string{" ~ ", "nothing of ours"}, not: []string{"note:", "better)\nteleport conn 100  worse"},
		},
		{
			name: "a control is never ours", old: report(row("raw", harness.Floor, fast...), row("teleport", harness.Peer, fast...)),
			new:   report(row("raw", harness.Floor, slow...), row("teleport", harness.Peer, fast...)),
			flags: []string{"--fail-over", "10%"}, says: []string{"control", "nothing of ours"},
		},
		{
			name: "too few rounds to tell", old: report(row("teleport", harness.Peer, fast[:3]...)), new: report(row("teleport", harness.Peer, slow[:3]...)),
			flags: []string{"--fail-over", "10%"},
			says:  []string{" ~ ", "± 1%", "note: need >= 4 samples to detect a difference", "note: 3 rounds: the intervals reach from the least to the greatest and have 75% confidence"},
		},
		{
			name: "not valid any more", old: report(row("teleport", harness.Peer, fast...), row("raw", harness.Floor, fast...)),
			new: report(invalid, row("raw", harness.Floor, fast...)), flags: []string{"--fail-over", "10%"}, err: errSlower,
			says: []string{"worse: teleport conn 100 is not valid any more: round 2: 3 failed calls"},
		},
		{
			name: "rows of one side", old: report(row("teleport", harness.Peer, fast...), row("gone", harness.Rival, fast...)),
			new:  report(row("teleport", harness.Peer, fast...), row("fresh", harness.Rival, fast...)),
			says: []string{"note: only in ", ": gone conn 100", ": fresh conn 100"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			args := append(saved(t, tt.old, tt.new), tt.flags...)
			if err := run(t.Context(), args, &out, &out); !errors.Is(err, tt.err) {
				t.Errorf("error %v, expected %v", err, tt.err)
			}
			for _, s := range tt.says {
				if !strings.Contains(out.String(), s) {
					t.Errorf("does not say %q", s)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(out.String(), s) {
					t.Errorf("says %q", s)
				}
			}
			if t.Failed() {
				t.Log(out.String())
			}
		})
	}
}

func TestKey_NamesWhatIsMeasured(t *testing.T) {
	k := keyOf(harness.Row{Cell: harness.Cell{
		System: "teleport", Workload: harness.Open, Mode: "shared8", Clients: 50, Rate: 20000, Calls: 7, Warm: 5,
		Options: harness.Options{Size: 1024, Codec: "bytes", Pipe: "g"},
	}})
	if s := k.String(); s != "teleport shared8 50 open 20000/s 1024B bytes g" {
		t.Error(s)
	}
}
