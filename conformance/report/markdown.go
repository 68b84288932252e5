package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// maxMarkdown bounds how many failures a page of Markdown tells in full: a comment on a pull request has room for
// no more, and the first ones tell the story.
const maxMarkdown = 60

// Markdown writes the document as GitHub Flavored Markdown: the outcome, a table of totals by chapter, and the
// failures with their sentences and details. The error is w's.
func (d *Document) Markdown(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Conformance of %s\n\n**%s**\n\n", markdown(d.Target), markdown(upperFirst(d.outcome())))
	fmt.Fprintf(&b, "Standard %s, suite %s, %d cases", markdown(d.Standard), markdown(d.Suite), len(d.Cases))
	if d.Seconds > 0 {
		fmt.Fprintf(&b, " in %.1f s", d.Seconds)
	}
	if len(d.Without) > 0 {
		fmt.Fprintf(&b, ", without %s", markdown(strings.Join(d.Without, ", ")))
	}
	fmt.Fprintf(&b, ".\n\n- MUST: %s\n- SHOULD: %s\n", d.Totals.Must, d.Totals.Should)
	d.markdownChapters(&b)
	d.markdownStale(&b)
	if failures := d.Failures(); len(failures) > 0 {
		b.WriteString("\n## Not passed\n")
		for _, c := range failures[:min(len(failures), maxMarkdown)] {
			d.markdownCase(&b, c)
		}
		if n := len(failures) - maxMarkdown; n > 0 {
			fmt.Fprintf(&b, "\n%d more did not pass; the JSON report has them all.\n", n)
		}
	}
	d.markdownMarked(&b)
	_, err := w.Write(b.Bytes())
	return err
}

func (d *Document) markdownChapters(b *bytes.Buffer) {
	b.WriteString("\n| Chapter | MUST | SHOULD | Skipped | Not passed |\n|---|---:|---:|---:|---:|\n")
	row := func(name string, must, should Counts) {
		fmt.Fprintf(b, "| %s | %d/%d | ", name, must[runner.Pass], must.judged())
		if should.judged() > 0 {
			fmt.Fprintf(b, "%d/%d", should[runner.Pass], should.judged())
		}
		fmt.Fprintf(b, " | %s | %s |\n", zero(must[runner.Skipped]+should[runner.Skipped]), zero(must.bad()+should.bad()))
	}
	for _, c := range d.Totals.Chapters {
		row(markdown(c.Chapter), c.Must, c.Should)
	}
	row("**all**", d.Totals.Must, d.Totals.Should)
}

func zero(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (d *Document) markdownStale(b *bytes.Buffer) {
	if len(d.Stale) == 0 {
		return
	}
	b.WriteString("\n## Stale entries of lists\n\n")
	for _, s := range d.Stale {
		fmt.Fprintf(b, "- %s: %s\n", markdown(s.Case), markdown(s.Why))
	}
}

func (d *Document) markdownCase(b *bytes.Buffer, c Case) {
	fmt.Fprintf(b, "\n### %s: %s (%s)\n\n%s\n\n", markdown(string(c.Verdict)), markdown(c.ID), c.Level, markdown(c.Title))
	for _, id := range c.Requirements {
		fmt.Fprintf(b, "> **%s** %s\n>\n", markdown(id), markdown(d.sentence(id)))
	}
	if c.Note != "" {
		fmt.Fprintf(b, "\n%s\n", markdown(c.Note))
	}
	detail := strings.Join(lines(c.Detail), "\n")
	fence := "```"
	for strings.Contains(detail, fence) {
		fence += "`"
	}
	fmt.Fprintf(b, "\n%stext\n%s\n%s\n", fence, detail, fence)
}

func (d *Document) markdownMarked(b *bytes.Buffer) {
	rows := d.filter(func(c Case) bool {
		return c.Mark == runner.MarkFlaky || c.Mark == runner.MarkKnown && c.Verdict.Bad()
	})
	if len(rows) == 0 {
		return
	}
	b.WriteString("\n## Known failures and flaky cases\n\n| Case | Level | Verdict | Mark | Detail |\n|---|---|---|---|---|\n")
	for _, c := range rows {
		detail := c.Note
		if c.Mark == runner.MarkKnown {
			detail = lines(c.Detail)[0]
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", markdown(c.ID), c.Level, c.Verdict, markdown(string(c.Mark)), markdown(detail))
	}
}

// markdown makes s one line of plain text: whatever Markdown or HTML could take for its own is escaped.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '>':
			b.WriteString("&gt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case r == '@': // no mention of somebody
			b.WriteString("&#64;")
			continue
		case strings.ContainsRune("\\`*_[]|~#!", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
