package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/harness/bars"
	"github.com/henrylee2cn/teleport/perf/internal/made"
)

const page = "# A page\n\n<!-- perf:begin -->\nold\n<!-- perf:end -->\n\nthe rest\n"

// checkout makes a folder with a README.md and, for each name, a result.
func checkout(t *testing.T, readme string, results ...string) string {
	t.Helper()
	root := t.TempDir()
	save(t, filepath.Join(root, "README.md"), []byte(readme))
	if err := os.MkdirAll(filepath.Join(root, "perf", "results"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, name := range results {
		dir := filepath.Join(root, "perf", "results", name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		r := made.Report(uint64(i))
		r.Env.CPU = name
		r.Rows = slices.DeleteFunc(r.Rows, func(row harness.Row) bool {
			return !slices.Contains([]string{"teleport", "teleport/socket", "raw", "kitex"}, row.System)
		})
		for i := range r.Rows { // the rest is long, and not read
			for k := range r.Rows[i].Runs {
				run := &r.Rows[i].Runs[k]
				*run = harness.Run{Round: run.Round, TPS: run.TPS}
			}
		}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		if _, err := w.Write(b); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		save(t, filepath.Join(dir, "report.json.gz"), zipped.Bytes())
		save(t, filepath.Join(dir, "tps-shared1.svg"), nil)
	}
	return root
}

func save(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRun_WritesTheNewestAndChecksIt(t *testing.T) {
	root := checkout(t, page, "2026-01-02-older", "2026-01-10-newer", "notes")
	if err := run([]string{"--check", "--root", root}, io.Discard, io.Discard); !errors.Is(err, errStale) {
		t.Errorf("before: %v", err)
	}
	if err := run([]string{"--write", "--root", root}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"--check", "--root", root}, io.Discard, io.Discard); err != nil {
		t.Errorf("after: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !strings.HasPrefix(text, "# A page\n\n<!-- perf:begin -->\n") || !strings.HasSuffix(text, "<!-- perf:end -->\n\nthe rest\n") {
		t.Error("what stands around the markers has changed")
	}
	for _, s := range []string{
		"2026-01-10-newer, 2 cores, 24 GiB, linux 6.6.0, go1.26.8, commit 0123456789ab.",
		"[2026-01-10-newer](perf/results/2026-01-10-newer)",
		"a closed loop, 200,000 calls a row, medians of 5 interleaved rounds.",
		"another machine",
		"\n- teleport\n\nclient concurrency | mean(ms) | median(ms) | p99(ms) | max(ms) | min(ms) | throughput(TPS) | published 2018 (TPS)\n",
		"\n- teleport/socket\n\nclient concurrency |",
		" | 75505\n",
		" | 133886\n",
		"| | one connection per client | one shared connection |\n",
		"| floor: raw | ",
		"| kitex 1.0 | ",
		", at 3 of 5 | ",
		"![Throughput against concurrency, one shared connection](perf/results/2026-01-10-newer/tps-shared1.svg)",
	} {
		if !strings.Contains(text, s) {
			t.Errorf("README.md lacks %q", s)
		}
	}
	if strings.Contains(text, "older") || strings.Contains(text, "eight shared") {
		t.Error("README.md has the older result, or a mode that was not measured")
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestRun_NoResultsYet(t *testing.T) {
	root := checkout(t, page)
	if err := run([]string{"--write", "--root", root}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"--check", "--root", root}, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
	var out strings.Builder
	if err := run([]string{"--root", root}, &out, io.Discard); err != nil || out.String() != "No results are committed yet.\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestRun_ErrorsSayWhatToDo(t *testing.T) {
	noMarkers := checkout(t, "# A page\n", "2026-01-02-made")
	foreign := checkout(t, page, "2026-01-02-made")
	save(t, filepath.Join(foreign, "perf", "results", "2026-01-02-made", "report.json"), []byte(`{"version": 99}`))
	broken := checkout(t, page, "2026-01-02-made")
	save(t, filepath.Join(broken, "perf", "results", "2026-01-02-made", "bars.json"), []byte(`[{`))
	empty := checkout(t, page)
	if err := os.Mkdir(filepath.Join(empty, "perf", "results", "2026-01-02-made"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		says string
	}{
		{"no markers", []string{"--write", "--root", noMarkers}, "put both where the tables shall stand"},
		{"another version", []string{"--root", foreign}, "the report has version 99, this program reads 1"},
		{"not JSON", []string{"--root", broken}, "bars.json: unexpected EOF"},
		{"no report", []string{"--root", empty}, "has neither report.json nor report.json.gz"},
		{"not a checkout", []string{"--root", t.TempDir()}, "reading the results"},
		{"both", []string{"--write", "--check"}, "expected --write or --check"},
		{"words", []string{"all"}, "expected --write or --check"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := run(tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, expected %q", err, tt.says)
			}
		})
	}
}

func TestCompare_GeometricMeanOverValidPoints(t *testing.T) {
	row := func(system string, clients int, tps float64, invalid string) harness.Row {
		return harness.Row{
			Cell:    harness.Cell{System: system, Workload: harness.Closed, Mode: "conn", Clients: clients},
			Invalid: invalid, Runs: []harness.Run{{TPS: tps}},
		}
	}
	small := row("teleport", 100, 7, "")
	large := row("teleport", 100, 20, "")
	large.Calls = 1_000_000
	odd := row("teleport", 500, 1e9, "")
	odd.Options.Size = 16
	r := harness.Report{Rows: []harness.Row{
		small, large, odd, row("teleport", 500, 80, ""), row("teleport", 1000, 50, ""), row("teleport", 1, 1e9, ""),
		row("other", 100, 10, ""), row("other", 500, 10, ""), row("other", 1000, 10, "a call failed"), row("other", 1, 1, ""),
	}}
	empty := harness.Report{Rows: []harness.Row{row("teleport", 100, 1, "")}}
	if got := compare([]harness.Report{empty, r}, "teleport", "other", "conn").String(); got != "4.00 (2.00 to 8.00), at 2 of 3" {
		t.Error(got)
	}
}

// The bars may have a folder of their own, with the rows that they needed.
func TestRun_FolderWithinTheResult(t *testing.T) {
	root := checkout(t, page, "2026-01-02-made")
	dir := filepath.Join(root, "perf", "results", "2026-01-02-made", "bars")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	rival := harness.Row{Cell: harness.Cell{System: "late", Workload: harness.Closed, Mode: "shared8", Clients: 100}, Kind: harness.Rival, Runs: []harness.Run{{TPS: 100}}}
	mine := rival
	mine.System, mine.Kind, mine.Runs = "teleport", harness.Peer, []harness.Run{{TPS: 300}}
	b, err := json.Marshal(harness.Report{Version: harness.ReportVersion, Env: harness.Env{Commit: "feedfacecafe0123"}, Rows: []harness.Row{mine, rival}})
	if err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(dir, "report.json"), b)
	b, err = bars.JSON([]bars.Outcome{
		{Name: "1 peer", Figure: "0.91x (0.88 to 0.93)", Limit: "at least 0.88x", Verdict: bars.Met},
		{Name: "2 shared", Figure: "0.7x", Limit: "at least 0.8x", Verdict: bars.Short},
		{Name: "3 | none", Limit: "at least 1x", Verdict: bars.NotMeasured},
	})
	if err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(dir, "bars.json"), b)
	var out strings.Builder
	if err := run([]string{"--root", root}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"Rows that this run lacks, and the bars, are of another: ",
		", commit feedfacecafe.",
		"| | one connection per client | one shared connection | eight shared connections |",
		"| late |  |  | 3.00 (3.00 to 3.00) |",
		": 1 met, 1 short, 1 not measured.",
		"| 1 peer | 0.91x (0.88 to 0.93) | at least 0.88x | met |",
		"| 2 shared | 0.7x | at least 0.8x | **short** |",
		`| 3 \| none |  | at least 1x | not measured |`,
		"tps-shared1.svg",
	} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("lacks %q", s)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
}
