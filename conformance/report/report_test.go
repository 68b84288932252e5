package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

func TestHexDiff_MarksWhatDiffers(t *testing.T) {
	want := []byte("\x00\x00\x00\x18f\x00\x00\x00\x00\x00\x00\x00\x00\x07\x01\x00\x00\x00\x05/echo")
	got := bytes.Clone(want)
	got[13] = 8
	fields := []Field{{Name: "seq", At: 6, Len: 8}, {Name: "ptype", At: 14, Len: 1}, {Name: "size", At: 0, Len: 4}}
	if s := HexDiff(want, got, fields); s != `first difference at byte 13 (seq); expected 24 bytes, got 24
  000000  want  00 00 00 18 66 00 00 00  00 00 00 00 00 07 01 00  |....f...........|  size, seq, ptype
          got   00 00 00 18 66 00 00 00  00 00 00 00 00 08 01 00  |....f...........|
                                                        ^^
  000010        00 00 05 2f 65 63 68 6f                           |.../echo|
` {
		t.Errorf("got\n%s", s)
	}
}

func TestHexDiff_Lengths(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 20)
	for _, c := range []struct {
		name      string
		want, got []byte
		contains  []string
	}{
		{"equal", long, long, []string{"the 320 bytes are equal"}},
		{"both empty", nil, []byte{}, []string{"the 0 bytes are equal"}},
		{"one byte missing at the end", long, long[:319], []string{"byte 319", "expected 320 bytes, got 319", "equal bytes", "000130  want"}},
		{"one byte more", long[:16], long[:17], []string{"byte 16", "got   30", "^^"}},
		{"nothing came", []byte{1}, nil, []string{"byte 0", "got 0", "^^"}},
		{"nothing was expected", nil, []byte{1}, []string{"expected 0 bytes, got 1", "^^"}},
		{"all differs", long, make([]byte, 320), []string{"more differences follow"}},
		{"a difference behind a long run", append(bytes.Clone(long), 1), append(bytes.Clone(long), 2), []string{"... 304 equal bytes", "000130", "000140  want"}},
	} {
		s := HexDiff(c.want, c.got, nil)
		for _, part := range c.contains {
			if !strings.Contains(s, part) {
				t.Errorf("%s: %q is not in\n%s", c.name, part, s)
			}
		}
	}
}

func TestHexDump_NamesFields(t *testing.T) {
	s := HexDump([]byte{0, 0, 0, 6, 'f', 0, 9, 9}, []Field{{Name: "proto", At: 4, Len: 1}, {Name: "size", At: 0, Len: 4}, {Name: "lie", At: 7, Len: 100}})
	if s != "  000000  size   00 00 00 06\n  000004  proto  66\n  000005         00 09 09\n" {
		t.Errorf("got\n%s", s)
	}
	if s := HexDump(make([]byte, 1000), []Field{{Name: "body", At: 0, Len: 1000}}); !strings.Contains(s, "(1000 bytes)") || len(s) > 300 {
		t.Errorf("a long field gives %d bytes:\n%s", len(s), s)
	}
	if s := HexDump(make([]byte, 1000), nil); !strings.Contains(s, "more bytes") {
		t.Errorf("long input without fields gives\n%s", s)
	}
}

func sampleReport() *runner.Report {
	return &runner.Report{Target: "Proto x", Abandoned: 1, Results: []runner.Result{
		{Case: "proto/a", Chapter: "07 transfer pipe", Level: runner.MUST, Verdict: runner.Pass, Requirements: []string{"TP-XFER-002"}, Duration: 1500 * time.Microsecond},
		{Case: "proto/b", Chapter: "14 Proto contract", Title: "b <works>", Level: runner.MUST, Verdict: runner.Fail, Requirements: []string{"TP-PROTO-003"}, Detail: "expected 1\ngot 2"},
		{Case: "proto/c", Chapter: "14 Proto contract", Level: runner.SHOULD, Verdict: runner.Skipped, Detail: "why"},
	}}
}

func TestText_ShowsChaptersFailuresAndTotals(t *testing.T) {
	var b strings.Builder
	if err := Text(&b, sampleReport()); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"conformance of Proto x", "07 transfer pipe   MUST 1/1\n", "14 Proto contract  MUST 0/1  skipped 1  fail 1\n",
		"FAIL  proto/b  MUST\n  proves: b <works>\n  [TP-PROTO-003] Pack MUST write exactly once", "    expected 1\n    got 2\n",
		"MUST    1 pass, 1 fail\nSHOULD  1 skipped\n", "1 cases that hang", "does NOT conform",
	} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("%q is not in\n%s", part, b.String())
		}
	}
}

func TestText_LastLineSaysTheOutcome(t *testing.T) {
	for verdict, want := range map[runner.Verdict]string{
		runner.Pass: "conforms\n", runner.Hang: "does NOT conform\n", runner.HarnessError: "undecided: the judge itself failed on some cases (harness-error)\n",
		runner.Skipped: "undecided: nothing was judged, for every case was skipped\n",
	} {
		var b strings.Builder
		r := &runner.Report{Results: []runner.Result{{Level: runner.MUST, Verdict: verdict}}}
		if err := Text(&b, r); err != nil {
			t.Fatal(err)
		}
		if d := New(r); d.OK != r.OK() || d.OK != (d.Outcome == Conforms) {
			t.Errorf("%s: the document says %v and %s, the run says %v", verdict, d.OK, d.Outcome, r.OK())
		}
		if !strings.HasSuffix(b.String(), "\n"+want) {
			t.Errorf("%s: expected the last line %q in\n%s", verdict, want, b.String())
		}
	}
}

func TestJSON_HasThePromisedMembers(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, sampleReport()); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Format int
		Target string
		OK     bool
		Totals struct{ Must, Should map[string]int }
		Cases  []struct {
			ID, Level, Verdict, Detail string
			Requirements               []string
			MS                         float64
		}
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Format != 1 || doc.Target != "Proto x" || doc.OK || len(doc.Cases) != 3 {
		t.Fatalf("got %+v", doc)
	}
	if doc.Totals.Must["pass"] != 1 || doc.Totals.Must["fail"] != 1 || len(doc.Totals.Must) != 6 || doc.Totals.Should["skipped"] != 1 {
		t.Errorf("totals: %+v", doc.Totals)
	}
	if c := doc.Cases[0]; c.ID != "proto/a" || c.MS != 1.5 || c.Level != "MUST" || c.Verdict != "pass" || len(c.Requirements) != 1 {
		t.Errorf("first case: %+v", c)
	}
	if doc.Cases[2].Requirements == nil {
		t.Errorf("a case without requirements has null instead of []")
	}
}

func TestJSON_SameVerdictsSameBytes(t *testing.T) {
	var one, two bytes.Buffer
	if err := JSON(&one, sampleReport()); err != nil {
		t.Fatal(err)
	}
	if err := JSON(&two, sampleReport()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) || !strings.Contains(one.String(), "b <works>") {
		t.Errorf("two writings differ, or text is escaped beyond need:\n%s", one.String())
	}
}
