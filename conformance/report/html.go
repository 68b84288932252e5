package report

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

//go:embed html/*
var assets embed.FS

// The parts of the page are ours, so that they may stand in it as they are; everything else is escaped.
func style() template.CSS { b, _ := assets.ReadFile("html/style.css"); return template.CSS(b) }
func script() template.JS { b, _ := assets.ReadFile("html/page.js"); return template.JS(b) }

// page is what page.html shows.
type page struct {
	*Document
	Style                                  template.CSS
	Script                                 template.JS
	Target                                 string
	OutcomeText, OutcomeShort, OutcomeSign string
	Total                                  int
	Time, StartedText, Without             string
	Levels                                 []levelView
	Bad                                    []caseView
	BadMore                                int
	Chapters                               []chapterView
	Verdicts                               []runner.Verdict
	Stale                                  []Stale
	Standard, Suite, Started               string
}

// part is one verdict's share of a bar.
type part struct {
	Verdict runner.Verdict
	Sign    string
	N       int
}

type levelView struct {
	Name         runner.Level
	Pass, Judged int
	Parts        []part
}

type chapterView struct {
	Number, Name       string
	Must, Should       string
	Skipped, NotPassed string
	Parts              []part
	Open               bool
	Cases              []caseView
}

// The bounds of a page: what is open at first, and what keeps it small.
const (
	maxOpen     = 20
	maxListed   = 25
	maxPieces   = 24
	bytesBudget = 1 << 20 // of what shows bytes; past it they are only in the JSON
)

// HTML writes the document as one page that needs nothing else: no network, and no JavaScript but for search and
// filters. Bytes past about a megabyte of page are left out, with a line that says so. The error is w's.
func (d *Document) HTML(w io.Writer) error {
	t, err := template.ParseFS(assets, "html/*.html")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "page", d.page()); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (d *Document) page() page {
	p := page{
		Document: d, Style: style(), Script: script(), Target: title(d.Target),
		OutcomeText: upperFirst(d.outcome()), OutcomeShort: outcomeShort(d.Outcome), OutcomeSign: outcomeSign(d.Outcome),
		Total: len(d.Cases), StartedText: started(d.Started), Without: clean(strings.Join(d.Without, ", ")),
		Levels:   []levelView{level(runner.MUST, d.Totals.Must), level(runner.SHOULD, d.Totals.Should)},
		Verdicts: runner.Verdicts(),
	}
	if d.Seconds > 0 {
		p.Time = ms(d.Seconds * 1000)
	}
	p.Standard, p.Suite, p.Started = clean(d.Standard), clean(d.Suite), clean(d.Started)
	for _, s := range d.Stale {
		p.Stale = append(p.Stale, Stale{clean(s.Case), clean(s.Why)})
	}
	at := map[string]int{}
	for i, c := range d.Totals.Chapters {
		at[c.Chapter] = i
		p.Chapters = append(p.Chapters, chapter(c))
	}
	v := &viewer{doc: d, budget: bytesBudget}
	for _, c := range d.Cases { // the failures first: theirs are the bytes that are wanted
		if c.Verdict.Bad() {
			v.view(c)
		}
	}
	for _, c := range d.Cases {
		view := v.view(c)
		chapter := &p.Chapters[at[c.Chapter]]
		chapter.Open = chapter.Open || c.counts() || c.Mark == runner.MarkStale
		chapter.Cases = append(chapter.Cases, view)
		if c.Verdict.Bad() || c.Mark == runner.MarkStale {
			if len(p.Bad) < maxListed {
				p.Bad = append(p.Bad, view)
			} else {
				p.BadMore++
			}
		}
	}
	return p
}

func title(target string) string {
	if target == "" {
		return "an unnamed target"
	}
	return clean(target)
}

func level(name runner.Level, c Counts) levelView {
	return levelView{name, c[runner.Pass], c.judged(), parts(c)}
}

func chapter(c Chapter) chapterView {
	number, _, _ := strings.Cut(c.Chapter, " ")
	both := Counts{}
	for v, n := range c.Must {
		both[v] += n
	}
	for v, n := range c.Should {
		both[v] += n
	}
	view := chapterView{Number: clean(number), Name: clean(c.Chapter), Parts: parts(both),
		Must: share(c.Must), Should: share(c.Should), Skipped: zero(both[runner.Skipped]), NotPassed: zero(both.bad())}
	return view
}

func share(c Counts) string {
	if c.judged() == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", c[runner.Pass], c.judged())
}

func parts(c Counts) []part {
	var out []part
	for _, v := range runner.Verdicts() {
		if c[v] > 0 {
			out = append(out, part{v, sign(v), c[v]})
		}
	}
	return out
}

// sign gives a verdict a sign beside its colour and its word.
func sign(v runner.Verdict) string {
	switch v {
	case runner.Pass:
		return "✓"
	case runner.Fail:
		return "✗"
	case runner.Panic:
		return "!"
	case runner.Hang:
		return "∞"
	case runner.HarnessError:
		return "?"
	}
	return "–"
}

func outcomeShort(outcome string) string {
	switch outcome {
	case Conforms:
		return "Conforms"
	case Undecided:
		return "Undecided"
	}
	return "Does not conform"
}

func outcomeSign(outcome string) string {
	switch outcome {
	case Conforms:
		return "✓"
	case Undecided:
		return "?"
	}
	return "✗"
}

// started words the time of RFC 3339 for people; as it is where it is none.
func started(s string) string {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return clean(s)
	}
	return at.UTC().Format("2006-01-02 15:04 UTC")
}
