package spec

import (
	"fmt"
	"slices"
	"strings"
)

// An Example is a worked example: a fenced block of hexadecimal digits that
// repeats the wire bytes of a golden vector. The command's spec check compares
// the two.
type Example struct {
	VectorID string // "fast-example-0001"
	Hex      string // lower-case digits; white space and comments removed
	File     string // "06-fast.md"
	Line     int    // of the line that opens the block, from 1
}

// Examples returns all worked examples in the order of the text.
func Examples() []Example { return slices.Clone(embedded().examples) }

const vectorMark = "vector:"

// fences reads the worked examples.
func (d *document) fences(file string, p page) {
	announced := map[string]bool{}
	for _, f := range p.fences {
		if !strings.HasPrefix(f.comment, vectorMark) {
			continue
		}
		id := strings.TrimSpace(strings.TrimPrefix(f.comment, vectorMark))
		announced[id] = true
		if f.info != "hex" {
			d.problem(KindExample, file, f.line, "example %s: the block's info string is hex, not %q", id, f.info)
			continue
		}
		digits, bad := hexDigits(f.body)
		if bad != "" {
			d.problem(KindExample, file, f.line, "example %s: %s", id, bad)
			continue
		}
		d.examples = append(d.examples, Example{VectorID: id, Hex: digits, File: file, Line: f.line})
	}
	for _, c := range p.comments {
		if id, ok := strings.CutPrefix(c.text, vectorMark); ok && !announced[strings.TrimSpace(id)] {
			d.problem(KindExample, file, c.line, "example %s: a hex block is expected directly behind the comment", strings.TrimSpace(id))
		}
	}
}

// hexDigits drops white space and what stands behind # on each line.
func hexDigits(body string) (digits, bad string) {
	var out strings.Builder
	for line := range strings.Lines(body) {
		line, _, _ = strings.Cut(line, "#")
		for _, c := range strings.ToLower(line) {
			switch {
			case strings.ContainsRune(" \t\r\n", c):
			case strings.ContainsRune("0123456789abcdef", c):
				out.WriteRune(c)
			default:
				return "", fmt.Sprintf("%q is not a hexadecimal digit", c)
			}
		}
	}
	if out.Len()%2 != 0 {
		return "", "an odd number of hexadecimal digits"
	}
	return out.String(), ""
}
