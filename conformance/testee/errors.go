package testee

import (
	"errors"
	"fmt"
	"strings"
)

// Crash is a testee that ended while it had a question in hand. It is never a rejection.
type Crash struct {
	Exit string   // how it ended, as "exit status 2"
	Last []string // the last lines of its standard error
}

// Error implements error.
func (c *Crash) Error() string {
	return fmt.Sprintf("the testee ended (%s) before it had answered%s", c.Exit, lastLines(c.Last))
}

// Silence is a testee that gave no answer in time. It has been stopped.
type Silence struct {
	Waited string   // how long, or what ended the wait
	Last   []string // the last lines of its standard error
}

// Error implements error.
func (s *Silence) Error() string {
	return fmt.Sprintf("the testee gave no answer: %s; it was stopped%s", s.Waited, lastLines(s.Last))
}

// Fault is a testee that breaks the contract: what it wrote is no answer. Nothing is known about the case.
type Fault struct {
	Why  string
	Line string // what it wrote, cut
}

// Error implements error.
func (f *Fault) Error() string {
	if f.Line == "" {
		return "the testee breaks the contract: " + f.Why
	}
	return fmt.Sprintf("the testee breaks the contract: %s; it wrote: %s", f.Why, f.Line)
}

// StartError is a testee that cannot be started, or does not say hello.
type StartError struct {
	Command string
	Err     error
}

// Error implements error.
func (e *StartError) Error() string {
	return fmt.Sprintf("the testee %s did not start: %v", e.Command, e.Err)
}

// Unwrap gives the reason.
func (e *StartError) Unwrap() error { return e.Err }

// errGivenUp is what a session answers after too many starts in a row failed.
var errGivenUp = errors.New("given up")

func lastLines(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "; the last it wrote to standard error:\n    " + strings.Join(lines, "\n    ")
}

// cut shows the beginning of a line, quoted where it is not plain text.
func cut(line []byte) string {
	const most = 300
	s := strings.TrimRight(string(line[:min(len(line), most)]), "\r\n")
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '\uFFFD'
		}
		return r
	}, s)
	if len(line) > most {
		s += fmt.Sprintf("... (%d bytes)", len(line))
	}
	return s
}
