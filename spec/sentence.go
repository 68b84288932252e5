package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	tagAtStart = regexp.MustCompile(`^\*\*\[([^\]]*)\]\*\*`)
	tagAny     = regexp.MustCompile(`\*\*\[[^\]]*\]\*\*`)
	goodID     = regexp.MustCompile(`^TP-([A-Z]+)-\d{3}$`)
	anyID      = regexp.MustCompile(`\bTP-[A-Za-z]+-\d+\b`)
	bcp14Word  = regexp.MustCompile(`\b(?:(?:MUST|SHALL|SHOULD)(?:\s+NOT)?|(?:NOT\s+)?RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b`)
	codeSpan   = regexp.MustCompile("`[^`]*`")
	newSent    = regexp.MustCompile(`[.!?]\s+[A-Z]`)
	linkTarget = regexp.MustCompile(`\]\(([^)\s#]+)(?:#[^)\s]*)?\)`)
)

const untestedMark = "(Not tested:"

// sentence reads a block that begins with a tag.
func (d *document) sentence(file string, b block) {
	m := tagAtStart.FindStringSubmatch(b.text)
	if m == nil {
		d.problem(KindForm, file, b.line, "a tag has the form **[TP-AREA-NNN]** and then one space")
		return
	}
	id := m[1]
	g := goodID.FindStringSubmatch(id)
	if g == nil {
		d.problem(KindForm, file, b.line, "[%s]: an id has the form TP-AREA-NNN, three digits", id)
		return
	}
	if !slices.Contains(areas, g[1]) {
		d.problem(KindForm, file, b.line, "%s: %s is not an area; the areas are %s", id, g[1], strings.Join(areas, ", "))
		return
	}
	rest := b.text[len(m[0]):]
	if !strings.HasPrefix(rest, " ") && !strings.HasPrefix(rest, "\n") {
		d.problem(KindForm, file, b.line, "%s: one space is expected behind the tag", id)
		return
	}
	rest = strings.Join(strings.Fields(rest), " ")
	if d.used(id, file, b.line) {
		return
	}
	if strings.HasPrefix(rest, "(Withdrawn") { // a tombstone keeps the id from being used again
		d.gone[id] = fmt.Sprintf("%s:%d", file, b.line)
		return
	}
	r := Requirement{ID: id, Area: g[1], Text: rest, Chapter: file, Line: b.line}
	if text, why, ok := strings.Cut(rest, untestedMark); ok {
		if !strings.HasSuffix(why, ".)") {
			d.problem(KindForm, file, b.line, "%s: the reason has the form %s reason.) and ends the paragraph", id, untestedMark)
			return
		}
		r.Text, r.Untested = strings.TrimSpace(text), strings.TrimSpace(strings.TrimSuffix(why, ")"))
	}
	level, complaint := judge(r.Text)
	if complaint != "" {
		d.problem(KindForm, file, b.line, "%s: %s", id, complaint)
		return
	}
	r.Level = level
	d.index[id] = len(d.reqs)
	d.reqs = append(d.reqs, r)
	d.refer(file, b.line, r.Text+" "+r.Untested)
}

// used reports, as a problem, an id that stands already.
func (d *document) used(id, file string, line int) bool {
	at, gone := d.gone[id]
	if i, ok := d.index[id]; ok {
		at = fmt.Sprintf("%s:%d", d.reqs[i].Chapter, d.reqs[i].Line)
	} else if !gone {
		return false
	}
	d.problem(KindReuse, file, line, "%s stands already at %s; an id is never used twice", id, at)
	return true
}

// judge returns the level of a sentence, or what is wrong with its form.
func judge(text string) (level, complaint string) {
	plain := codeSpan.ReplaceAllString(text, "code")
	words := bcp14Word.FindAllString(plain, -1)
	switch {
	case tagAny.MatchString(text):
		return "", "a second tag in the same paragraph; each sentence has its own"
	case len(words) == 0:
		return "", "the sentence has no BCP 14 word"
	case len(words) > 1:
		return "", fmt.Sprintf("one obligation a sentence; this one has %s", strings.Join(words, ", "))
	case !strings.HasSuffix(plain, "."):
		return "", "the sentence ends with a period, and nothing stands behind it but the reason why it is not tested"
	case newSent.MatchString(plain):
		return "", "more than one sentence behind the tag; explanations have their own paragraph"
	}
	switch w := strings.Fields(words[0]); {
	case w[0] == "SHOULD", w[len(w)-1] == "RECOMMENDED":
		return LevelShould, ""
	case w[0] == "MAY", w[0] == "OPTIONAL":
		return LevelMay, ""
	}
	return LevelMust, ""
}
