package runner

import (
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
}

// Report holds the results of a run, sorted by case id. It is not safe for concurrent changes.
type Report struct {
	// Target names what was judged.
	Target string
	// Results has one entry a case, sorted by Case.
	Results []Result
	// Abandoned counts the cases that hang and were left running in the background.
	Abandoned int
}

// Add appends one result; Sort puts it in its place.
func (r *Report) Add(result Result) { r.Results = append(r.Results, result) }

// Sort orders the results by case id.
func (r *Report) Sort() {
	sort.SliceStable(r.Results, func(i, j int) bool { return r.Results[i].Case < r.Results[j].Case })
}

// OK reports whether the target conforms: no MUST case ended in fail, panic, hang or harness-error.
func (r *Report) OK() bool {
	for _, result := range r.Results {
		if result.Level != SHOULD && result.Verdict.Bad() {
			return false
		}
	}
	return true
}

// Failures gives the results that count against the target, SHOULD cases too, sorted by case id. The slice
// is the caller's.
func (r *Report) Failures() []Result {
	var out []Result
	for _, result := range r.Results {
		if result.Verdict.Bad() {
			out = append(out, result)
		}
	}
	return out
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
