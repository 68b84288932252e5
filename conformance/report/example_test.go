package report_test

import (
	"bytes"
	"fmt"
	"os"

	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

func ExampleHexDump() {
	fmt.Print(report.HexDump([]byte{0, 0, 0, 6, 'f', 0}, []report.Field{{Name: "size", At: 0, Len: 4}, {Name: "proto", At: 4, Len: 1}}))
	// Output:
	//   000000  size   00 00 00 06
	//   000004  proto  66
	//   000005         00
}

// A JSON report is the source of every other form.
func ExampleRead() {
	var file bytes.Buffer
	_ = report.JSON(&file, &runner.Report{Target: "a Proto", Results: []runner.Result{
		{Case: "proto/write-once", Chapter: "14 Proto contract", Level: runner.MUST, Verdict: runner.Fail, Detail: "there were 2 writes"},
	}})
	d, err := report.Read(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Outcome, d.Totals.Must)
	for _, c := range d.Failures() {
		fmt.Println(c.ID, c.Detail)
	}
	// Output:
	// does-not-conform 1 fail
	// proto/write-once there were 2 writes
}

// Two reports side by side: what the later one broke.
func ExampleCompare() {
	at := func(v runner.Verdict) *report.Document {
		return report.New(&runner.Report{Target: "a Proto", Results: []runner.Result{{Case: "proto/write-once", Chapter: "14 Proto contract", Level: runner.MUST, Verdict: v}}})
	}
	c := report.Compare(at(runner.Pass), at(runner.Fail))
	for _, change := range c.Changes {
		fmt.Println(change.Kind, change.ID)
	}
	// Output: broken proto/write-once
}

// The bytes of a case, as a replay shows them.
func ExampleTrace() {
	_ = report.Trace(os.Stdout, runner.Result{Trace: []runner.TraceEntry{
		{Dir: runner.Sent, Note: "a frame with a filter", Bytes: []byte("\x00\x00\x00\x09f\x01gab"), Len: 9},
	}})
	// Output:
	// -> 1. sent 9 bytes: a frame with a filter
	//   000000  size          00 00 00 09
	//   000004  protocol id   66
	//   000005  filter count  01
	//   000006  filter ids    67
	//   000007  payload       61 62
}

func ExampleDocument_TAP() {
	d := report.New(&runner.Report{Target: "a Proto", Results: []runner.Result{
		{Case: "proto/version-named", Chapter: "15 versioning", Level: runner.MUST, Verdict: runner.Pass},
		{Case: "proto/pipe-order", Chapter: "07 transfer pipe", Level: runner.MUST, Verdict: runner.Skipped, Detail: "no pipe"},
	}})
	d.Standard, d.Suite = "1.0", "1.1"
	_ = d.TAP(os.Stdout)
	// Output:
	// TAP version 14
	// 1..2
	// # target: a Proto
	// # standard 1.0, suite 1.1
	// ok 1 - proto/pipe-order # SKIP no pipe
	// ok 2 - proto/version-named
	// # MUST: 1 pass, 1 skipped
	// # SHOULD: none
	// # conforms
}
