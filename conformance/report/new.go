package report

import (
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/spec"
)

// New makes the document of a run. It copies what it keeps, but for the bytes of traces and differences, which
// nothing changes.
func New(r *runner.Report) *Document {
	d := &Document{
		Format: Format, Target: valid(r.Target), Standard: spec.Version, Suite: runner.SuiteVersion,
		Seconds: float64(r.Duration.Milliseconds()) / 1000, Abandoned: r.Abandoned,
		Requirements: map[string]Requirement{}, Cases: []Case{},
	}
	if !r.Started.IsZero() {
		d.Started = r.Started.UTC().Format(time.RFC3339)
	}
	for _, f := range r.Without {
		d.Without = append(d.Without, string(f))
	}
	for _, result := range r.Results {
		c := newCase(result)
		if result.Verdict == runner.Pass && result.Mark == "" && !r.Traced {
			c.Trace, c.Untraced = nil, 0
		}
		d.Cases = append(d.Cases, c)
		for _, id := range result.Requirements {
			if req, ok := spec.Lookup(id); ok {
				d.Requirements[id] = Requirement{req.Level, req.Chapter, req.Text}
			}
		}
	}
	sort.SliceStable(d.Cases, func(i, j int) bool { return d.Cases[i].ID < d.Cases[j].ID })
	for _, s := range r.StaleEntries() {
		d.Stale = append(d.Stale, Stale{valid(s.Case), valid(s.Why)})
	}
	d.sum()
	return d
}

func newCase(r runner.Result) Case {
	c := Case{
		ID: valid(r.Case), Requirements: append([]string{}, r.Requirements...), Level: r.Level, Verdict: r.Verdict, Detail: valid(r.Detail),
		MS: float64(r.Duration.Microseconds()) / 1000, Chapter: valid(r.Chapter), Title: valid(r.Title),
		Mark: r.Mark, Note: valid(r.Note), Runs: r.Runs, Untraced: r.Untraced,
	}
	if c.Level == "" {
		c.Level = runner.MUST
	}
	if c.Chapter == "" {
		c.Chapter = otherChapter
	}
	for _, f := range r.Features {
		c.Features = append(c.Features, string(f))
	}
	for _, diff := range r.Diffs {
		c.Diffs = append(c.Diffs, Diff{valid(diff.What), diff.Expected, diff.Got, diff.ExpectedLen, diff.GotLen, marks(diff.Fields)})
	}
	for _, e := range r.Trace {
		c.Trace = append(c.Trace, Piece{e.Dir, valid(e.Note), e.Bytes, e.Len, marks(Frames(e.Bytes))})
	}
	return c
}

// valid writes bytes that are no UTF-8, which JSON cannot hold, as \xff.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, s[i])
		} else {
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func marks(fields []Field) []Mark {
	var out []Mark
	for _, f := range fields {
		out = append(out, Mark(f))
	}
	return out
}

// fields gives the marks that can be true of any bytes: a file may say what it likes.
func fields(marks []Mark) []Field {
	var out []Field
	for _, m := range marks {
		if m.At >= 0 && m.Len >= 0 && m.At <= maxReport && m.Len <= maxReport {
			out = append(out, Field(m))
		}
	}
	return out
}

// sum fills in what follows from the cases and the stale entries: totals and outcome.
func (d *Document) sum() {
	d.Totals = Totals{Must: empty(), Should: empty(), Chapters: []Chapter{}}
	at := map[string]int{}
	bad, harness, judged := false, false, false
	for _, c := range d.Cases {
		i, ok := at[c.Chapter]
		if !ok {
			i = len(d.Totals.Chapters)
			at[c.Chapter] = i
			d.Totals.Chapters = append(d.Totals.Chapters, Chapter{c.Chapter, empty(), empty()})
		}
		level, chapter := d.Totals.Must, d.Totals.Chapters[i].Must
		if c.Level == runner.SHOULD {
			level, chapter = d.Totals.Should, d.Totals.Chapters[i].Should
		}
		judged = judged || c.Verdict != runner.Skipped
		level[c.Verdict]++
		chapter[c.Verdict]++
		switch {
		case c.Mark == runner.MarkKnown && c.Verdict.Bad():
			d.Totals.Known++
		case c.Mark == runner.MarkFlaky:
			d.Totals.Flaky++
		}
		if c.Level != runner.SHOULD && c.counts() {
			harness = harness || c.Verdict == runner.HarnessError
			bad = bad || c.Verdict != runner.HarnessError
		}
	}
	chapters := d.Totals.Chapters
	sort.Slice(chapters, func(i, j int) bool { return chapters[i].Chapter < chapters[j].Chapter })
	switch {
	case bad || len(d.Stale) > 0:
		d.Outcome = Nonconform
	case harness, !judged:
		d.Outcome = Undecided
	default:
		d.Outcome = Conforms
	}
	d.OK = d.Outcome == Conforms
}

// empty gives every verdict a count, so that readers need not tell missing from zero.
func empty() Counts {
	c := Counts{}
	for _, v := range runner.Verdicts() {
		c[v] = 0
	}
	return c
}
