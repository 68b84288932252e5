package spec

import (
	"errors"
	"slices"
	"sync"
)

// Levels of a requirement: the weight of its BCP 14 word. The negative and the
// older words count with their level: MUST NOT, SHALL and REQUIRED are MUST.
const (
	LevelMust   = "MUST"
	LevelShould = "SHOULD"
	LevelMay    = "MAY"
)

// A Requirement is one normative sentence of the standard.
type Requirement struct {
	ID       string // "TP-FRAME-004": never renumbered, never reused
	Area     string // "FRAME": the middle part of the id
	Level    string // LevelMust, LevelShould or LevelMay
	Text     string // the sentence, without its tag, white space runs made one space
	Chapter  string // the file that holds it, "05-framing.md"
	Line     int    // where the sentence begins in that file, from 1
	Untested string // why no test can falsify it; empty for all the others
}

// areas are the requirement areas of this version. A new area is added here
// and in README.md; a misspelt one is a problem.
var areas = []string{
	"FRAME", "FAST", "XFER", "META", "CODEC", "SEQ", "SESS", "ERR", "LIM", "PROTO", "CONF", "DEAD",
	"JSON", "PB",
}

// embedded is the parsed text of FS.
var embedded = sync.OnceValue(func() *document { return parseFS(FS) })

// Requirements returns all requirements in the order of the text: by file name,
// then by line. The error joins a [*Problem] for every sentence whose form
// cannot be read and for every reused id, those that make the list itself
// unreliable; the requirements that could be read come with it.
func Requirements() ([]Requirement, error) {
	return embedded().requirements()
}

// Lookup returns the requirement with that id, and whether there is one.
func Lookup(id string) (Requirement, bool) {
	d := embedded()
	i, ok := d.index[id]
	if !ok {
		return Requirement{}, false
	}
	return d.reqs[i], true
}

func (d *document) requirements() ([]Requirement, error) {
	var errs []error
	for i := range d.problems {
		if p := d.problems[i]; p.Kind == KindForm || p.Kind == KindReuse {
			errs = append(errs, &p)
		}
	}
	return slices.Clone(d.reqs), errors.Join(errs...)
}
