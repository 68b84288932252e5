package runner

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// ListError is a line of a list that cannot be read.
type ListError struct {
	Line int // from 1; 0 where the reader failed
	Err  error
}

func (e *ListError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("reading the list: %v", e.Err)
	}
	return fmt.Sprintf("line %d of the list: %v", e.Line, e.Err)
}

func (e *ListError) Unwrap() error { return e.Err }

// entry is one line of a list.
type entry struct {
	Case, Detail string
	Line         int
}

// matches reports whether the entry's pattern is somewhere in the detail.
func (e entry) matches(detail string) bool { return glob("*"+e.Detail+"*", fold(detail)) }

type list struct {
	order   []entry
	entries map[string]entry
}

// maxListLine bounds a line: a longer one is no list.
const maxListLine = 64 << 10

func parseList(r io.Reader, wantDetail bool) (list, error) {
	l := list{entries: map[string]entry{}}
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxListLine)
	n := 0
	for s.Scan() {
		n++
		text := strings.TrimSpace(s.Text())
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		fields := strings.Fields(text)
		e := entry{Case: fields[0], Detail: strings.Join(fields[1:], " "), Line: n}
		if wantDetail && e.Detail == "" {
			return list{}, &ListError{n, fmt.Errorf("%s has no expected detail: expected `case-id  part of the detail`, or * for any failure", e.Case)}
		}
		if old, twice := l.entries[e.Case]; twice {
			return list{}, &ListError{n, fmt.Errorf("%s is in line %d already: expected each case once", e.Case, old.Line)}
		}
		l.entries[e.Case] = e
		l.order = append(l.order, e)
	}
	if err := s.Err(); err != nil {
		return list{}, &ListError{n + 1, err}
	}
	return l, nil
}

// fold makes every run of white space one space, so that a detail of several lines fits in a line of a list.
func fold(s string) string { return strings.Join(strings.Fields(s), " ") }

// unstable is what differs from run to run in a detail: addresses, host and port, times, and counts of bytes or
// calls that are measured.
var unstable = regexp.MustCompile(`0x[0-9a-fA-F]{5,}|(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|localhost):\d+|` +
	`\b(\d+(\.\d+)?(h|ms|µs|ns|m|s))+\b|\b\d{5,}\b|\bgoroutine \d+\b`)

// maxPattern is the length of a written pattern: enough to tell one failure from another.
const maxPattern = 160

// stable makes the pattern of a detail that the same failure matches again: its first line, with what changes
// from run to run, and what no line of text can hold, as `*`.
func stable(detail string) string {
	s := fold(firstLine(detail))
	s = unstable.ReplaceAllString(s, "*")
	s = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '*'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > maxPattern {
		s = string(runes[:maxPattern])
	}
	for strings.Contains(s, "**") {
		s = strings.ReplaceAll(s, "**", "*")
	}
	if s = strings.TrimSpace(s); s == "" {
		return "*"
	}
	return s
}

// WriteKnown writes the list of known failures that r would pass with: each case that fails, panics or hangs,
// sorted by id, with the stable part of the first line of its detail. A harness-error is not listed. ParseKnown
// reads it back. The error is w's.
func WriteKnown(w io.Writer, r *Report) error {
	var lines []string
	for _, result := range r.Results {
		if result.Verdict.Bad() && result.Verdict != HarnessError {
			lines = append(lines, result.Case+"  "+stable(result.Detail)+"\n")
		}
	}
	slices.Sort(lines)
	lines = slices.CompactFunc(lines, func(a, b string) bool { return strings.Fields(a)[0] == strings.Fields(b)[0] })
	text := "# Known failures: a case id and a part of the detail it fails with; * stands for anything.\n" +
		"# A line whose case passes, or fails with another detail, fails the run.\n" + strings.Join(lines, "")
	_, err := io.WriteString(w, text)
	return err
}
