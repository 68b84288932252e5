package runner

import (
	"slices"
	"sort"
	"time"
)

// Result is the outcome of one case.
type Result struct {
	Case         string
	Chapter      string
	Title        string
	Requirements []string
	Level        Level
	Verdict      Verdict
	Detail       string // what was expected and what was got; why, for a skipped case; empty for a pass
	Duration     time.Duration
	// Trace holds the bytes that went between the suite and the target, the first 64 pieces; Untraced counts the rest.
	Trace    []TraceEntry
	Untraced int
	// Diffs are the byte strings that the case wanted to be equal; see T.Diff.
	Diffs []Diff
	// Mark says what a list of known failures or flaky cases made of the result, and Note says it in words.
	Mark Mark
	Note string
	// Runs is how often a case of the flaky list was run; 0 for any other.
	Runs int
	// Features are what the case needs of the target.
	Features []Feature
}

// Counts reports whether the result speaks against the target: its verdict is bad, and no list of known failures
// expects it.
func (r Result) Counts() bool { return r.Verdict.Bad() && r.Mark != MarkKnown }

// Report holds the results of a run, sorted by case id. It is not safe for concurrent changes.
type Report struct {
	// Target names what was judged.
	Target string
	// Results has one entry a case, sorted by Case.
	Results []Result
	// Abandoned counts the cases that hang and were left running in the background.
	Abandoned int
	// Started is when the run began, Duration how long it took; zero where it is not known.
	Started  time.Time
	Duration time.Duration
	// Without holds the features that the run went without.
	Without []Feature
	// Traced asks reports to show the trace of cases that passed too.
	Traced bool
	// Stale holds the entries of lists whose cases were not run; a stale entry of a case that was run is the
	// Mark of its result. See StaleEntries.
	Stale []Stale
}

// Add appends one result; Sort puts it in its place.
func (r *Report) Add(result Result) { r.Results = append(r.Results, result) }

// Sort orders the results by case id.
func (r *Report) Sort() {
	sort.SliceStable(r.Results, func(i, j int) bool { return r.Results[i].Case < r.Results[j].Case })
}

// OK reports whether the target conforms: something was judged, no MUST case ended in fail, panic, hang or
// harness-error (but for failures that a list of known failures expects), and no entry of such a list is stale.
func (r *Report) OK() bool {
	if !r.Judged() {
		return false
	}
	for _, result := range r.Results {
		if result.Level != SHOULD && result.Counts() {
			return false
		}
	}
	return len(r.StaleEntries()) == 0
}

// Judged reports whether the run says anything at all: some case was not skipped.
func (r *Report) Judged() bool {
	return slices.ContainsFunc(r.Results, func(result Result) bool { return result.Verdict != Skipped })
}

// Failures gives the results that count against the target, SHOULD cases too, sorted by case id; those that a
// list of known failures expects are in KnownFailures. The slice is the caller's.
func (r *Report) Failures() []Result { return r.filter(Result.Counts) }

// KnownFailures gives the results that a list of known failures expects, sorted by case id. The slice is the
// caller's.
func (r *Report) KnownFailures() []Result {
	return r.filter(func(result Result) bool { return result.Mark == MarkKnown })
}

func (r *Report) filter(keep func(Result) bool) []Result {
	var out []Result
	for _, result := range r.Results {
		if keep(result) {
			out = append(out, result)
		}
	}
	return out
}

// StaleEntries gives every entry of a list that is not true of the run: those of cases that were run, then those
// of cases that were not. The slice is the caller's.
func (r *Report) StaleEntries() []Stale {
	var out []Stale
	for _, result := range r.Results {
		if result.Mark == MarkStale {
			out = append(out, Stale{Case: result.Case, Why: result.Note})
		}
	}
	return append(out, r.Stale...)
}

// HarnessFaults counts the results that say nothing about the target because the judge failed.
func (r *Report) HarnessFaults() int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == HarnessError {
			n++
		}
	}
	return n
}

// Counts holds a number for each verdict.
type Counts map[Verdict]int

// Total gives the number of results counted.
func (c Counts) Total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

// Totals counts the results of one level by verdict.
func (r *Report) Totals(level Level) Counts {
	c := Counts{}
	for _, result := range r.Results {
		if result.Level == level {
			c[result.Verdict]++
		}
	}
	return c
}

// ChapterCounts is the score of one chapter of the standard.
type ChapterCounts struct {
	Chapter string
	Must    Counts
	Should  Counts
}

// Chapters gives the scores by chapter, sorted by chapter.
func (r *Report) Chapters() []ChapterCounts {
	at := map[string]int{}
	var out []ChapterCounts
	for _, result := range r.Results {
		i, ok := at[result.Chapter]
		if !ok {
			i = len(out)
			at[result.Chapter] = i
			out = append(out, ChapterCounts{Chapter: result.Chapter, Must: Counts{}, Should: Counts{}})
		}
		if result.Level == SHOULD {
			out[i].Should[result.Verdict]++
		} else {
			out[i].Must[result.Verdict]++
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Chapter < out[j].Chapter })
	return out
}
