package report

import (
	"slices"
	"strconv"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// Format is the number of the JSON report's format. Members are only ever added to it.
const Format = 1

// Document is a report as its JSON has it: the source that every other form is made from. [New] makes one from
// a run, [Read] from JSON. It is a plain value; nothing here changes one that it was given.
type Document struct {
	Format int    `json:"format"`
	Target string `json:"target"`
	OK     bool   `json:"ok"`
	// Outcome is "conforms", "does-not-conform" or "undecided" (the judge itself failed, or every case was skipped).
	Outcome string `json:"outcome"`
	// Standard and Suite are the versions of the standard and of the suite.
	Standard string `json:"standard"`
	Suite    string `json:"suite"`
	// Started is when the run began (RFC 3339, UTC), Seconds how long it took.
	Started string  `json:"started,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	// Without holds the features that the run went without.
	Without []string `json:"without,omitempty"`
	// Abandoned counts the cases that hang and were left running.
	Abandoned int    `json:"abandoned,omitempty"`
	Totals    Totals `json:"totals"`
	// Stale holds the entries of lists of known failures and flaky cases that are not true of the run.
	Stale []Stale `json:"stale,omitempty"`
	// Requirements holds the requirements that the cases name, by id.
	Requirements map[string]Requirement `json:"requirements"`
	Cases        []Case                 `json:"cases"`
}

// The outcomes of a run.
const (
	Conforms     = "conforms"
	Nonconform   = "does-not-conform"
	Undecided    = "undecided"
	otherChapter = "00 other"
)

// Counts holds a number for each verdict; in a Document every verdict is present, zero or not.
type Counts map[runner.Verdict]int

// judged gives the number of cases that were not skipped.
func (c Counts) judged() int { return c.total() - c[runner.Skipped] }

func (c Counts) total() int {
	n := 0
	for _, k := range c {
		n += k
	}
	return n
}

// bad gives the number of cases that did not pass.
func (c Counts) bad() int { return c.judged() - c[runner.Pass] }

// Totals counts each level by verdict. Known failures are counted by their verdict, and once more in Known.
type Totals struct {
	Must     Counts    `json:"must"`
	Should   Counts    `json:"should"`
	Known    int       `json:"known"`
	Flaky    int       `json:"flaky"`
	Chapters []Chapter `json:"chapters"`
}

// Chapter is the score of one chapter of the standard.
type Chapter struct {
	Chapter string `json:"chapter"`
	Must    Counts `json:"must"`
	Should  Counts `json:"should"`
}

// Stale is an entry of a list that is not true of the run.
type Stale struct {
	Case string `json:"case"`
	Why  string `json:"why"`
}

// Requirement is a sentence of the standard; Chapter is the file that holds it.
type Requirement struct {
	Level   string `json:"level"`
	Chapter string `json:"chapter"`
	Text    string `json:"text"`
}

// Case is the outcome of one case.
type Case struct {
	ID           string         `json:"id"`
	Requirements []string       `json:"requirements"`
	Level        runner.Level   `json:"level"`
	Verdict      runner.Verdict `json:"verdict"`
	Detail       string         `json:"detail"`
	MS           float64        `json:"ms"` // milliseconds, to the microsecond
	Chapter      string         `json:"chapter"`
	Title        string         `json:"title"`
	// Mark, Note and Runs are what the lists of known failures and flaky cases had to do with it.
	Mark     runner.Mark `json:"mark,omitempty"`
	Note     string      `json:"note,omitempty"`
	Runs     int         `json:"runs,omitempty"`
	Features []string    `json:"features,omitempty"`
	Diffs    []Diff      `json:"diffs,omitempty"`
	// Trace holds the bytes that went between the suite and the target; of a case that passed only on request.
	Trace    []Piece `json:"trace,omitempty"`
	Untraced int     `json:"untraced,omitempty"` // pieces that are not in Trace
}

// Diff is two byte strings that were to be equal, each cut at 4,096 bytes; the lengths are what there was.
type Diff struct {
	What        string `json:"what"`
	Expected    Hex    `json:"expected"`
	Got         Hex    `json:"got"`
	ExpectedLen int    `json:"expected_len"`
	GotLen      int    `json:"got_len"`
	Fields      []Mark `json:"fields,omitempty"`
}

// Piece is one piece of a trace, cut at 4,096 bytes; Len is how many there were.
type Piece struct {
	Dir    runner.Direction `json:"dir"`
	Note   string           `json:"note,omitempty"`
	Bytes  Hex              `json:"bytes"`
	Len    int              `json:"len"`
	Fields []Mark           `json:"fields,omitempty"`
}

// Mark names a range of bytes, as Field does.
type Mark struct {
	Name string `json:"name"`
	At   int    `json:"at"`
	Len  int    `json:"len"`
}

// counts reports whether the case speaks against the target.
func (c Case) counts() bool { return c.Verdict.Bad() && c.Mark != runner.MarkKnown }

// Failures gives the cases that count against the target, SHOULD cases too.
func (d *Document) Failures() []Case { return d.filter(Case.counts) }

// Known gives the failures that a list of known failures expects.
func (d *Document) Known() []Case {
	return d.filter(func(c Case) bool { return c.Mark == runner.MarkKnown && c.Verdict.Bad() })
}

func (d *Document) filter(keep func(Case) bool) []Case {
	var out []Case
	for _, c := range d.Cases {
		if keep(c) {
			out = append(out, c)
		}
	}
	return out
}

// sentence gives a requirement as the document words it; "" where it does not.
func (d *Document) sentence(id string) string { return d.Requirements[id].Text }

// outcome words the outcome for people.
func (d *Document) outcome() string {
	switch {
	case !d.judged():
		return "undecided: nothing was judged, for every case was skipped"
	case d.Outcome == Undecided:
		return "undecided: the judge itself failed on some cases (harness-error)"
	case !d.OK && len(d.Stale) > 0 && !d.mustFails():
		return "does NOT conform to its list: entries of it are stale"
	case !d.OK:
		return "does NOT conform"
	}
	return Conforms
}

// judged reports whether the document says anything at all about the target: some case was not skipped, or an entry
// of a list is stale.
func (d *Document) judged() bool {
	return len(d.Stale) > 0 || slices.ContainsFunc(d.Cases, func(c Case) bool { return c.Verdict != runner.Skipped })
}

func (d *Document) mustFails() bool {
	for _, c := range d.Failures() {
		if c.Level != runner.SHOULD {
			return true
		}
	}
	return false
}

// ms words a duration in milliseconds.
func ms(v float64) string {
	switch {
	case v >= 60_000:
		return strconv.FormatFloat(v/60_000, 'f', 1, 64) + " min"
	case v >= 1000:
		return strconv.FormatFloat(v/1000, 'f', 2, 64) + " s"
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(v, 'f', 2, 64) + " ms"
}

// line writes counts in the order of the verdicts, leaving zeroes out.
func (c Counts) String() string {
	var parts []string
	for _, v := range runner.Verdicts() {
		if c[v] > 0 {
			parts = append(parts, strconv.Itoa(c[v])+" "+string(v))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
