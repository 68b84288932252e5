package runner

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRunCase_KeepsVerdictsApart(t *testing.T) {
	for _, c := range []struct {
		name   string
		run    func(ctx context.Context, t *T)
		want   Verdict
		detail string
	}{
		{"nothing found", func(_ context.Context, t *T) {}, Pass, ""},
		{"a finding", func(_ context.Context, t *T) { t.Errorf("expected %d", 7) }, Fail, "expected 7"},
		{"a finding that ends the case", func(_ context.Context, t *T) { t.Fatalf("no"); t.Errorf("unreached") }, Fail, "no"},
		{"a panic of the accused", func(_ context.Context, t *T) { t.Call("Unpack", func() { panic("ouch") }) }, Panic, "Unpack panicked: ouch"},
		{"a panic of the accused with an error", func(_ context.Context, t *T) {
			t.Call("Unpack", func() { maps.Copy(map[string]int(nil), map[string]int{"x": 1}) })
		}, Panic, "assignment to entry in nil map"},
		{"an end of the goroutine in the accused", func(_ context.Context, t *T) { t.Call("Pack", func() { runtime.Goexit() }) }, Panic, "Goexit"},
		{"a panic of the judge", func(_ context.Context, t *T) { panic("my fault") }, HarnessError, "my fault"},
		{"a fault that the judge reports", func(_ context.Context, t *T) { t.Harnessf("no %s", "network") }, HarnessError, "no network"},
		{"an end of the goroutine in the judge", func(_ context.Context, t *T) { runtime.Goexit() }, HarnessError, "without a verdict"},
		{"a case that does not apply", func(_ context.Context, t *T) { t.Skipf("no Framer") }, Skipped, "no Framer"},
		{"a finding before a skip", func(_ context.Context, t *T) { t.Errorf("bad"); t.Skipf("no") }, Fail, "bad"},
		{"a finding, then a panic of the accused", func(_ context.Context, t *T) {
			t.Errorf("bad")
			t.Call("Pack", func() { panic(errors.New("worse")) })
		}, Panic, "worse"},
		{"a callback inside the accused that gives up", func(_ context.Context, t *T) {
			t.Call("Unpack", func() { t.Fatalf("called twice") })
		}, Fail, "called twice"},
		{"a finding on another goroutine", func(_ context.Context, t *T) { t.Go(func() { t.Fatalf("there") }) }, Fail, "there"},
		{"a panic of the accused on another goroutine", func(_ context.Context, t *T) {
			t.Go(func() { t.Call("Pack", func() { panic("elsewhere") }) })
			t.Wait()
			t.Errorf("unreached")
		}, Panic, "elsewhere"},
		{"a panic of the judge on another goroutine", func(_ context.Context, t *T) { t.Go(func() { panic("mine") }); t.Wait() }, HarnessError, "mine"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, hung := RunCase(t.Context(), Case{ID: "x/y", Requirements: []string{"TP-META-001"}, Run: c.run}, Options{}, 0)
			if got.Verdict != c.want || !strings.Contains(got.Detail, c.detail) || strings.Contains(got.Detail, "unreached") || hung {
				t.Errorf("expected %s with %q, got %s with %q (hung: %v)", c.want, c.detail, got.Verdict, got.Detail, hung)
			}
			if got.Chapter != "08 metadata" || got.Level != MUST || got.Case != "x/y" {
				t.Errorf("the result does not describe its case: %+v", got)
			}
		})
	}
}

func TestRunCase_TellsAHangFromASlowJudge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		start := time.Now()
		got, hung := RunCase(t.Context(), Case{ID: "a", Run: func(_ context.Context, t *T) {
			t.Call("Unpack", func() { <-release })
		}}, Options{Timeout: time.Hour}, 0)
		if got.Verdict != Hang || !hung || !strings.Contains(got.Detail, "1h0m0s: Unpack") || time.Since(start) != time.Hour+grace(time.Hour) {
			t.Errorf("a call that does not return: got %+v after %v", got, time.Since(start))
		}
		got, hung = RunCase(t.Context(), Case{ID: "b", Run: func(context.Context, *T) { <-release }}, Options{Timeout: time.Hour}, 1)
		if got.Verdict != HarnessError || !hung {
			t.Errorf("a judge that does not return: got %+v", got)
		}
		close(release)
	})
}

func TestRunCase_ACaseThatNoticesComesToItsVerdict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, hung := RunCase(t.Context(), Case{ID: "a", Run: func(ctx context.Context, t *T) {
			<-ctx.Done()
			t.Fatalf("nothing came")
		}}, Options{Timeout: time.Minute}, 0)
		if got.Verdict != Fail || hung || got.Detail != "nothing came" {
			t.Errorf("got %+v (hung: %v)", got, hung)
		}
	})
}

func TestRunCase_GivesTheCaseItsOwnLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := Case{ID: "slow", Timeout: time.Hour, Run: func(ctx context.Context, t *T) {
			<-time.After(50 * time.Minute)
			if ctx.Err() != nil {
				t.Errorf("the context ended early")
			}
		}}
		if got, _ := RunCase(t.Context(), slow, Options{}, 0); got.Verdict != Pass || got.Duration != 50*time.Minute {
			t.Errorf("a heavy case without a limit of the run: %+v", got)
		}
		if got, _ := RunCase(t.Context(), slow, Options{Timeout: time.Minute}, 0); got.Verdict == Pass {
			t.Errorf("a limit of the run does not bind the heavy case: %+v", got)
		}
		time.Sleep(time.Hour) // virtual: lets the case that was given up end inside the bubble
	})
}

func TestRun_SelectsSortsAndCounts(t *testing.T) {
	pass := func(context.Context, *T) {}
	fail := func(_ context.Context, t *T) { t.Errorf("bad") }
	cases := []Case{
		{ID: "proto/b", Requirements: []string{"TP-XFER-002"}, Run: pass},
		{ID: "proto/a", Requirements: []string{"TP-XFER-001"}, Features: []Feature{"pipe"}, Run: pass},
		{ID: "proto/c", Requirements: []string{"TP-PROTO-026"}, Level: SHOULD, Run: fail},
		{ID: "wire/x-1", Requirements: []string{"TP-META-001"}, Run: pass},
	}
	var told []string
	r := Run(t.Context(), cases, Options{Target: "it", Without: []Feature{"pipe"}, OnResult: func(r Result) { told = append(told, r.Case) }})
	var order []string
	for _, result := range r.Results {
		order = append(order, result.Case+"="+string(result.Verdict))
	}
	if got := strings.Join(order, " "); got != "proto/a=skipped proto/b=pass proto/c=fail wire/x-1=pass" {
		t.Errorf("results: %s", got)
	}
	if !r.OK() || len(r.Failures()) != 1 || len(told) != 4 || r.Target != "it" {
		t.Errorf("OK %v, failures %v, told %v", r.OK(), r.Failures(), told)
	}
	if r.Totals(MUST)[Pass] != 2 || r.Totals(MUST)[Skipped] != 1 || r.Totals(SHOULD)[Fail] != 1 || r.Totals(SHOULD).Total() != 1 {
		t.Errorf("totals: %v and %v", r.Totals(MUST), r.Totals(SHOULD))
	}
	chapters := r.Chapters()
	if len(chapters) != 3 || chapters[0].Chapter != "07 transfer pipe" || chapters[0].Must[Pass] != 1 || chapters[2].Should[Fail] != 1 {
		t.Errorf("chapters: %+v", chapters)
	}
}

func TestSelect_Patterns(t *testing.T) {
	cases := []Case{
		{ID: "proto/pipe-order", Requirements: []string{"TP-XFER-002", "TP-PROTO-018"}},
		{ID: "proto/meta-order", Requirements: []string{"TP-META-001"}},
		{ID: "wire/meta-order-0001", Requirements: []string{"TP-META-001"}},
	}
	for pattern, want := range map[string]int{
		"proto/pipe-order": 1, "proto/*": 2, "*order": 2, "*order*": 3, "proto/*-order": 2, "*": 3, "**": 3, "proto": 0, "nothing*": 0,
		"7": 1, "07": 1, "07 transfer pipe": 1, "8": 2, "TP-PROTO-018": 1, "TP-META-001": 2, "0": 0, "": 0, "proto/pipe-order*order": 0,
	} {
		if got := len(Select(cases, []string{pattern})); got != want {
			t.Errorf("%q matches %d cases, expected %d", pattern, got, want)
		}
	}
	if got := Select(cases, []string{"8", "proto/meta-order"}); len(got) != 2 || got[0].ID != "proto/meta-order" {
		t.Errorf("two patterns that overlap give %d cases", len(got))
	}
}

func TestReport_OKLooksAtMustOnly(t *testing.T) {
	for _, v := range Verdicts() {
		must := &Report{Results: []Result{{Level: MUST, Verdict: v}}}
		should := &Report{Results: []Result{{Level: SHOULD, Verdict: v}}}
		if want := v == Pass; must.OK() != want { // a run that only skips says nothing
			t.Errorf("a MUST case with %s: OK is %v", v, must.OK())
		}
		if should.OK() != (v != Skipped) || should.Judged() != (v != Skipped) {
			t.Errorf("a SHOULD case with %s: OK is %v, judged %v", v, should.OK(), should.Judged())
		}
		if len(must.Failures()) != len(should.Failures()) || (len(must.Failures()) == 1) != v.Bad() {
			t.Errorf("%s: failures are %v and %v", v, must.Failures(), should.Failures())
		}
	}
}
