package runner

import (
	"fmt"
	"io"
	"strings"
)

// Mark says what the list of known failures, or that of flaky cases, had to do with a result. The values are
// part of the report format.
type Mark string

// The marks.
const (
	// MarkKnown is a failure that the list of known failures expects: it does not count against the target.
	MarkKnown Mark = "known-failing"
	// MarkStale is a case whose entry in the list of known failures is not true: it passed, or failed otherwise
	// than the entry says. It fails the run.
	MarkStale Mark = "stale"
	// MarkFlaky is a case of the flaky list that passed, but not at the first try.
	MarkFlaky Mark = "flaky"
)

// Stale is an entry of a list that is not true of the run. It fails the run: a list that nobody corrects
// hides what it should show.
type Stale struct {
	Case string
	Why  string
}

// Known is a list of known failures: case ids with the detail that each is expected to fail with. It is
// immutable, and safe for concurrent use. A nil *Known is the empty list.
type Known struct{ list }

// ParseKnown reads a list of known failures from r. A line is a case id, white space, and a part of the expected
// detail in which `*` stands for any run of bytes (a `*` alone: any failure); empty lines and lines that begin
// with # are comments. Runs of white space count as one space. An error is a *ListError.
func ParseKnown(r io.Reader) (*Known, error) {
	l, err := parseList(r, true)
	if err != nil {
		return nil, err
	}
	return &Known{l}, nil
}

// Judge marks one result by the list, and gives it back. A listed case that fails, panics or hangs with the
// expected detail becomes known; one that passes, or fails with another detail, is stale. A harness-error is
// never known: nothing was learned of the target. Judging a result twice changes nothing.
func (k *Known) Judge(r Result) Result {
	if k == nil {
		return r
	}
	e, ok := k.entries[r.Case]
	if !ok || r.Verdict == Skipped || r.Verdict == HarnessError {
		return r
	}
	switch {
	case r.Verdict == Pass:
		r.Mark, r.Note = MarkStale, fmt.Sprintf("line %d of the known failures expects this case to fail, and it passes: take the line out", e.Line)
	case e.matches(r.Detail):
		r.Mark, r.Note = MarkKnown, fmt.Sprintf("line %d of the known failures expects this", e.Line)
	default:
		r.Mark, r.Note = MarkStale, fmt.Sprintf("line %d of the known failures expects another detail: %s", e.Line, e.Detail)
	}
	return r
}

// Finish judges all results of r, and adds to r.Stale the entries that were not run though the run was to hold
// them. mine says whether a case id belongs to the run; a nil mine is for a run that was restricted, of which
// nothing can be said about the cases left out.
func (k *Known) Finish(r *Report, mine func(id string) bool) {
	if k == nil {
		return
	}
	for i := range r.Results {
		r.Results[i] = k.Judge(r.Results[i])
	}
	k.unrun(r, mine, "the known failures")
}

// Flaky is a list of cases that are run up to three times: one pass is enough. It is immutable, and safe for
// concurrent use. A nil *Flaky is the empty list.
type Flaky struct{ list }

// FlakyTries is how often a case of the flaky list is run at most.
const FlakyTries = 3

// ParseFlaky reads a list of flaky cases from r, in the form of ParseKnown; what stands behind the id is the
// reason, for readers, and may be missing.
func ParseFlaky(r io.Reader) (*Flaky, error) {
	l, err := parseList(r, false)
	if err != nil {
		return nil, err
	}
	return &Flaky{l}, nil
}

// Has reports whether a case is on the list.
func (f *Flaky) Has(id string) bool {
	if f == nil {
		return false
	}
	_, ok := f.entries[id]
	return ok
}

// Finish adds to r.Stale the entries that were not run, as Known.Finish does.
func (f *Flaky) Finish(r *Report, mine func(id string) bool) {
	if f != nil {
		f.unrun(r, mine, "the flaky cases")
	}
}

// Conflict is an error where a case is on both lists: a failure that is expected cannot be one that comes and goes.
func Conflict(k *Known, f *Flaky) error {
	if k == nil || f == nil {
		return nil
	}
	for _, e := range k.order {
		if f.Has(e.Case) {
			return fmt.Errorf("%s is listed as a known failure (line %d) and as flaky (line %d): take it out of one of the lists",
				e.Case, e.Line, f.entries[e.Case].Line)
		}
	}
	return nil
}

// unrun adds the entries of which the run should have had a verdict and has none.
func (l *list) unrun(r *Report, mine func(id string) bool, what string) {
	if mine == nil {
		return
	}
	ran := map[string]Result{}
	for _, result := range r.Results {
		ran[result.Case] = result
	}
	for _, e := range l.order {
		result, ok := ran[e.Case]
		why := ""
		switch {
		case !ok && mine(e.Case):
			why = fmt.Sprintf("line %d of %s names a case that the run did not have: correct the id, or take the line out", e.Line, what)
		case ok && result.Verdict == Skipped:
			why = fmt.Sprintf("line %d of %s names a case that was skipped (%s): take the line out", e.Line, what, firstLine(result.Detail))
		default:
			continue
		}
		r.addStale(Stale{Case: e.Case, Why: why})
	}
}

func (r *Report) addStale(s Stale) {
	for _, old := range r.Stale {
		if old == s {
			return
		}
	}
	r.Stale = append(r.Stale, s)
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
