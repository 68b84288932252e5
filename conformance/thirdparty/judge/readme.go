package judge

import (
	"fmt"
	"os"
	"strings"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/spec"
)

// readmeFile is the report, seen from a module's folder.
const readmeFile = "../README.md"

// readme compares the generated parts of the report with what they should be, or writes them: the module's own
// table, and the list of findings, which every module writes alike.
func readme(m Module, all []looked, update bool) error {
	text, err := os.ReadFile(readmeFile)
	if err != nil {
		return err
	}
	current := string(text)
	for name, part := range map[string]string{m.Name: table(m, all), "findings": listing()} {
		begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
		i, j := strings.Index(current, begin), strings.Index(current, end)
		if i < 0 || j < i {
			return fmt.Errorf("%s: the marks of the part %q are missing", readmeFile, name)
		}
		old := current[i+len(begin) : j]
		if old != part && !update {
			return fmt.Errorf("%s: the part %q is not current: go test -update; it should be\n%s", readmeFile, name, part)
		}
		current = current[:i+len(begin)] + part + current[j:]
	}
	if update && current != string(text) {
		return os.WriteFile(readmeFile, []byte(current), 0o644)
	}
	return nil
}

// table gives the counts of a module as Markdown.
func table(m Module, all []looked) string {
	var b strings.Builder
	fmt.Fprintf(&b, "`%s`\n\n", m.Erpc)
	b.WriteString("| Proto | id, name | MUST | pass | fail | panic | hang | skipped | varies | SHOULD | pass | fail | panic | pass at the second look | findings |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, l := range all {
		must, should := l.v.first.Totals(conformance.MUST), l.v.first.Totals(conformance.SHOULD)
		varied := map[conformance.Level]int{}
		for _, r := range l.v.varied {
			varied[r.Level]++
		}
		second := "-"
		if l.proto.Relief != (Relief{}) {
			n := 0
			for _, r := range l.v.second {
				if r.Verdict == conformance.Pass {
					n++
				}
			}
			second = fmt.Sprintf("%d of %d", n, len(l.v.second))
		}
		var ns []int
		for _, f := range Findings() {
			if in(f.Where, m.Name, l.proto.Name) {
				ns = append(ns, f.N)
			}
		}
		fmt.Fprintf(&b, "| [%s](%s/known/%s.txt) | %d, %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s | %s |\n", l.proto.Name, m.Name, l.proto.Name, l.v.id, l.v.name,
			must.Total()+varied[conformance.MUST], must[conformance.Pass], must[conformance.Fail], must[conformance.Panic], must[conformance.Hang], must[conformance.Skipped], len(l.v.varied),
			should.Total()+varied[conformance.SHOULD], should[conformance.Pass], should[conformance.Fail], should[conformance.Panic], second, strings.ReplaceAll(numbers(ns), ",", " "))
	}
	return b.String()
}

// listing gives the findings as Markdown, each with the sentences of the standard that it breaks.
func listing() string {
	var b strings.Builder
	for _, f := range Findings() {
		fmt.Fprintf(&b, "### %d. %s\n\n", f.N, f.Title)
		fmt.Fprintf(&b, "In: %s.", strings.Join(protoNames(f.Where), ", "))
		if len(f.signs) == 0 {
			b.WriteString(" No case of the suite sees it.")
		}
		b.WriteString("\n\n")
		for _, id := range strings.Fields(f.Reqs) {
			r, _ := spec.Lookup(id)
			fmt.Fprintf(&b, "> **%s** %s\n>\n", id, strings.TrimSpace(r.Text))
		}
		fmt.Fprintf(&b, "\n%s\n\n%s\n\nConfirmed by `%s`.\n\n", f.What, f.Effect, f.Test)
	}
	return b.String()
}

// protoNames turns "raw 6/thrift" into words.
func protoNames(where string) []string {
	var out []string
	for _, w := range strings.Fields(where) {
		if version, name, ok := strings.Cut(w, "/"); ok {
			w = name + " of v" + version
		}
		out = append(out, w)
	}
	return out
}
