package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/spec"
)

// Text writes the report for people: a line a chapter, the failures in full with the sentences of the
// standard that they break, and the totals with MUST and SHOULD apart. The error is w's.
func Text(w io.Writer, r *runner.Report) error { return New(r).Text(w) }

// Text writes the document for people, as the function Text does. The error is w's.
func (d *Document) Text(w io.Writer) error {
	var b bytes.Buffer
	if d.Target != "" {
		fmt.Fprintf(&b, "conformance of %s\n\n", oneLine(d.Target))
	}
	d.textChapters(&b)
	for _, c := range d.Failures() {
		b.WriteByte('\n')
		d.textCase(&b, c)
	}
	d.textMarked(&b)
	fmt.Fprintf(&b, "\nMUST    %s\nSHOULD  %s\n", d.Totals.Must, d.Totals.Should)
	if d.Totals.Known > 0 {
		fmt.Fprintf(&b, "%d of them failed as the list of known failures expects\n", d.Totals.Known)
	}
	if d.Totals.Flaky > 0 {
		fmt.Fprintf(&b, "%d of them passed, but not in the first run (flaky)\n", d.Totals.Flaky)
	}
	if d.Abandoned > 0 {
		fmt.Fprintf(&b, "%d cases that hang were left running in the background\n", d.Abandoned)
	}
	b.WriteString(d.outcome() + "\n")
	_, err := w.Write(b.Bytes())
	return err
}

// textMarked writes what the lists of known failures and flaky cases had to do with the run.
func (d *Document) textMarked(b *bytes.Buffer) {
	for _, c := range d.Known() {
		fmt.Fprintf(b, "\nKNOWN  %s  %s  %s: %s\n", oneLine(c.ID), c.Level, c.Verdict, lines(c.Detail)[0])
	}
	for _, c := range d.Cases {
		if c.Mark == runner.MarkFlaky {
			fmt.Fprintf(b, "\nFLAKY  %s  %s  %s\n", oneLine(c.ID), c.Level, oneLine(c.Note))
		}
	}
	for _, s := range d.Stale {
		fmt.Fprintf(b, "\nSTALE  %s  %s\n", oneLine(s.Case), oneLine(s.Why))
	}
}

func (d *Document) textChapters(b *bytes.Buffer) {
	width := 0
	for _, c := range d.Totals.Chapters {
		width = max(width, len(c.Chapter))
	}
	for _, c := range d.Totals.Chapters {
		fmt.Fprintf(b, "  %-*s  MUST %d/%d", width, oneLine(c.Chapter), c.Must[runner.Pass], c.Must.judged())
		if c.Should.judged() > 0 {
			fmt.Fprintf(b, "  SHOULD %d/%d", c.Should[runner.Pass], c.Should.judged())
		}
		if n := c.Must[runner.Skipped] + c.Should[runner.Skipped]; n > 0 {
			fmt.Fprintf(b, "  skipped %d", n)
		}
		for _, v := range runner.Verdicts() {
			if n := c.Must[v] + c.Should[v]; v.Bad() && n > 0 {
				fmt.Fprintf(b, "  %s %d", v, n)
			}
		}
		b.WriteByte('\n')
	}
}

// textCase describes one case in full.
func (d *Document) textCase(b *bytes.Buffer, c Case) {
	fmt.Fprintf(b, "%s  %s  %s\n", strings.ToUpper(string(c.Verdict)), oneLine(c.ID), c.Level)
	if c.Title != "" {
		fmt.Fprintf(b, "  proves: %s\n", oneLine(c.Title))
	}
	for _, id := range c.Requirements {
		fmt.Fprintf(b, "  [%s]", oneLine(id))
		if s := d.sentence(id); s != "" {
			b.WriteString(" " + oneLine(s))
		}
		b.WriteByte('\n')
	}
	if c.Note != "" {
		fmt.Fprintf(b, "  (%s)\n", oneLine(c.Note))
	}
	writeIndented(b, c.Detail, "    ")
}

// Failure describes one result in full: the case, its level and verdict, what it proves, the requirement's
// sentence for each id, and the detail, indented.
func Failure(result runner.Result) string {
	d := New(&runner.Report{Results: []runner.Result{result}})
	var b bytes.Buffer
	d.textCase(&b, d.Cases[0])
	return b.String()
}

// Sentence gives a requirement as the standard words it, with its id in front; only the id where the
// standard has no such requirement.
func Sentence(id string) string {
	if req, ok := spec.Lookup(id); ok {
		return fmt.Sprintf("[%s] %s", id, req.Text)
	}
	return fmt.Sprintf("[%s]", id)
}
