package spec

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

const (
	scopeFile = "01-scope.md" // the one file that cites BCP 14
	bcp14Mark = "bcp14"
)

// A document is what the chapters say.
type document struct {
	reqs     []Requirement
	index    map[string]int    // id to its place in reqs
	gone     map[string]string // withdrawn ids to "file:line"
	examples []Example
	problems []Problem

	files map[string]bool
	refs  []reference
}

type reference struct {
	id, file string
	line     int
}

// parseFS reads every Markdown file at the top of fsys.
func parseFS(fsys fs.FS) *document {
	d := &document{index: map[string]int{}, gone: map[string]string{}, files: map[string]bool{}}
	names, err := fs.Glob(fsys, "*.md")
	if err != nil {
		d.problem(KindFile, ".", 0, "cannot list the chapters: %v", err)
	}
	for _, name := range names {
		d.files[name] = true
	}
	for _, name := range names {
		if generated(name) {
			continue
		}
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			d.problem(KindFile, name, 0, "cannot read the chapter: %v", err)
			continue
		}
		d.page(name, splitPage(string(src)))
	}
	for _, r := range d.refs {
		_, known := d.index[r.id]
		if _, was := d.gone[r.id]; !known && !was {
			d.problem(KindID, r.file, r.line, "%s: no sentence of the standard has this id", r.id)
		}
	}
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
	return d
}

// generated tells whether the file is the matrix, which is made from the
// chapters and repeats their sentences.
func generated(name string) bool {
	return strings.HasPrefix(name, "appendix-") && strings.HasSuffix(name, "matrix.md")
}

func (d *document) problem(k Kind, file string, line int, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: file, Line: line, Message: fmt.Sprintf(format, args...), Kind: k})
}

func (d *document) page(file string, p page) {
	marks := 0
	for _, b := range p.blocks {
		switch {
		case b.bcp14:
			if marks++; marks > 1 || file != scopeFile {
				d.problem(KindWord, file, b.line, "only one paragraph, in %s, cites BCP 14", scopeFile)
			}
		case strings.HasPrefix(b.text, "**["):
			d.sentence(file, b)
		default:
			d.prose(file, b)
		}
		d.links(file, b)
	}
	d.fences(file, p)
}

// prose checks a block without a tag.
func (d *document) prose(file string, b block) {
	for _, at := range bcp14Word.FindAllStringIndex(b.text, -1) {
		d.problem(KindWord, file, b.lineOf(at[0]), "%s outside a tagged sentence: give the sentence an id or say it in plain words",
			strings.Join(strings.Fields(b.text[at[0]:at[1]]), " "))
	}
	if at := tagAny.FindStringIndex(codeSpan.ReplaceAllStringFunc(b.text, blank)); at != nil {
		d.problem(KindForm, file, b.lineOf(at[0]), "a tag begins its paragraph, list item or table cell")
	}
	d.refer(file, b.line, b.text)
}

func blank(s string) string { return strings.Repeat(" ", len(s)) }

func (b block) lineOf(offset int) int { return b.line + strings.Count(b.text[:offset], "\n") }

func (d *document) refer(file string, line int, text string) {
	for _, id := range anyID.FindAllString(text, -1) {
		d.refs = append(d.refs, reference{id, file, line})
	}
}

// links checks that links inside this folder lead to a chapter.
func (d *document) links(file string, b block) {
	for _, m := range linkTarget.FindAllStringSubmatch(b.text, -1) {
		to := m[1]
		if strings.Contains(to, "/") || !strings.HasSuffix(to, ".md") || d.files[to] || generated(to) {
			continue
		}
		d.problem(KindLink, file, b.line, "link to %s: there is no such chapter", to)
	}
}
