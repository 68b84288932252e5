package report

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/perf/harness"
)

func row(system string, kind harness.Kind, clients int, tps ...float64) harness.Row {
	r := harness.Row{
		Cell: harness.Cell{System: system, Workload: harness.Closed, Mode: "conn", Clients: clients, Calls: 1000},
		Kind: kind, Verdict: "conforms (9 cases)",
	}
	for i, v := range tps {
		r.Runs = append(r.Runs, harness.Run{
			Round: i, TPS: v, Calls: 1000,
			Latency: harness.Latency{Mean: 1.2345, Median: 1, P99: 2.5, P999: 3, Max: 4.125, Min: 0.017},
		})
	}
	r.Summarize()
	return r
}

func made() harness.Report {
	broken := row("teleport", harness.Peer, 500, 50, 60)
	broken.Runs[1].Errors, broken.Runs[1].Fault = 1, "a | reply is wrong"
	broken.Summarize()
	return harness.Report{
		Version: harness.ReportVersion, Title: "Speed: made up", Command: "go run ./perf",
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Ended: time.Date(2026, 1, 2, 3, 5, 5, 0, time.UTC),
		Env: harness.Env{CPU: "Abacus", Cores: 2, Memory: 8 << 30, OS: "linux", Kernel: "9", Go: "go9", Commit: "abc", Dirty: true},
		Rows: []harness.Row{
			row("teleport", harness.Peer, 100, 90, 80, 99), row("raw", harness.Floor, 100, 100, 100, 100),
			broken, row("raw", harness.Floor, 500, 100, 100),
		},
	}
}

func TestMarkdown_TheOriginalsForm(t *testing.T) {
	text := Markdown(made())
	for _, want := range []string{
		"- teleport (closed loop, one connection per client)",
		"client concurrency | mean(ms) | median(ms) | max(ms) | min(ms) | throughput(TPS) |",
		"100 | 1.234 | 1.000 | 4.125 | 0.017 | 90 | 2.500 | 3.000 | 1 | 0 | 16 | 0 | 75505 |\n",
		`500 | not valid: round 2: 1 failed calls: a \| reply is wrong |`,
		"| teleport | 0.90 (0.80-0.99) | | |",
		"| raw | 1.00 (1.00-1.00) | 1.00 (1.00-1.00) | 1.00 |",
		"Abacus, 2 cores, 8.0 GiB",
		"abc and changes to it",
		"## Not valid",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "- raw (") {
		t.Error("a floor has a table in the original's form")
	}
}

func TestMarkdown_AnotherSetup(t *testing.T) {
	r := made()
	r.Profile, r.ProfileDiffers = "target", []string{"cores: target has 16, this machine 2"}
	if text := Markdown(r); !strings.Contains(text, "these are not its figures: cores") {
		t.Errorf("the table is called the target's:\n%s", text)
	}
	r.Rows[0].Options.Codec = "json"
	if text := Markdown(r); strings.Contains(text, "90 | 2.500 | 3.000 | 1 | 0 |") {
		t.Error("the published figures stand beside another codec's")
	}
}

func TestWrite_ReadsBack(t *testing.T) {
	dir := t.TempDir()
	files, err := Write(filepath.Join(dir, "deep", "er"), made())
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	r, err := Read(files[2])
	if err != nil || len(r.Rows) != 4 || r.Rows[0].Summary.TPS.Median != 90 || r.Rows[0].Clients != 100 {
		t.Errorf("read back: %v, %+v", err, r)
	}
}

func TestTitle(t *testing.T) {
	for want, c := range map[string]harness.Cell{
		"closed loop, one connection per client":                                  {Workload: harness.Closed, Mode: "conn"},
		"open loop, one shared connection":                                        {Workload: harness.Open, Mode: "shared1"},
		"short calls beside 7 slow ones, 8 shared connections, handler mixed:1ms": {Workload: harness.Mixed, Mode: "shared8", Sleepers: 7, Options: harness.Options{Handler: "mixed:1ms"}},
		"closed loop, one connection per client, codec bytes, 64 bytes":           {Workload: harness.Closed, Mode: "conn", Options: harness.Options{Codec: "bytes", Size: 64}},
	} {
		if got := Title(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
