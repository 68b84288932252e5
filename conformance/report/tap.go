package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// TAP writes the document in the Test Anything Protocol, version 14: a test point a case. A known failure and a
// SHOULD case that does not pass are `not ok` with the directive TODO, which fails no run; a stale entry of a
// list is a test point of its own. The error is w's.
func (d *Document) TAP(w io.Writer) error {
	var b bytes.Buffer
	stale := d.unrunStale()
	fmt.Fprintf(&b, "TAP version 14\n1..%d\n# target: %s\n# standard %s, suite %s\n",
		len(d.Cases)+len(stale), tapText(d.Target), tapText(d.Standard), tapText(d.Suite))
	for i, c := range d.Cases {
		d.tapCase(&b, i+1, c)
	}
	for i, s := range stale {
		fmt.Fprintf(&b, "not ok %d - list entry %s\n", len(d.Cases)+i+1, tapText(s.Case))
		tapDiagnostics(&b, [][2]string{{"message", s.Why}, {"severity", "stale"}})
	}
	fmt.Fprintf(&b, "# MUST: %s\n# SHOULD: %s\n# %s\n", d.Totals.Must, d.Totals.Should, d.outcome())
	_, err := w.Write(b.Bytes())
	return err
}

// unrunStale gives the stale entries that no case carries the mark of.
func (d *Document) unrunStale() []Stale {
	marked := map[string]bool{}
	for _, c := range d.Cases {
		marked[c.ID] = c.Mark == runner.MarkStale
	}
	var out []Stale
	for _, s := range d.Stale {
		if !marked[s.Case] {
			out = append(out, s)
		}
	}
	return out
}

func (d *Document) tapCase(b *bytes.Buffer, n int, c Case) {
	ok := "ok"
	if c.Verdict.Bad() || c.Mark == runner.MarkStale {
		ok = "not ok"
	}
	fmt.Fprintf(b, "%s %d - %s%s\n", ok, n, tapText(c.ID), tapDirective(c))
	pairs := [][2]string{{"level", string(c.Level)}, {"duration_ms", strconv.FormatFloat(c.MS, 'f', 3, 64)}}
	if ok == "ok" && c.Note == "" {
		return
	}
	pairs = append(pairs, [2]string{"severity", string(c.Verdict)}, [2]string{"proves", c.Title})
	if c.Note != "" {
		pairs = append(pairs, [2]string{"note", c.Note})
	}
	for _, id := range c.Requirements {
		pairs = append(pairs, [2]string{id, d.sentence(id)})
	}
	if c.Verdict != runner.Pass {
		pairs = append(pairs, [2]string{"detail", c.Detail})
	}
	tapDiagnostics(b, pairs)
}

func tapDirective(c Case) string {
	switch {
	case c.Mark == runner.MarkStale:
		return ""
	case c.Verdict == runner.Skipped:
		return " # SKIP " + tapText(c.Detail)
	case c.Verdict.Bad() && c.Mark == runner.MarkKnown:
		return " # TODO known failure"
	case c.Verdict.Bad() && c.Level == runner.SHOULD:
		return " # TODO a SHOULD case, which does not decide"
	}
	return ""
}

// tapText makes s fit for the description of a test point: one line, with # and \ escaped.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `#`, `\#`).Replace(oneLine(s))
}

// tapDiagnostics writes a YAML block. Values are double-quoted strings, of several lines a list of them: those
// mean the same in every YAML reader.
func tapDiagnostics(b *bytes.Buffer, pairs [][2]string) {
	b.WriteString("  ---\n")
	for _, p := range pairs {
		key, value := oneLine(p[0]), lines(p[1])
		if strings.ContainsAny(key, ": #\"'") || key == "" {
			key = strconv.QuoteToASCII(key)
		}
		if len(value) == 1 {
			fmt.Fprintf(b, "  %s: %s\n", key, yamlString(value[0]))
			continue
		}
		fmt.Fprintf(b, "  %s:\n", key)
		for _, l := range value {
			fmt.Fprintf(b, "    - %s\n", yamlString(l))
		}
	}
	b.WriteString("  ...\n")
}

// yamlString quotes s, which is clean: of its characters only these need an escape.
func yamlString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`).Replace(s) + `"`
}
