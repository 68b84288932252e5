package mutants

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/spec"
)

// Row is one requirement with the mutants that break it.
type Row struct {
	Requirement string
	// Sentence is what the standard says, empty for a requirement that it does not have.
	Sentence string
	Outcomes []Outcome
}

// Table orders outcomes by requirement. A mutant that breaks several stands under each. The slices are the
// caller's.
func Table(outcomes []Outcome) []Row {
	at := map[string]int{}
	var rows []Row
	for _, o := range outcomes {
		for _, id := range o.Mutant.Requirements {
			i, ok := at[id]
			if !ok {
				i = len(rows)
				at[id] = i
				r, _ := spec.Lookup(id)
				rows = append(rows, Row{Requirement: id, Sentence: r.Text})
			}
			rows[i].Outcomes = append(rows[i].Outcomes, o)
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Requirement, b.Requirement) })
	return rows
}

// Counts are the numbers of a run.
type Counts struct {
	Mutants      int          `json:"mutants"`
	Requirements int          `json:"requirements"`
	ByKind       map[Kind]int `json:"byKind"`
	ByFate       map[Fate]int `json:"byFate"`
}

// Count counts outcomes by kind and fate, and the requirements that a killed mutant falsifies.
func Count(outcomes []Outcome) Counts {
	c := Counts{Mutants: len(outcomes), ByKind: map[Kind]int{}, ByFate: map[Fate]int{}}
	falsified := map[string]bool{}
	for _, o := range outcomes {
		c.ByKind[o.Mutant.Kind()]++
		c.ByFate[o.Fate]++
		for _, id := range o.Mutant.Requirements {
			if o.OK() {
				falsified[id] = true
			}
		}
	}
	c.Requirements = len(falsified)
	return c
}

// OK reports whether every mutant was killed as it declares, none by a crash alone.
func OK(outcomes []Outcome) bool {
	return !slices.ContainsFunc(outcomes, func(o Outcome) bool { return !o.OK() })
}

// String is the counts in one line.
func (c Counts) String() string {
	var kinds []string
	for _, k := range []Kind{KindProto, KindImplementation, KindPeer} {
		if n := c.ByKind[k]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%d %s", n, k))
		}
	}
	var fates []string
	for _, f := range []Fate{Killed, KilledByOther, KilledByCrash, Survived, Undecided} {
		if n := c.ByFate[f]; n > 0 || f == Killed {
			fates = append(fates, fmt.Sprintf("%d %s", n, f))
		}
	}
	return fmt.Sprintf("%d mutants (%s): %s; %d requirements falsified", c.Mutants, strings.Join(kinds, ", "),
		strings.Join(fates, ", "), c.Requirements)
}

// WriteText writes the kill table for people, then in full what was not killed as declared, then the counts.
// The error is w's.
func WriteText(w io.Writer, outcomes []Outcome) error {
	var b strings.Builder
	for _, row := range Table(outcomes) {
		b.WriteString(strings.TrimSpace(row.Requirement+"  "+row.Sentence) + "\n")
		for _, o := range row.Outcomes {
			fmt.Fprintf(&b, "  %s by %s  %s (%s)\n", o.Fate, o.Mutant.KilledBy, o.Mutant.ID, o.Mutant.Fault)
		}
	}
	for _, o := range outcomes {
		if o.OK() {
			continue
		}
		fmt.Fprintf(&b, "\n%s: %s\n  the fault: %s\n  breaks: %s\n  declared: %s by %s, which gave %s\n", o.Mutant.ID, o.Fate, o.Mutant.Fault,
			strings.Join(o.Mutant.Requirements, ", "), o.Mutant.Want(), o.Mutant.KilledBy, o.Verdict)
		if len(o.By) > 0 {
			fmt.Fprintf(&b, "  seen by: %s\n", strings.Join(o.By[:min(len(o.By), 10)], ", "))
		}
		if o.Detail != "" {
			b.WriteString("  " + strings.ReplaceAll(strings.TrimSpace(o.Detail), "\n", "\n  ") + "\n")
		}
	}
	b.WriteString("\n" + Count(outcomes).String() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteMarkdown writes the kill table as a table of Markdown, a line for each requirement and mutant. The
// error is w's.
func WriteMarkdown(w io.Writer, outcomes []Outcome) error {
	var b strings.Builder
	b.WriteString("| requirement | mutant | its fault | killed by | fate |\n|---|---|---|---|---|\n")
	for _, row := range Table(outcomes) {
		for _, o := range row.Outcomes {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.Requirement, o.Mutant.ID, strings.ReplaceAll(o.Mutant.Fault, "|", `\|`), o.Mutant.KilledBy, o.Fate)
		}
	}
	b.WriteString("\n" + Count(outcomes).String() + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// jsonOutcome is an Outcome in the JSON form, whose member names are a promise.
type jsonOutcome struct {
	ID           string   `json:"id"`
	Kind         Kind     `json:"kind"`
	Base         string   `json:"base"`
	Fault        string   `json:"fault"`
	Requirements []string `json:"requirements"`
	KilledBy     string   `json:"killedBy"`
	Want         string   `json:"want"`
	Fate         Fate     `json:"fate"`
	Verdict      string   `json:"verdict"`
	Detail       string   `json:"detail,omitempty"`
	By           []string `json:"by,omitempty"`
	Millis       int64    `json:"ms"`
}

// WriteJSON writes the outcomes as one JSON object: format (1), counts, and mutants in their order. The error
// is w's.
func WriteJSON(w io.Writer, outcomes []Outcome) error {
	doc := struct {
		Format  int           `json:"format"`
		Counts  Counts        `json:"counts"`
		Mutants []jsonOutcome `json:"mutants"`
	}{Format: 1, Counts: Count(outcomes), Mutants: []jsonOutcome{}}
	for _, o := range outcomes {
		m := o.Mutant
		doc.Mutants = append(doc.Mutants, jsonOutcome{m.ID, m.Kind(), m.Base, m.Fault, m.Requirements, m.KilledBy, string(m.Want()),
			o.Fate, string(o.Verdict), o.Detail, o.By, o.Took.Milliseconds()})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(doc)
}
