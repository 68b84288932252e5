package report

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"sort"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// comparePage is what diff.html shows.
type comparePage struct {
	Style                             template.CSS
	Short, Heading, Class, Sign, Text string
	Sides                             []sideView
	Chapters                          []chapterChange
	Groups                            []groupView
	Times                             []paceView
}

type sideView struct {
	Letter, Target, Outcome, OutcomeText string
	Standard, Suite, Time, Started       string
	Total                                int
	Levels                               []levelView
}

type chapterChange struct{ Name, A, B, Change string }

type groupView struct {
	Kind    Kind
	Title   string
	Class   string
	N       int
	Open    bool
	Changes []changeView
}

type changeView struct {
	caseView
	Arrow string
	Sides []caseSide
}

type caseSide struct {
	Letter string
	caseView
}

type paceView struct{ ID, A, B, Change, Class string }

// HTML writes the comparison as one page that needs nothing else. The error is w's.
func (c *Comparison) HTML(w io.Writer) error {
	t, err := template.ParseFS(assets, "html/*.html")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "compare", c.page()); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (c *Comparison) page() comparePage {
	p := comparePage{Style: style(), Class: Conforms, Sign: "✓", Short: "Nothing broken", Text: upperFirst(c.summary()),
		Heading: "A: " + title(c.A.Target) + " and B: " + title(c.B.Target)}
	switch {
	case c.Count(KindBroken) > 0:
		p.Class, p.Sign, p.Short = Nonconform, "✗", fmt.Sprintf("%d broken", c.Count(KindBroken))
	case c.Count(KindBlind) > 0:
		p.Class, p.Sign, p.Short = Undecided, "?", "Undecided"
	}
	if c.A.Target == c.B.Target {
		p.Heading = title(c.B.Target)
	}
	p.Sides = []sideView{viewSide("A", c.A), viewSide("B", c.B)}
	p.Chapters = c.chapters()
	for _, kind := range Kinds() {
		if g := c.group(kind); g.N > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	for _, pace := range c.Paces {
		v := paceView{ID: clean(pace.ID), A: ms(pace.A), B: ms(pace.B), Change: "+" + ms(pace.B-pace.A), Class: "up"}
		if pace.B < pace.A {
			v.Change, v.Class = "−"+ms(pace.A-pace.B), "down"
		}
		p.Times = append(p.Times, v)
	}
	return p
}

func viewSide(letter string, d *Document) sideView {
	v := sideView{Letter: letter, Target: title(d.Target), Outcome: d.Outcome, OutcomeText: outcomeSign(d.Outcome) + " " + upperFirst(d.outcome()),
		Standard: clean(d.Standard), Suite: clean(d.Suite), Started: started(d.Started), Total: len(d.Cases),
		Levels: []levelView{level(runner.MUST, d.Totals.Must), level(runner.SHOULD, d.Totals.Should)}}
	if d.Seconds > 0 {
		v.Time = ms(d.Seconds * 1000)
	}
	return v
}

// chapters gives the score of each chapter that either report has.
func (c *Comparison) chapters() []chapterChange {
	scores := map[string]*[2]Counts{}
	for i, d := range []*Document{c.A, c.B} {
		for _, ch := range d.Totals.Chapters {
			if scores[ch.Chapter] == nil {
				scores[ch.Chapter] = &[2]Counts{{}, {}}
			}
			for _, counts := range []Counts{ch.Must, ch.Should} {
				for v, n := range counts {
					scores[ch.Chapter][i][v] += n
				}
			}
		}
	}
	var out []chapterChange
	for name, s := range scores {
		v := chapterChange{Name: clean(name), A: share(s[0]), B: share(s[1])}
		if n := s[1][runner.Pass] - s[0][runner.Pass]; n != 0 {
			v.Change = strings.Replace(fmt.Sprintf("%+d", n), "-", "−", 1)
		}
		out = append(out, v)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

func (c *Comparison) group(kind Kind) groupView {
	g := groupView{Kind: kind, Title: upperFirst(kindText(kind)), Class: "plain", N: c.Count(kind), Open: kind == KindBroken || kind == KindBlind || kind == KindFixed}
	switch kind {
	case KindBroken:
		g.Class = string(runner.Fail)
	case KindBlind:
		g.Class = string(runner.HarnessError)
	case KindFixed:
		g.Class = string(runner.Pass)
	}
	a, b := &viewer{doc: c.A}, &viewer{doc: c.B} // no bytes: the page of each report has those
	for _, change := range c.Changes {
		if change.Kind != kind {
			continue
		}
		v := changeView{}
		from, to := caseSide{Letter: "A"}, caseSide{Letter: "B"}
		if change.A != nil {
			from.caseView = a.view(*change.A)
			v.caseView, v.Arrow = from.caseView, string(from.Verdict)
		} else {
			v.Arrow = "none"
		}
		v.Arrow += " → "
		if change.B != nil {
			to.caseView = b.view(*change.B)
			v.caseView = to.caseView
			v.Arrow += string(to.Verdict)
		} else {
			v.Arrow += "none"
		}
		v.Open = kind == KindBroken && len(g.Changes) < maxOpen
		v.Sides = []caseSide{from, to}
		g.Changes = append(g.Changes, v)
	}
	return g
}
