package runner

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func parseKnown(t *testing.T, text string) *Known {
	t.Helper()
	k, err := ParseKnown(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKnown_Judge(t *testing.T) {
	k := parseKnown(t, `
# a comment
proto/sub   got 2 writes
proto/glob	took * bytes, allowed are *
proto/any *
`)
	for _, c := range []struct {
		name, id string
		verdict  Verdict
		detail   string
		want     Mark
	}{
		{"a part of the detail", "proto/sub", Fail, "expected 1,\n  got 2 writes\nand more", MarkKnown},
		{"another detail", "proto/sub", Fail, "got 3 writes", MarkStale},
		{"a glob", "proto/glob", Fail, "decoding took 123 bytes, allowed are 7", MarkKnown},
		{"a glob that does not fit", "proto/glob", Fail, "decoding took 123 bytes", MarkStale},
		{"any panic", "proto/any", Panic, "ouch", MarkKnown},
		{"any hang", "proto/any", Hang, "", MarkKnown},
		{"a pass", "proto/any", Pass, "", MarkStale},
		{"a fault of the judge is never known", "proto/any", HarnessError, "ouch", ""},
		{"skipped: said of the run, not of the case", "proto/any", Skipped, "no pipe", ""},
		{"not listed", "proto/other", Fail, "ouch", ""},
	} {
		got := k.Judge(k.Judge(Result{Case: c.id, Level: MUST, Verdict: c.verdict, Detail: c.detail}))
		if got.Mark != c.want || (got.Note != "") != (c.want != "") {
			t.Errorf("%s: got the mark %q, note %q; expected %q", c.name, got.Mark, got.Note, c.want)
		}
		r := Report{Results: []Result{got}}
		if want := c.want == MarkKnown || c.want == "" && c.verdict == Pass; r.OK() != want {
			t.Errorf("%s: the run is OK: %v", c.name, r.OK())
		}
	}
}

func TestKnown_FinishFindsWhatWasNotRun(t *testing.T) {
	k := parseKnown(t, "proto/ran *\nproto/skipped *\nproto/misspelt *\npeer/other *\n")
	run := func() *Report {
		return &Report{Results: []Result{{Case: "proto/ran", Verdict: Fail}, {Case: "proto/skipped", Verdict: Skipped, Detail: "no pipe"}}}
	}
	mine := func(id string) bool { return strings.HasPrefix(id, "proto/") }
	r := run()
	k.Finish(r, mine)
	k.Finish(r, mine) // changes nothing more
	if len(r.Stale) != 2 || r.Stale[0].Case != "proto/skipped" || r.Stale[1].Case != "proto/misspelt" || !strings.Contains(r.Stale[1].Why, "line 3") || r.OK() {
		t.Errorf("got %+v, OK %v", r.Stale, r.OK())
	}
	r = run()
	k.Finish(r, nil)
	if len(r.Stale) != 0 || !r.OK() || len(r.KnownFailures()) != 1 || len(r.Failures()) != 0 {
		t.Errorf("a restricted run: %+v, OK %v", r.Stale, r.OK())
	}
}

func TestParseKnown_Refuses(t *testing.T) {
	for text, says := range map[string]string{
		"proto/a":                                 "line 1 of the list: proto/a has no expected detail",
		"# x\n\nproto/a x\nproto/a y\n":           "line 4 of the list: proto/a is in line 3 already",
		"a " + strings.Repeat("x", maxListLine+1): "line 1 of the list",
	} {
		_, err := ParseKnown(strings.NewReader(text))
		if fault, ok := errors.AsType[*ListError](err); !ok || !strings.Contains(fault.Error(), says) {
			t.Errorf("%.40q: got %v, expected %q", text, err, says)
		}
	}
	if f, err := ParseFlaky(strings.NewReader("proto/a\nproto/b now and then\n")); err != nil || !f.Has("proto/a") || !f.Has("proto/b") || f.Has("proto/c") {
		t.Errorf("a flaky list needs no reasons: %v", err)
	}
}

// TestWriteKnown_RoundTrips: the same failures, whose details differ in what is never the same, are known.
func TestWriteKnown_RoundTrips(t *testing.T) {
	at := func(address, port, took, mem string) *Report {
		return &Report{Results: []Result{
			{Case: "z/last", Verdict: Panic, Detail: "Unpack panicked: at " + address + "\nstack"},
			{Case: "a/first", Verdict: Fail, Detail: "127.0.0.1:" + port + " did not answer within " + took + "\nmore " + took},
			{Case: "b/memory", Verdict: Fail, Detail: "decoding took " + mem + " bytes of memory, allowed are 64"},
			{Case: "c/odd", Verdict: Fail, Detail: "a \x00 and \xff   *packet.Error \t#"},
			{Case: "d/empty", Verdict: Hang},
			{Case: "e/long", Verdict: Fail, Detail: strings.Repeat("ä", 400)},
			{Case: "f/pass", Verdict: Pass},
			{Case: "g/judge", Verdict: HarnessError, Detail: "no network"},
		}}
	}
	var one, two strings.Builder
	if err := errors.Join(WriteKnown(&one, at("0xc000123456", "4711", "1.5s", "123456")), WriteKnown(&two, at("0xc000fedcba", "80", "20s", "7654321"))); err != nil {
		t.Fatal(err)
	}
	if one.String() != two.String() {
		t.Errorf("the list is not stable:\n%s\n%s", one.String(), two.String())
	}
	var ids []string
	for l := range strings.SplitSeq(strings.TrimSpace(one.String()), "\n") {
		if !strings.HasPrefix(l, "#") {
			ids = append(ids, strings.Fields(l)[0])
		}
	}
	if got := strings.Join(ids, " "); got != "a/first b/memory c/odd d/empty e/long z/last" {
		t.Errorf("listed are %s", got)
	}
	r := at("0xc0deadbeef", "1", "2m0s", "99999")
	parseKnown(t, one.String()).Finish(r, func(string) bool { return true })
	if len(r.KnownFailures()) != 6 || len(r.StaleEntries()) != 0 || len(r.Failures()) != 1 {
		t.Errorf("known %d, stale %+v, failures %+v of\n%s", len(r.KnownFailures()), r.StaleEntries(), r.Failures(), one.String())
	}
}

func TestRun_FlakyCasesHaveThreeTries(t *testing.T) {
	f, err := ParseFlaky(strings.NewReader("x/second\nx/never\nx/crash\nx/judge\nx/always\nx/misspelt\n"))
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]int{}
	at := func(id string, do func(run int, t *T)) Case {
		return Case{ID: id, Run: func(_ context.Context, t *T) { runs[id]++; do(runs[id], t) }}
	}
	cases := []Case{
		at("x/second", func(run int, t *T) {
			if run < 2 {
				t.Errorf("not yet")
			}
		}),
		at("x/never", func(run int, t *T) { t.Errorf("run %d", run) }),
		at("x/crash", func(run int, t *T) {
			t.Call("Unpack", func() {
				if run < 2 {
					panic("ouch")
				}
			})
		}),
		at("x/judge", func(run int, t *T) {
			if run < 2 {
				t.Harnessf("no network")
			}
		}),
		at("x/always", func(int, *T) {}),
		at("x/unlisted", func(int, *T) {}),
	}
	r := Run(t.Context(), cases, Options{Flaky: f})
	f.Finish(r, func(string) bool { return true })
	for _, want := range []Result{
		{Case: "x/second", Verdict: Pass, Mark: MarkFlaky, Runs: 2}, {Case: "x/never", Verdict: Fail, Detail: "run 3", Runs: 3},
		{Case: "x/crash", Verdict: Panic, Runs: 1}, {Case: "x/judge", Verdict: HarnessError, Runs: 1},
		{Case: "x/always", Verdict: Pass, Runs: 1}, {Case: "x/unlisted", Verdict: Pass},
	} {
		for _, got := range r.Results {
			if got.Case == want.Case && (got.Verdict != want.Verdict || got.Mark != want.Mark || got.Runs != want.Runs || !strings.Contains(got.Detail, want.Detail)) {
				t.Errorf("got %+v, expected %+v", got, want)
			}
		}
	}
	if len(r.Stale) != 1 || r.Stale[0].Case != "x/misspelt" {
		t.Errorf("stale: %+v", r.Stale)
	}
}

func TestConflict_OnBothLists(t *testing.T) {
	f, err := ParseFlaky(strings.NewReader("proto/b\n"))
	if err != nil {
		t.Fatal(err)
	}
	if Conflict(parseKnown(t, "proto/b x"), f) == nil || Conflict(parseKnown(t, "proto/a x"), f) != nil || Conflict(nil, f) != nil {
		t.Error("only a case on both lists is a conflict")
	}
}

func TestT_DiffKeepsAFew(t *testing.T) {
	got, _ := RunCase(t.Context(), Case{ID: "a", Run: func(_ context.Context, t *T) {
		long := make([]byte, 3*maxTraceBytes)
		for range maxDiffs + 1 {
			t.Diff("the frame", long, long[1:], make([]Field, 2*maxDiffFields))
		}
	}}, Options{}, 0)
	d := got.Diffs
	if len(d) != maxDiffs || len(d[0].Expected) != maxTraceBytes || d[0].ExpectedLen != 3*maxTraceBytes || d[0].GotLen != 3*maxTraceBytes-1 || len(d[0].Fields) != maxDiffFields {
		t.Errorf("kept %d differences", len(d))
	}
}
