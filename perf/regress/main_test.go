package main

import (
	"errors"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/perf/harness"
)

func TestParse_ArgumentsAndFlagsInAnyOrder(t *testing.T) {
	o, err := parse([]string{"v1", "--rounds", "3", "v2", "--fail-over=5%", "--metrics", "tps, rss"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if o.old != "v1" || o.new != "v2" || o.rounds != 3 || o.failOver != 0.05 || len(o.metrics) != 2 || o.metrics[1].name != "rss" {
		t.Errorf("%+v", o)
	}
	o, err = parse([]string{"main"}, io.Discard)
	if err != nil || o.new != workingTree || o.failOver >= 0 || !slices.Contains(o.workload, "--systems") {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestParse_MistakesAreExplained(t *testing.T) {
	for _, tt := range []struct{ args, says string }{
		{"", "expected two commits or two results"},
		{"a b c", "expected two commits or two results"},
		{"a --rounds 0", "expected 1 or more"},
		{"a --metrics speed", `no figure is called "speed": expected some of tps,p50,p99,cpu,allocs,bytes,rss`},
		{"a --fail-on speed", "--fail-on"},
		{"a --fail-over much", `--fail-over "much": expected a percentage, as 10%`},
		{"a --fail-over -3%", "expected a percentage"},
		{"a --colour", "flag provided but not defined"},
	} {
		_, err := parse(strings.Fields(tt.args), io.Discard)
		if !errors.Is(err, errUsage) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: %v, expected %q", tt.args, err, tt.says)
		}
	}
}

func TestExitCode_OfEachEnd(t *testing.T) {
	for err, code := range map[error]int{nil: 0, flag.ErrHelp: 0, errSlower: 1, errUsage: 2, io.ErrUnexpectedEOF: 3} {
		if got := exitCode(err, io.Discard); got != code {
			t.Errorf("%v: %d, expected %d", err, got, code)
		}
	}
}

func TestHelp_HasEveryFlag(t *testing.T) {
	var out strings.Builder
	if _, err := parse([]string{"--help"}, &out); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, s := range []string{"-rounds", "-workload", "-metrics", "-fail-over", "-fail-on", "Exit codes:", "10%  "} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("--help lacks %q", s)
		}
	}
}

func TestReadReport_WhatIsNotOne(t *testing.T) {
	foreign := saved(t, harness.Report{Version: 99})[0]
	for path, says := range map[string]string{
		"main_test.go":      "is not a report of the harness",
		foreign:             "has version 99, this program reads 1",
		t.TempDir():         "report.json",
		"/does/not/be.json": "reading a report",
	} {
		if _, err := readReport(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, expected %q", path, err, says)
		}
	}
}
