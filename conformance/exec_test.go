package conformance_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/tools/needs"
	"github.com/henrylee2cn/teleport/tools/teleport/cli"
)

// asTestee, in the environment, makes this test binary a testee: the reference, with the fault that the value names.
const asTestee = "TELEPORT_TEST_TESTEE"

func TestMain(m *testing.M) {
	if fault := os.Getenv(asTestee); fault != "" {
		os.Exit(beTestee(fault))
	}
	os.Exit(m.Run())
}

// faults change the third line that a testee writes after its hello; what they give is written in its place.
var faults = map[string]func(line []byte) []byte{
	"crash":     func([]byte) []byte { fmt.Fprintln(os.Stderr, "something went wrong"); os.Exit(7); return nil },
	"hang":      func([]byte) []byte { select {} },
	"garbage":   func([]byte) []byte { return []byte("debugging: here I am\n") },
	"two-lines": func(line []byte) []byte { return append([]byte("\n"), line...) },
	"wrong-id":  func(line []byte) []byte { return replaced(line, `"id":"wire/`, `"id":"wire/another-`) },
	"wrong-run": func(line []byte) []byte { return replaced(line, `"run":1`, `"run":9`) },
	"status":    func(line []byte) []byte { return replaced(line, `"status":"ok"`, `"status":"fine"`) },
	"class": func(line []byte) []byte {
		return replaced(line, `"status":"ok"`, `"status":"rejected","class":"bad","stage":"frame"`)
	},
	"not-hex": func(line []byte) []byte { return replaced(line, `"hex":"2f`, `"hex":"zz`) },
	"flood":   func([]byte) []byte { flood(); return nil },
	"rejects": func(line []byte) []byte {
		return replaced(line, `"status":"ok"`, `"status":"rejected","class":"length","stage":"frame"`)
	},
	"changes": func(line []byte) []byte { return replaced(line, `"ptype":`, `"ptype":1`) },
	"size":    func(line []byte) []byte { return replaced(line, `"size":`, `"size":1`) },
	"lazy": func(line []byte) []byte {
		return replaced(line, `"status":"ok"`, `"status":"unimplemented","message":"not yet"`)
	},
	"own-fault": func(line []byte) []byte {
		return replaced(line, `"status":"ok"`, `"status":"harness-error","message":"no disk"`)
	},
}

func replaced(line []byte, old, new string) []byte {
	return bytes.Replace(line, []byte(old), []byte(new), 1)
}

// flood writes a line without an end until nobody reads it any more.
func flood() {
	for chunk := bytes.Repeat([]byte("x"), 1<<16); ; {
		if _, err := os.Stdout.Write(chunk); err != nil {
			os.Exit(0)
		}
	}
}

func beTestee(fault string) int {
	switch fault {
	case "exits":
		fmt.Fprintln(os.Stderr, "no config file")
		return 4
	case "mute":
		select {}
	case "old":
		fmt.Println(`{"type":"hello","contract":0,"name":"old","protos":["fast/1"]}`)
		return 0
	}
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() { // owner: beTestee, ends with the pipe
		defer close(done)
		lines := bufio.NewReader(r)
		for n := -1; ; n++ {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			if change := faults[fault]; change != nil && n == 2 {
				line = change(line)
			}
			_, _ = os.Stdout.Write(line)
		}
	}()
	code := cli.Main([]string{"conform", "testee"}, os.Stdin, w, os.Stderr)
	_ = w.Close()
	<-done
	return code
}

// reference gives the command of the testee that is the reference, with a fault unless that is "none".
func reference(t *testing.T, fault string) []string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asTestee, fault)
	return []string{exe}
}

func TestCheckExec_ReferenceConforms(t *testing.T) {
	r := conformance.CheckExec(t.Context(), reference(t, "none"), battery()...)
	n := counts(t, r)
	if !whole() {
		return
	}
	if n["wire pass"] != 1550 || n["wire skipped"] != 0 || n["interop pass"] < 270 || n["interop skipped"] != 0 || n["proto pass"] < 45 {
		t.Errorf("expected every vector, every recording and 45 Proto cases to pass, got %v", n)
	}
}

// whole reports whether a testee runs everything: TELEPORT_LONG=1. Else it runs a part that takes a second.
func whole() bool { return os.Getenv("TELEPORT_LONG") == "1" }

// battery are the options to run everything, or a part of it. The heavy Proto cases keep their short counts: each
// question goes to another process.
func battery() []conformance.Option {
	opts := []conformance.Option{conformance.WithLong(false), conformance.WithSilenceTimeout(time.Minute), conformance.WithTimeout(2 * time.Minute)}
	if !whole() {
		for _, part := range []string{"wire/fast-*", "wire/gzip-*", "wire/meta-*", "wire/crc-*", "wire/aead-*", "wire/stream-end-*", "interop/*g", "proto/roundtrip-basic", "proto/end-*"} {
			opts = append(opts, conformance.Only(part))
		}
	}
	return opts
}

// counts counts verdicts by battery, and wants no failure.
func counts(t *testing.T, r *conformance.Report) map[string]int {
	t.Helper()
	for i, f := range r.Failures() {
		if i < 10 {
			t.Errorf("%s: %s: %s", f.Case, f.Verdict, f.Detail)
		}
	}
	n := map[string]int{}
	for _, result := range r.Results {
		battery, _, _ := strings.Cut(result.Case, "/")
		n[battery+" "+string(result.Verdict)]++
	}
	t.Logf("%s: %v", r.Target, n)
	return n
}

// The testees in other languages, from the standard alone. What they do not declare is skipped: other Protos, and
// the filters that their standard libraries lack.
func TestCheckExec_OtherLanguages(t *testing.T) {
	for _, tt := range []struct {
		name, file       string
		programs         []string
		passed, skipped  int // vectors
		undeclaredFilter string
	}{
		{"python", "testee/python/testee.py", []string{"python3"}, 1008, 542, "zax"},
		{"node", "testee/node/testee.js", []string{"node", "nodejs"}, 1181, 369, "z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file, err := filepath.Abs(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := os.ReadFile(file); err != nil || bytes.Count(raw, []byte("\n")) >= 250 {
				t.Errorf("a template has fewer than 250 lines: %v, %d lines", err, bytes.Count(raw, []byte("\n")))
			}
			r := conformance.CheckExec(t.Context(), []string{needs.Program(t, tt.programs...), file}, battery()...)
			n := counts(t, r)
			if n["wire pass"] < 200 || n["proto pass"] < 4 {
				t.Errorf("expected at least 200 vectors and 4 Proto cases to pass, got %v", n)
			}
			if whole() && (n["wire pass"] != tt.passed || n["wire skipped"] != tt.skipped || n["interop skipped"] != 0 || n["proto pass"] < 45) {
				t.Errorf("expected %d vectors to pass and %d to be skipped, got %v", tt.passed, tt.skipped, n)
			}
			for _, result := range r.Results {
				if result.Verdict == conformance.Skipped && strings.HasPrefix(result.Case, "wire/") && !declaredAway(result.Detail, tt.undeclaredFilter) {
					t.Errorf("%s is skipped: %s", result.Case, result.Detail)
				}
			}
		})
	}
}

// declaredAway reports whether a case was skipped for what a testee for fast/1 without these filters cannot run.
func declaredAway(why, filters string) bool {
	if strings.Contains(why, "does not declare the Proto json/1") || strings.Contains(why, "does not declare the Proto pb/1") {
		return true
	}
	return slices.ContainsFunc([]rune(filters), func(id rune) bool {
		return strings.Contains(why, fmt.Sprintf("does not declare the filter %d ", id))
	})
}

// Five cases of two questions each: the fault is in the answer to the third question, the first of the second case.
func TestCheckExec_FaultsAreToldApart(t *testing.T) {
	const pass, bad = conformance.Pass, conformance.HarnessError
	for _, tt := range []struct {
		fault   string
		verdict conformance.Verdict // of the second case
		detail  string
		restart bool // the third question of the next process is the first of the fourth case
	}{
		{"none", pass, "", false},
		{"crash", conformance.Panic, "exit status 7", true},
		{"hang", conformance.Hang, "silent for", true},
		{"garbage", bad, "debugging: here I am", true},
		{"two-lines", bad, "no JSON", true},
		{"wrong-id", bad, `an answer to case "wire/another-`, true},
		{"wrong-run", bad, "run 9", true},
		{"status", bad, `status "fine"`, true},
		{"class", bad, `class "bad"`, true},
		{"not-hex", bad, "invalid byte", false}, // the fourth case has no uri
		{"flood", bad, "longer than the contract allows", true},
		{"rejects", conformance.Fail, "class length", false},
		{"changes", conformance.Fail, "ptype", false},
		{"size", conformance.Fail, "size", false},
		{"lazy", conformance.Skipped, "unimplemented", false},
		{"own-fault", bad, "no disk", false},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			if tt.fault == "hang" && testing.Short() {
				t.Skip("it waits for a silence")
			}
			opts := []conformance.Option{conformance.Only("wire/fast-example-000*")}
			if tt.fault == "hang" {
				opts = []conformance.Option{conformance.Only("wire/fast-example-0001"), conformance.Only("wire/fast-example-0002"),
					conformance.WithSilenceTimeout(1500 * time.Millisecond)}
			}
			r := conformance.CheckExec(t.Context(), reference(t, tt.fault), opts...)
			want := []conformance.Verdict{pass, tt.verdict, pass, pass, pass}
			if tt.restart {
				want[3] = tt.verdict
			}
			for i, result := range r.Results {
				if result.Verdict != want[i] || result.Verdict != pass && !strings.Contains(result.Detail, tt.detail) {
					t.Errorf("%s: got %s (%s), expected %s with %q", result.Case, result.Verdict, result.Detail, want[i], tt.detail)
				}
			}
			if len(r.Results) != 5 && tt.fault != "hang" {
				t.Errorf("%d results, expected 5", len(r.Results))
			}
			if tt.fault == "crash" && !strings.Contains(r.Results[1].Detail, "something went wrong") {
				t.Errorf("the last words on standard error are not in the detail: %s", r.Results[1].Detail)
			}
		})
	}
}

func TestCheckExec_CannotStart(t *testing.T) {
	for _, tt := range []struct{ fault, want string }{
		{"exits", "exit status 4"}, {"old", "version 0 of the contract"}, {"mute", "silent for"},
	} {
		var opts []conformance.Option
		if tt.fault == "mute" {
			opts = append(opts, conformance.WithConnectTimeout(time.Second))
		}
		r := conformance.CheckExec(t.Context(), reference(t, tt.fault), opts...)
		if len(r.Results) != 1 || r.Results[0].Case != conformance.CaseTestee || r.HarnessFaults() != 1 || !strings.Contains(r.Results[0].Detail, tt.want) {
			t.Errorf("%s: expected one harness-error %s with %q, got %+v", tt.fault, conformance.CaseTestee, tt.want, r.Results)
		}
	}
	if r := conformance.CheckExec(t.Context(), []string{filepath.Join(t.TempDir(), "nobody")}); r.HarnessFaults() != 1 {
		t.Errorf("a program that is not there: %+v", r.Results)
	}
}

func TestTestExec_RunsSubtests(t *testing.T) {
	conformance.TestExec(t, reference(t, "none"), conformance.Only("wire/fast-example-*"), conformance.Only("proto/roundtrip-basic"))
}
