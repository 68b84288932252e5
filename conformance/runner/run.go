package runner

import (
	"context"
	"fmt"
	"time"
)

// DefaultTimeout is the time limit of one case where Options names none.
const DefaultTimeout = 20 * time.Second

// CaseSelection is the case id of a run whose selection matches no case.
const CaseSelection = "harness/selection"

// Options says what to run and how. The zero value runs everything.
type Options struct {
	// Target names what is judged, for the report.
	Target string
	// Only holds patterns for Select; a case that matches one of them is run. Empty: all.
	Only []string
	// Without holds features the implementation does without: cases that need one are skipped.
	Without []Feature
	// Timeout is the time limit of one case; 0 means DefaultTimeout.
	Timeout time.Duration
	// Long asks heavy cases for their full counts.
	Long bool
	// Trace asks reports to show the bytes exchanged in cases that passed too.
	Trace bool
	// Known lists failures that do not count against the target; nil lists none.
	Known *Known
	// Flaky lists cases that are run again, up to three times in all, when they fail or hang; nil lists none.
	Flaky *Flaky
	// OnResult, where set, is called after each case, from the goroutine that called Run.
	OnResult func(Result)
}

// Run runs the selected cases one after the other, in the order of their ids, and reports. When ctx ends,
// the cases not yet judged get harness-error, for nothing is known about them. A selection that matches no
// case is a harness-error too: a misspelt pattern must not look like success.
func Run(ctx context.Context, cases []Case, o Options) *Report {
	r := &Report{Target: o.Target, Started: time.Now(), Without: o.Without, Traced: o.Trace}
	selected := Select(cases, o.Only)
	if len(selected) == 0 {
		r.Add(Result{Case: CaseSelection, Level: MUST, Verdict: HarnessError, Chapter: ChapterOf(""),
			Detail: fmt.Sprintf("no case matches %q: give a case id, a glob with *, a chapter or a requirement id", o.Only)})
	}
	for _, c := range selected {
		result, abandoned := RunCase(ctx, c, o, r.Abandoned)
		if abandoned {
			r.Abandoned++
		}
		r.Add(result)
		if o.OnResult != nil {
			o.OnResult(result)
		}
	}
	r.Sort()
	r.Duration = time.Since(r.Started)
	return r
}

// RunCase judges one case, and marks the result by the lists of o. abandoned says how many earlier cases hang and
// still run; hung reports whether this one was left running too: a goroutine cannot be stopped from outside, it is
// only given up.
//
// A case of the flaky list is run again when it fails or hangs, FlakyTries times at most, and the last run decides.
// A panic and a harness-error stand at once: a crash is not made good by a run without one, and a judge that fails
// has to be mended.
func RunCase(ctx context.Context, c Case, o Options, abandoned int) (result Result, hung bool) {
	if !o.Flaky.Has(c.ID) {
		result, hung = runOnce(ctx, c, o, abandoned)
		return o.Known.Judge(result), hung
	}
	var took time.Duration
	for run := 1; ; run++ {
		var left bool
		result, left = runOnce(ctx, c, o, abandoned)
		if left && !hung { // counted once a case
			hung = true
			abandoned++
		}
		took += result.Duration
		result.Runs, result.Duration = run, took
		again := result.Verdict == Fail || result.Verdict == Hang
		switch {
		case result.Verdict == Pass && run > 1:
			result.Mark, result.Note = MarkFlaky, fmt.Sprintf("flaky: passed in run %d of at most %d", run, FlakyTries)
		case result.Verdict == Pass:
			result.Note = "listed as flaky, passed in its first run"
		case again && run < FlakyTries && ctx.Err() == nil:
			continue
		case again:
			result.Note = fmt.Sprintf("listed as flaky, and did not pass in any of %d runs", run)
		}
		return o.Known.Judge(result), hung
	}
}

// runOnce runs a case once.
func runOnce(ctx context.Context, c Case, o Options, abandoned int) (result Result, hung bool) {
	c = c.normal()
	result = Result{Case: c.ID, Chapter: c.Chapter, Title: c.Title, Requirements: c.Requirements, Level: c.Level, Features: c.Features}
	if f, ok := c.excluded(o.Without); ok {
		result.Verdict, result.Detail = Skipped, fmt.Sprintf("needs the feature %q, which the run goes without", f)
		return result, false
	}
	if err := ctx.Err(); err != nil {
		result.Verdict, result.Detail = HarnessError, "not run: "+err.Error()
		return result, false
	}
	limit := o.Timeout
	if limit <= 0 {
		limit = max(DefaultTimeout, c.Timeout)
	}
	start := time.Now()
	// The case's own context ends first: a case that notices says what it was waiting for. Only one that does
	// not notice is given up.
	caseCtx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	t := newT(o, abandoned)
	completed := false
	done := make(chan struct{})
	go func() { // owner: RunCase; ends with the case, or is given up and counted when the case hangs
		defer close(done)
		defer t.group.Wait()
		defer t.caught()
		c.Run(caseCtx, t)
		t.Wait()
		completed = true
	}()
	timer := time.NewTimer(limit + grace(limit))
	defer timer.Stop()
	select {
	case <-done:
		result.Verdict, result.Detail = t.verdict(completed)
	case <-timer.C:
		result.Verdict, result.Detail = t.hanging(limit.String())
		hung = true
	case <-ctx.Done():
		result.Verdict, result.Detail = HarnessError, "given up: "+ctx.Err().Error()
		hung = true
	}
	result.Duration = time.Since(start)
	result.Trace, result.Untraced = t.traced()
	result.Diffs = t.kept()
	return result, hung
}

// grace is how long a case may go on after its context has ended, to come to its verdict.
func grace(limit time.Duration) time.Duration { return min(limit/4, 2*time.Second) }
