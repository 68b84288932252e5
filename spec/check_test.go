package spec

import (
	"strings"
	"testing"
	"testing/fstest"
)

// chapters makes a standard of one chapter.
func chapters(text string) fstest.MapFS {
	return fstest.MapFS{"05-framing.md": {Data: []byte(text)}}
}

func TestCheck_TextOfTheStandard(t *testing.T) {
	for _, p := range Check() {
		t.Error(p.Error())
	}
}

func TestCheck_Problems(t *testing.T) {
	const good = "**[TP-FRAME-001]** A sender MUST write.\n\n"
	tests := []struct {
		name, text string
		kind       Kind
		line       int
		message    string // part of it
	}{
		{"short id", "**[TP-FRAME-1]** A sender MUST write.", KindForm, 1, "TP-AREA-NNN"},
		{"lower-case id", "\n**[tp-frame-001]** A sender MUST write.", KindForm, 2, "TP-AREA-NNN"},
		{"unknown area", "**[TP-FRMAE-001]** A sender MUST write.", KindForm, 1, "not an area"},
		{"no space", "**[TP-FRAME-001]**A sender MUST write.", KindForm, 1, "one space"},
		{"unclosed tag", "**[TP-FRAME-001] A sender MUST write.", KindForm, 1, "a tag has the form"},
		{"no word", "**[TP-FRAME-001]** A sender writes.", KindForm, 1, "no BCP 14 word"},
		{"word only in code", "**[TP-FRAME-001]** A sender writes `MUST`.", KindForm, 1, "no BCP 14 word"},
		{"two words", "**[TP-FRAME-001]** A sender MUST write and MUST NOT read.", KindForm, 1, "MUST, MUST NOT"},
		{"no period", "**[TP-FRAME-001]** A sender MUST write", KindForm, 1, "period"},
		{"two sentences", "**[TP-FRAME-001]** A sender MUST write. It writes.", KindForm, 1, "more than one sentence"},
		{"two tags", "**[TP-FRAME-001]** A sender MUST write **[TP-FRAME-002]** it.", KindForm, 1, "second tag"},
		{"tag in the middle", good + "Here:\n**[TP-FRAME-001]** a sender writes.", KindForm, 4, "begins its paragraph"},
		{"reason not closed", "**[TP-FRAME-001]** A sender MUST write. (Not tested: because", KindForm, 1, "reason"},
		{"reason in the middle", "**[TP-FRAME-001]** A sender MUST write. (Not tested: local.) More.", KindForm, 1, "reason"},
		{"reused", good + "- **[TP-FRAME-001]** A receiver MUST read.", KindReuse, 3, "05-framing.md:1"},
		{"reused after withdrawal", "**[TP-FRAME-002]** (Withdrawn in 1.1: gone.)\n\n**[TP-FRAME-002]** A receiver MUST read.", KindReuse, 3, "05-framing.md:1"},
		{"word in prose", "One line,\nthen a receiver MUST\nread.", KindWord, 2, "MUST outside"},
		{"word in a list item", "- fine\n- a sender SHOULD\n  NOT write", KindWord, 2, "SHOULD NOT outside"},
		{"word in a heading", "# What you MAY do", KindWord, 1, "MAY"},
		{"word in a cell", "| a | it is OPTIONAL |", KindWord, 1, "OPTIONAL"},
		{"word in code", "The word `MUST` in prose.", KindWord, 1, "MUST"},
		{"exempt paragraph in the wrong file", "<!-- bcp14 -->\nMUST as in BCP 14.", KindWord, 2, "01-scope.md"},
		{"unknown reference", good + "See TP-FRAME-002.", KindID, 3, "TP-FRAME-002"},
		{"example without a block", "<!-- vector: fast-a-0001 -->\n\n```hex\n00\n```", KindExample, 1, "fast-a-0001"},
		{"example with another info", "<!-- vector: fast-a-0001 -->\n```text\n00\n```", KindExample, 2, "info string"},
		{"example with an odd digit", "<!-- vector: fast-a-0001 -->\n```hex\n00 1\n```", KindExample, 2, "odd number"},
		{"example with a letter", "<!-- vector: fast-a-0001 -->\n```hex\n0g\n```", KindExample, 2, `'g'`},
		{"dead link", "See [nine](09-nine.md#x).", KindLink, 1, "09-nine.md"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := parseFS(chapters(tt.text)).problems
			if len(got) != 1 {
				t.Fatalf("%d problems, want 1: %v", len(got), got)
			}
			p := got[0]
			if p.Kind != tt.kind || p.Line != tt.line || p.File != "05-framing.md" || !strings.Contains(p.Message, tt.message) {
				t.Errorf("got %s %s:%d %q, want %s at line %d with %q", p.Kind, p.File, p.Line, p.Message, tt.kind, tt.line, tt.message)
			}
		})
	}
}

func TestCheck_AcceptedForms(t *testing.T) {
	tests := []struct{ name, text string }{
		{"word in a fenced block", "```text\na receiver MUST read\n```"},
		{"word in an indented tilde fence", "- item\n\n  ~~~\n  MUST\n  ~~~"},
		{"word in a comment of several lines", "<!-- a note:\nMUST be kept\n-->\nText."},
		{"tag shown as code", "The form is `**[TP-AREA-NNN]**` in text."},
		{"abbreviation with a dot", "**[TP-FRAME-001]** A sender MUST write gzip (RFC 1952, e.g. `a. B`) as io.EOF says."},
		{"reference to a withdrawn id", "**[TP-FRAME-002]** (Withdrawn in 1.1: gone.)\n\nTP-FRAME-002 was withdrawn."},
		{"links", "[a](05-framing.md) [b](05-framing.md#x) [c](../vectors/README.md) [d](https://example.org/x.md) [e](#here)"},
		{"lower-case words", "A receiver must, should and may read."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, p := range parseFS(chapters(tt.text)).problems {
				t.Error(p.Error())
			}
		})
	}
}

func TestCheck_BCP14ParagraphIsExemptOnce(t *testing.T) {
	const cite = "<!-- bcp14 -->\n\"MUST\" and \"MAY\"\nas in BCP 14, SHALL too.\n\n"
	if got := parseFS(fstest.MapFS{scopeFile: {Data: []byte(cite)}}).problems; len(got) != 0 {
		t.Errorf("one citation: %v, want no problem", got)
	}
	if got := parseFS(fstest.MapFS{scopeFile: {Data: []byte(cite + cite)}}).problems; len(got) != 1 || got[0].Line != 6 {
		t.Errorf("two citations: %v, want one problem at line 6", got)
	}
}

func TestCheck_GeneratedMatrixIsIgnored(t *testing.T) {
	fsys := chapters("**[TP-FRAME-001]** A sender MUST write.")
	row := []byte("| **[TP-FRAME-001]** A sender MUST write. | MUST | TP-NONE-999 |\n")
	fsys["appendix-matrix.md"] = &fstest.MapFile{Data: row}
	fsys["appendix-b-matrix.md"] = &fstest.MapFile{Data: row}
	d := parseFS(fsys)
	if len(d.problems) != 0 || len(d.reqs) != 1 {
		t.Errorf("%d requirements and %v, want 1 and no problems", len(d.reqs), d.problems)
	}
}

func TestCheck_ProblemsAreInTheOrderOfTheText(t *testing.T) {
	d := parseFS(fstest.MapFS{
		"06-b.md": {Data: []byte("MUST\n\nTP-FRAME-009\n\nMAY")},
		"05-a.md": {Data: []byte("\nSHALL")},
	})
	var at []string
	for _, p := range d.problems {
		at = append(at, strings.SplitN(p.Error(), ": ", 2)[0])
	}
	if got, want := strings.Join(at, " "), "05-a.md:2 06-b.md:1 06-b.md:3 06-b.md:5"; got != want {
		t.Errorf("problems at %s, want %s", got, want)
	}
}
