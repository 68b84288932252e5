// Package trace builds the matrix of the standard: each requirement against the vectors, the
// conformance cases and the code that name it, and against what has shown that a break of it is seen; it
// finds what does not add up.
package trace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/spec"
)

// Source is something that names requirements: a vector, a conformance case, a mutant or a line of code.
type Source struct {
	ID           string   // vector id, case id, mutant id, or file:line
	Requirements []string // the ids it names
}

// Sources are all that name requirements, by kind.
type Sources struct {
	Vectors, Cases, Code []Source
	// Mutants are broken implementations that the suite kills: each shows that a break of its requirements is seen.
	Mutants []Source
	// Invalid are the vectors, among Vectors, that have to be rejected: whoever breaks the requirement accepts them.
	Invalid []Source
}

// Row is one requirement with everything that names it.
type Row struct {
	spec.Requirement
	Vectors, Cases, Code []string
	// Falsified names what falsifies the requirement: mutants first, then invalid vectors.
	Falsified []string
}

// Matrix is the standard's requirements in the order of their ids.
type Matrix struct {
	Rows     []Row
	Problems []Problem
}

// Problem is one fault of the matrix: where it is and what to do about it.
type Problem struct {
	Where, What string
}

func (p Problem) String() string { return p.Where + ": " + p.What }

// Build joins requirements with what names them. Unknown ids, and MUSTs that neither a vector nor a case
// names, or that no mutant and no invalid vector falsifies, and whose text does not say why, are the
// matrix's problems.
func Build(reqs []spec.Requirement, from Sources) *Matrix {
	m := &Matrix{}
	index := make(map[string]int, len(reqs))
	for _, r := range reqs {
		index[r.ID] = len(m.Rows)
		m.Rows = append(m.Rows, Row{Requirement: r})
	}
	join := func(kind string, sources []Source, column func(*Row) *[]string) {
		for _, s := range sources {
			for _, id := range s.Requirements {
				i, ok := index[id]
				if !ok {
					m.add(kind+" "+s.ID, "names %s, which the standard does not have", id)
					continue
				}
				c := column(&m.Rows[i])
				*c = append(*c, s.ID)
			}
		}
	}
	join("vector", from.Vectors, func(r *Row) *[]string { return &r.Vectors })
	join("case", from.Cases, func(r *Row) *[]string { return &r.Cases })
	join("code", from.Code, func(r *Row) *[]string { return &r.Code })
	join("mutant", from.Mutants, func(r *Row) *[]string { return &r.Falsified })
	for _, s := range from.Invalid { // their unknown ids are found among the vectors
		for _, id := range s.Requirements {
			if i, ok := index[id]; ok {
				m.Rows[i].Falsified = append(m.Rows[i].Falsified, s.ID)
			}
		}
	}
	slices.SortFunc(m.Rows, func(a, b Row) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range m.Rows {
		m.judge(r)
	}
	return m
}

// judge adds the problems of one row.
func (m *Matrix) judge(r Row) {
	tested := len(r.Vectors)+len(r.Cases) > 0
	switch {
	case tested && r.Untested != "":
		m.add(where(r.Requirement), "%s says that it is not tested, but %s names it: remove the note or the reference", r.ID, first(r.Vectors, r.Cases))
	case !isMust(r.Level) || r.Untested != "":
	case !tested:
		m.add(where(r.Requirement), "%s is a MUST that no vector and no case can falsify: add one, or say why not with \"(Not tested: ...)\"", r.ID)
	case len(r.Falsified) == 0:
		m.add(where(r.Requirement), "%s is a MUST that %s names and nothing falsifies: add a mutant that breaks it to conformance/mutants, or an invalid vector", r.ID, first(r.Vectors, r.Cases))
	}
}

func (m *Matrix) add(where, format string, args ...any) {
	m.Problems = append(m.Problems, Problem{where, fmt.Sprintf(format, args...)})
}

func isMust(level string) bool { return strings.HasPrefix(level, "MUST") }

func where(r spec.Requirement) string { return fmt.Sprintf("spec/%s:%d", r.Chapter, r.Line) }

func first(lists ...[]string) string {
	for _, l := range lists {
		if len(l) > 0 {
			return l[0]
		}
	}
	return ""
}

// Summary counts the requirements in one line.
func (m *Matrix) Summary() string {
	musts, tested, untested, mutant, vector := 0, 0, 0, 0, 0
	for _, r := range m.Rows {
		if !isMust(r.Level) {
			continue
		}
		musts++
		if len(r.Vectors)+len(r.Cases) > 0 {
			tested++
		} else if r.Untested != "" {
			untested++
		}
		switch {
		case len(r.Falsified) == 0:
		case strings.HasPrefix(r.Falsified[0], "proto-") || strings.HasPrefix(r.Falsified[0], "peer-"):
			mutant++
		default:
			vector++
		}
	}
	return fmt.Sprintf("%d requirements, %d of them MUST or MUST NOT: %d with a vector or a case, %d with a reason in the text why not; "+
		"%d falsified by a mutant, %d by invalid vectors alone", len(m.Rows), musts, tested, untested, mutant, vector)
}

// Markdown gives the matrix as the standard's appendix. Code is named by file, without lines, so that
// the table changes only when the traceability does.
func (m *Matrix) Markdown() string {
	var b strings.Builder
	b.WriteString("# Appendix B. Matrix of requirements\n\n")
	b.WriteString("Made by `go run ./tools/teleport spec matrix --write` from the chapters, the vectors, the cases and the\n")
	b.WriteString("`req:` tags of the code; `spec check` fails when it drifts. A dash under vectors and cases means that the\n")
	b.WriteString("chapter says why the requirement is not tested. What falsifies a requirement is a mutant of `conformance/mutants`,\n")
	b.WriteString("an implementation broken in that one place, which a case kills (`teleport conform mutants`), or a vector that has\n")
	b.WriteString("to be rejected.\n\n")
	b.WriteString(m.Summary() + "\n\n")
	b.WriteString("| requirement | level | chapter | vectors | cases | falsified by | code |\n|---|---|---|---|---|---|---|\n")
	for _, r := range m.Rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", r.ID, r.Level, r.Chapter,
			abridge(r.Vectors), abridge(r.Cases), falsified(r), abridge(files(r.Code)))
	}
	return b.String()
}

// abridge names the first three and counts the rest: the matrix is for reading.
func abridge(ids []string) string {
	if len(ids) == 0 {
		return "-"
	}
	if len(ids) > 4 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:3], ", "), len(ids)-3)
	}
	return strings.Join(ids, ", ")
}

// falsified names what falsifies a requirement, or the reason of the text why nothing does.
func falsified(r Row) string {
	if len(r.Falsified) == 0 && r.Untested != "" {
		return "(Not tested: " + strings.ReplaceAll(r.Untested, "|", `\|`) + ")"
	}
	return abridge(r.Falsified)
}

// files drops the line numbers of file:line places and the repeats that leaves.
func files(places []string) []string {
	var out []string
	for _, p := range places {
		if i := strings.LastIndexByte(p, ':'); i >= 0 {
			p = p[:i]
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}
