package cli_test

import (
	"bytes"
	"encoding/csv"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/perf/floor"
	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/harness/cli"
	"github.com/henrylee2cn/teleport/perf/harness/report"
	"github.com/henrylee2cn/teleport/perf/systems"
)

// config is what the test binary is, as a program: its workers are itself again.
func config() cli.Config {
	return cli.Config{
		Use: "perf", Called: "perf", Worker: []string{"worker"},
		Systems: slices.Concat(systems.Systems(), floor.Systems()),
	}
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(cli.Main(config(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// perf runs the command and gives its exit code, output and report.
func perf(t *testing.T, args string) (code int, text string, r harness.Report) {
	t.Helper()
	dir := t.TempDir()
	var out, errs bytes.Buffer
	code = cli.Main(config(), append(strings.Fields(args), "--no-conform", "--out", dir), &out, &errs)
	if path := filepath.Join(dir, "report.json"); code != cli.ExitUsage {
		var err error
		if r, err = report.Read(path); err != nil {
			t.Fatalf("%v\n%s", err, errs.String())
		}
	}
	if strings.Contains(errs.String(), "DATA RACE") { // of a worker: its exit code is nobody's
		t.Error(errs.String())
	}
	return code, out.String() + errs.String(), r
}

// valid fails where a row has failed calls, or not so many calls in each of its runs.
func valid(t *testing.T, r harness.Report, rounds int, calls int64) {
	t.Helper()
	for _, row := range r.Rows {
		if row.Invalid != "" || len(row.Runs) != rounds {
			t.Errorf("%s: %d runs, invalid: %q", row.System, len(row.Runs), row.Invalid)
			continue
		}
		for _, run := range row.Runs {
			if run.Calls != calls || run.Errors != 0 || run.TPS <= 0 || run.Latency.Max < run.Latency.Median {
				t.Errorf("%s, round %d: %d of %d calls, %d errors, latency %+v", row.System, run.Round+1, run.Calls, calls, run.Errors, run.Latency)
			}
			var sum int64
			for _, n := range run.Series {
				sum += n
			}
			if sum != calls {
				t.Errorf("%s: the series has %d calls, want %d", row.System, sum, calls)
			}
		}
	}
}

func TestPerf_ClosedLoop(t *testing.T) {
	code, text, r := perf(t, "--n 301 --clients 3 --rounds 2")
	if code != cli.ExitOK || len(r.Rows) != 3 {
		t.Fatalf("exit code %d with %d rows, want 0 with 3\n%s", code, len(r.Rows), text)
	}
	valid(t, r, 2, 301)
	for _, row := range r.Rows {
		if row.Env.Go == "" || row.Env.Cores == 0 || row.Flags == "" || row.Verdict == "" {
			t.Errorf("%s: the row does not say where it comes from: %+v, %q", row.System, row.Env, row.Flags)
		}
		if u := row.Runs[0].Server; u.Goroutines == 0 || u.Heap == 0 {
			t.Errorf("%s: the server's usage is %+v", row.System, u)
		}
	}
	for _, want := range []string{"- teleport (", "client concurrency | mean(ms) |", "## Ratios", "| raw | 1.00", "Written:"} {
		if !strings.Contains(text, want) {
			t.Errorf("the output has no %q:\n%s", want, text)
		}
	}
}

func TestPerf_Workloads(t *testing.T) {
	for _, tt := range []struct {
		args  string
		calls int64
	}{
		{"--mode shared1 --n 200 --clients 4 --systems teleport,teleport/socket,coalescing", 200},
		{"--workload push --n 100 --clients 2 --systems teleport-generic", 100},
		{"--rate 5000 --n 100 --clients 4 --systems teleport", 100},
		{"--workload mixed --n 50 --clients 2 --sleepers 3 --systems teleport,coalescing-goroutine", 50},
		{"--codec bytes --size 70000 --n 20 --clients 2 --systems teleport,teleport/socket", 20},
		{"--codec json --pipe g --proto json --handler callback --n 20 --clients 2 --systems teleport", 20},
	} {
		code, text, r := perf(t, tt.args+" --rounds 1")
		if code != cli.ExitOK || len(r.Rows) == 0 {
			t.Errorf("%s: exit code %d\n%s", tt.args, code, text)
		}
		valid(t, r, 1, tt.calls)
	}
}

func TestPerf_Idle(t *testing.T) {
	code, text, r := perf(t, "--workload idle --clients 40 --rest 50ms --systems teleport --rounds 1")
	if code != cli.ExitOK || len(r.Rows) != 1 || len(r.Rows[0].Runs) != 1 {
		t.Fatalf("exit code %d\n%s", code, text)
	}
	if i := r.Rows[0].Runs[0].Idle; i == nil || i.Connections != 40 || i.Served == 0 {
		t.Errorf("got %+v, want 40 connections and calls that were served meanwhile", i)
	}
}

func TestPerf_ServerOnAnotherHost(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	var log bytes.Buffer
	go func() { served <- harness.ServeControl(t.Context(), lis, []string{self, "worker"}, &log) }()
	code, text, r := perf(t, "--n 50 --clients 2 --rounds 1 --systems raw --server "+lis.Addr().String())
	if code != cli.ExitOK || len(r.Rows) != 1 || r.Env.Host == "" {
		t.Errorf("exit code %d, host %q\n%s", code, r.Env.Host, text)
	}
	valid(t, r, 1, 50)
	lis.Close()
	<-served
}

func TestPerf_WhatFails(t *testing.T) {
	dir := t.TempDir()
	report := filepath.Join(dir, "old.json")
	if err := os.WriteFile(report, []byte(`{"version": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{"--workload dance", cli.ExitUsage, "expected closed, open"},
		{"--mode half", cli.ExitUsage, "expected conn, shared1"},
		{"--handler sleep", cli.ExitUsage, "sleep:DURATION"},
		{"--handler mixed:1ms", cli.ExitUsage, "belong together"},
		{"--n 0", cli.ExitUsage, "positive"},
		{"--workload open", cli.ExitUsage, "--rate"},
		{"--profile moon", cli.ExitUsage, "moon"},
		{"--cpuprofile me", cli.ExitUsage, "server, client or both"},
		{"--systems nobody", cli.ExitUsage, "there is none"},
		{"--bars=12", cli.ExitUsage, "there is no bar 12"},
		{"--bars=x", cli.ExitUsage, "expected numbers"},
		{"--mode shared1 --systems raw --clients 4", cli.ExitUsage, "nothing is left to measure"},
		{"--from x.json", cli.ExitUsage, "--bars"},
		{"--bars --from " + report, cli.ExitShort, "version 99"},
		{"extra", cli.ExitUsage, "extra"},
	} {
		var out, errs bytes.Buffer
		code := cli.Main(config(), append(strings.Fields(tt.args), "--out", dir), &out, &errs)
		if code != tt.code || !strings.Contains(errs.String(), tt.says) {
			t.Errorf("%s: exit code %d, want %d, saying %q, not %q", tt.args, code, tt.code, tt.says, errs.String())
		}
	}
}

func TestPerf_CSVHasALineForEachRun(t *testing.T) {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	code := cli.Main(config(), []string{"--n", "20", "--clients", "2", "--rounds", "2", "--systems", "raw", "--no-conform", "--json", "--out", dir}, &out, &errs)
	if code != cli.ExitOK || !strings.HasPrefix(out.String(), "{") {
		t.Fatalf("exit code %d, output %.100q\n%s", code, out.String(), errs.String())
	}
	b, err := os.ReadFile(filepath.Join(dir, "report.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Errorf("%d lines, %v; want a head and two runs", len(lines), err)
	}
}

func TestPerf_Profiles(t *testing.T) {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	code := cli.Main(config(), []string{"--n", "50", "--clients", "2", "--rounds", "1", "--systems", "raw", "--no-conform",
		"--cpuprofile", "both", "--memprofile", "server", "--out", dir}, &out, &errs)
	if code != cli.ExitOK {
		t.Fatalf("exit code %d\n%s", code, errs.String())
	}
	for _, name := range []string{"server.cpu", "client.cpu", "server.mem"} {
		path := filepath.Join(dir, "profiles", "raw-closed-conn-2-r1-"+name+".pprof")
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", path, err)
		}
	}
}
