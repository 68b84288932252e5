package spec

import (
	"fmt"
	"slices"
)

// Kind says which rule of the text a [Problem] breaks.
type Kind string

// The kinds of problems.
const (
	KindForm    Kind = "form"    // a tag or its sentence is not of the one form
	KindReuse   Kind = "reuse"   // an id stands on two sentences, or has vanished
	KindWord    Kind = "word"    // a BCP 14 word outside a tagged sentence
	KindID      Kind = "id"      // the text refers to an id that no sentence has
	KindExample Kind = "example" // a worked example that cannot be read
	KindLink    Kind = "link"    // a link to a chapter that is not there
	KindFile    Kind = "file"    // a file that cannot be read
)

// A Problem is one place where the text breaks its own rules. It is an error.
type Problem struct {
	File    string // "05-framing.md"
	Line    int    // from 1; 0 for a whole file
	Message string // what is wrong and what is expected
	Kind    Kind
}

// Error returns "file:line: message".
func (p *Problem) Error() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message) }

// Check returns every problem of the embedded text, in the order of the text.
// None means that the requirement list is complete and reliable.
func Check() []Problem { return slices.Concat(embedded().problems, embedded().gaps()) }
