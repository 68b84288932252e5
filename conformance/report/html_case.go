package report

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// caseView is what page.html shows of a case.
type caseView struct {
	ID, Title, Time, Detail, Note, First, Features string
	Level                                          runner.Level
	Verdict                                        runner.Verdict
	Sign, Mark, DataMark                           string
	Open, Full                                     bool
	Runs                                           int
	Reqs                                           []reqView
	Diffs                                          []diffView
	Pieces                                         []pieceView
	Traced, Untraced                               string
}

// Anchor is the fragment that links to the case.
func (c caseView) Anchor() string { return c.ID }

type reqView struct {
	ID    string
	Parts []sentencePart
}

// sentencePart is a run of a sentence, code or not.
type sentencePart struct {
	Text string
	Code bool
}

// viewer makes the views of cases, within one budget of bytes shown.
type viewer struct {
	doc    *Document
	budget int
	open   int
	made   map[string]caseView // of the cases that were made early
}

// view makes the view of a case; one that did not pass is kept, for it is asked for twice.
func (v *viewer) view(c Case) caseView {
	if old, ok := v.made[c.ID]; ok {
		return old
	}
	view := caseView{
		ID: clean(c.ID), Title: clean(c.Title), Time: ms(c.MS), Level: c.Level, Verdict: c.Verdict, Sign: sign(c.Verdict),
		Note: oneLine(c.Note), First: firstFinding(c.Detail), Runs: c.Runs, Features: clean(strings.Join(c.Features, ", ")),
	}
	view.Full = c.Verdict != runner.Pass || c.Note != "" || c.Level == runner.SHOULD || len(c.Features) > 0
	switch c.Mark {
	case runner.MarkKnown:
		view.Mark, view.DataMark = "known failure", "known"
	case runner.MarkStale:
		view.Mark, view.DataMark = "stale entry", "stale"
	case runner.MarkFlaky:
		view.Mark, view.DataMark = "flaky", "flaky"
	}
	for _, id := range c.Requirements {
		view.Reqs = append(view.Reqs, reqView{clean(id), sentence(v.doc.sentence(id))})
	}
	if c.Detail != "" {
		view.Detail = strings.Join(lines(c.Detail), "\n")
	}
	if c.counts() && v.open < maxOpen {
		view.Open = true
		v.open++
	}
	for _, d := range c.Diffs {
		if v.spend(6 * (len(d.Expected) + len(d.Got))) {
			view.Diffs = append(view.Diffs, viewDiff(d))
		}
	}
	v.trace(&view, c)
	if c.Verdict.Bad() {
		if v.made == nil {
			v.made = map[string]caseView{}
		}
		v.made[c.ID] = view
	}
	return view
}

func (v *viewer) trace(view *caseView, c Case) {
	left := 0
	for _, p := range c.Trace {
		if len(view.Pieces) == maxPieces || !v.spend(200+4*min(len(p.Bytes), 512)+140*min(len(p.Fields), maxRows)) {
			left++
			continue
		}
		view.Pieces = append(view.Pieces, viewPiece(p))
	}
	if len(c.Trace) == 0 {
		return
	}
	view.Traced = plural(len(c.Trace)+c.Untraced, "piece") + " between the suite and the target"
	switch {
	case left > 0 && len(view.Pieces) == 0:
		view.Pieces = []pieceView{}
		view.Traced += " (in the JSON report only: the page has enough bytes)"
	case left > 0:
		view.Untraced = plural(left, "piece") + " more in the JSON report"
	}
	if c.Untraced > 0 {
		view.Untraced = strings.TrimPrefix(view.Untraced+", and "+plural(c.Untraced, "piece")+" that were not recorded", ", and ")
	}
	if left > 0 && len(view.Pieces) == 0 {
		view.Pieces = append(view.Pieces, pieceView{Dir: runner.Sent, Arrow: "→", Length: view.Traced})
	}
}

// spend takes n bytes of page from the budget, if it has them.
func (v *viewer) spend(n int) bool {
	if n > v.budget {
		return false
	}
	v.budget -= n
	return true
}

// sentence cuts a sentence of the standard at its code spans.
func sentence(s string) []sentencePart {
	var out []sentencePart
	pieces := strings.Split(oneLine(s), "`")
	for i, p := range pieces {
		code := i%2 == 1 && i < len(pieces)-1
		if i%2 == 1 && !code { // a span that is never closed
			p = "`" + p
		}
		if p != "" {
			out = append(out, sentencePart{p, code})
		}
	}
	return out
}

// firstFinding is the first line of a detail, and the second where the first only leads to it.
func firstFinding(detail string) string {
	all := lines(detail)
	first := all[0]
	if strings.HasSuffix(first, ":") && len(all) > 1 {
		first += " " + all[1]
	}
	return shorten(oneLine(first), 160)
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
