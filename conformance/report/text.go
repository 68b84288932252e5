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
func Text(w io.Writer, r *runner.Report) error {
	var b bytes.Buffer
	if r.Target != "" {
		fmt.Fprintf(&b, "conformance of %s\n\n", r.Target)
	}
	writeChapters(&b, r)
	for _, result := range r.Failures() {
		b.WriteByte('\n')
		b.WriteString(Failure(result))
	}
	fmt.Fprintf(&b, "\nMUST    %s\nSHOULD  %s\n", line(r.Totals(runner.MUST)), line(r.Totals(runner.SHOULD)))
	if r.Abandoned > 0 {
		fmt.Fprintf(&b, "%d cases that hang were left running in the background\n", r.Abandoned)
	}
	switch {
	case r.OK():
		b.WriteString("conforms\n")
	case undecided(r):
		b.WriteString("undecided: the judge itself failed on some cases (harness-error)\n")
	default:
		b.WriteString("does NOT conform\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// undecided says that nothing but faults of the judge speaks against the target.
func undecided(r *runner.Report) bool {
	for _, f := range r.Failures() {
		if f.Level == runner.MUST && f.Verdict != runner.HarnessError {
			return false
		}
	}
	return true
}

func writeChapters(b *bytes.Buffer, r *runner.Report) {
	width := 0
	chapters := r.Chapters()
	for _, c := range chapters {
		width = max(width, len(c.Chapter))
	}
	for _, c := range chapters {
		must, should := c.Must.Total()-c.Must[runner.Skipped], c.Should.Total()-c.Should[runner.Skipped]
		fmt.Fprintf(b, "  %-*s  MUST %d/%d", width, c.Chapter, c.Must[runner.Pass], must)
		if should > 0 {
			fmt.Fprintf(b, "  SHOULD %d/%d", c.Should[runner.Pass], should)
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

// Failure describes one result in full: the case, its level and verdict, what it proves, the requirement's
// sentence for each id, and the detail, indented.
func Failure(result runner.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s  %s\n", strings.ToUpper(string(result.Verdict)), result.Case, result.Level)
	if result.Title != "" {
		fmt.Fprintf(&b, "  proves: %s\n", result.Title)
	}
	for _, id := range result.Requirements {
		fmt.Fprintf(&b, "  %s\n", Sentence(id))
	}
	for l := range strings.SplitSeq(strings.TrimRight(result.Detail, "\n"), "\n") {
		fmt.Fprintf(&b, "    %s\n", l)
	}
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

// line writes counts in the order of the verdicts, leaving zeroes out.
func line(c runner.Counts) string {
	var parts []string
	for _, v := range runner.Verdicts() {
		if c[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[v], v))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
