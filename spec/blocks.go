package spec

import (
	"regexp"
	"strings"
)

// A block is one run of text that a reader sees as a unit: a paragraph, a list
// item's paragraph, a heading, or one table cell.
type block struct {
	text  string // lines joined by "\n"
	line  int    // of its first line, from 1
	bcp14 bool   // directly behind the comment that exempts it
}

// A fence is a fenced code block.
type fence struct {
	info    string
	body    string
	line    int    // of its opening line
	comment string // text of the comment directly before it
}

// A comment is a one-line HTML comment that stands alone.
type comment struct {
	text string
	line int
}

type page struct {
	blocks   []block
	fences   []fence
	comments []comment
}

var listItem = regexp.MustCompile(`^\s*(?:[-*+]|\d+[.)])\s+`)

// splitPage cuts a Markdown file into blocks and fences. It knows as much of
// Markdown as the chapters use.
func splitPage(src string) page {
	s := splitter{}
	for i, raw := range strings.Split(src, "\n") {
		s.take(i+1, strings.TrimRight(raw, " \t\r"))
	}
	s.flush()
	if s.open != nil { // a fence left open hides text: keep it visible as a fence
		s.page.fences = append(s.page.fences, *s.open)
	}
	return s.page
}

type splitter struct {
	page
	cur     *block
	open    *fence
	marker  string // what closes the open fence
	hidden  bool   // inside a comment of several lines
	pending string // comment directly before what comes next
}

func (s *splitter) take(n int, line string) {
	text := strings.TrimSpace(line)
	switch {
	case s.open != nil:
		if strings.HasPrefix(text, s.marker) && strings.Trim(text, s.marker[:1]) == "" {
			s.page.fences, s.open = append(s.page.fences, *s.open), nil
			return
		}
		s.open.body += line + "\n"
	case s.hidden:
		s.hidden = !strings.Contains(text, "-->")
	case strings.HasPrefix(text, "<!--"):
		s.flush()
		s.hidden = !strings.Contains(text, "-->")
		body, _, _ := strings.Cut(strings.TrimPrefix(text, "<!--"), "-->")
		s.pending = strings.TrimSpace(body)
		s.page.comments = append(s.page.comments, comment{s.pending, n})
	case strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~"):
		s.flush()
		s.marker = text[:len(text)-len(strings.TrimLeft(text, text[:1]))]
		s.open = &fence{info: strings.TrimSpace(text[len(s.marker):]), line: n, comment: s.pending}
		s.pending = ""
	case text == "":
		s.flush()
		s.pending = ""
	case strings.HasPrefix(text, "#"):
		s.flush()
		s.start(n, text)
		s.flush()
	case strings.HasPrefix(text, "|"):
		s.flush()
		for _, cell := range tableCells(text) {
			s.start(n, cell)
			s.flush()
		}
	case listItem.MatchString(line):
		s.flush()
		s.start(n, listItem.ReplaceAllString(line, ""))
	case s.cur != nil:
		s.cur.text += "\n" + strings.TrimPrefix(text, "> ")
	default:
		s.start(n, strings.TrimPrefix(text, "> "))
	}
}

func (s *splitter) start(n int, text string) {
	s.cur = &block{text: strings.TrimSpace(text), line: n, bcp14: s.pending == bcp14Mark}
	s.pending = ""
}

func (s *splitter) flush() {
	if s.cur != nil && s.cur.text != "" {
		s.page.blocks = append(s.page.blocks, *s.cur)
	}
	s.cur = nil
}

// tableCells splits a table row at the bars that are neither escaped nor inside
// a code span.
func tableCells(row string) []string {
	row = strings.TrimSuffix(strings.TrimPrefix(row, "|"), "|")
	var cells []string
	code, from := false, 0
	for i := 0; i < len(row); i++ {
		switch row[i] {
		case '\\':
			i++
		case '`':
			code = !code
		case '|':
			if !code {
				cells, from = append(cells, strings.TrimSpace(row[from:i])), i+1
			}
		}
	}
	return append(cells, strings.TrimSpace(row[from:]))
}
