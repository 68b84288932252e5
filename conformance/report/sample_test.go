package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

var update = flag.Bool("update", false, "write the golden files anew")

// nasty is text that each form has to escape in its own way.
const nasty = "<b>&\"quoted\" 'n' | `code` * # \\ ]]> \x1b[31m\x00 \u202e\xff @all -->"

// everyVerdict is a run with every verdict and mark, and with names and details that want escaping.
func everyVerdict() *runner.Report {
	frame := []byte("\x00\x00\x00\x1ff\x00\x00\x00\x00\x00\x00\x00\x00\x07\x01\x00\x00\x00\x02/a\x00\x00\x00\x03k=vshi")
	got := bytes.Clone(frame)
	got[13] = 8
	return &runner.Report{
		Target: "a Proto " + nasty, Abandoned: 1, Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Duration: 1500 * time.Millisecond,
		Without: []runner.Feature{"flood"},
		Stale:   []runner.Stale{{Case: "proto/nosuch" + nasty, Why: "line 9 names a case that the run did not have " + nasty}},
		Results: []runner.Result{
			{Case: "proto/pass", Chapter: "14 Proto contract", Title: "passes", Level: runner.MUST, Verdict: runner.Pass, Requirements: []string{"TP-PROTO-003"}, Duration: 1500 * time.Microsecond,
				Trace: []runner.TraceEntry{{Dir: runner.Sent, Bytes: frame, Len: len(frame)}}},
			{Case: "proto/fail", Chapter: "14 Proto contract", Title: "fails " + nasty, Level: runner.MUST, Verdict: runner.Fail, Requirements: []string{"TP-PROTO-003", "TP-FRAME-016"},
				Detail: "expected 1 " + nasty + "\n```\n  got 2\t|", Features: []runner.Feature{"pipe"}, Duration: 3 * time.Second,
				Diffs:    []runner.Diff{{What: "the frame", Expected: frame, Got: got, ExpectedLen: len(frame), GotLen: len(got), Fields: Frames(frame)}},
				Trace:    []runner.TraceEntry{{Dir: runner.Sent, Note: "packet 1 " + nasty, Bytes: frame, Len: len(frame)}, {Dir: runner.Received, Bytes: []byte(nasty), Len: 5000}},
				Untraced: 3},
			{Case: "proto/panic", Chapter: "14 Proto contract", Title: "crashes", Level: runner.MUST, Verdict: runner.Panic, Detail: "Unpack panicked: ouch\nstack"},
			{Case: "proto/known", Chapter: "08 metadata", Title: "is known", Level: runner.MUST, Verdict: runner.Fail, Requirements: []string{"TP-META-001"}, Detail: "the order is lost", Mark: runner.MarkKnown, Note: "line 1 of the known failures expects this"},
			{Case: "proto/stale", Chapter: "08 metadata", Title: "is stale", Level: runner.MUST, Verdict: runner.Pass, Mark: runner.MarkStale, Note: "line 2 of the known failures expects this case to fail, and it passes: take the line out"},
			{Case: "peer/hang", Chapter: "10 session", Title: "hangs", Level: runner.MUST, Verdict: runner.Hang, Requirements: []string{"TP-SEQ-001"}, Detail: "did not return within 20s: Unpack"},
			{Case: "peer/flaky", Chapter: "10 session", Title: "comes and goes", Level: runner.MUST, Verdict: runner.Pass, Mark: runner.MarkFlaky, Note: "flaky: passed in run 2 of at most 3", Runs: 2},
			{Case: "peer/should", Chapter: "10 session", Title: "is only asked for", Level: runner.SHOULD, Verdict: runner.Fail, Detail: "no " + nasty},
			{Case: "peer/harness", Chapter: "10 session", Title: "cannot be judged", Level: runner.MUST, Verdict: runner.HarnessError, Detail: "no network"},
			{Case: "wire/skip", Level: runner.MUST, Verdict: runner.Skipped, Detail: "needs the feature \"flood\" # | <b>"},
			{Case: "wire/<b>\"id\"&'|", Chapter: "06 fast/1", Title: "has an odd id", Level: runner.SHOULD, Verdict: runner.Pass},
		},
	}
}

// golden compares got with the file, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", name, HexDiff(want, got, nil))
	}
}

// form writes the sample by one of the writers.
func form(t *testing.T, write func(*Document, *bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(New(everyVerdict()), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
