package runner

import (
	"context"
	"strings"
	"time"
)

// Level says how binding the requirements of a case are (BCP 14).
type Level string

// The two levels. Only MUST cases decide whether an implementation conforms.
const (
	MUST   Level = "MUST"
	SHOULD Level = "SHOULD"
)

// Feature names something an implementation may do without; cases that need it can be left out.
type Feature string

// Verdict is the outcome of one case. The values are part of the report format and never change.
type Verdict string

// The verdicts; see the package comment for what each means.
const (
	Pass         Verdict = "pass"
	Fail         Verdict = "fail"
	Panic        Verdict = "panic"
	Hang         Verdict = "hang"
	HarnessError Verdict = "harness-error"
	Skipped      Verdict = "skipped"
)

// Verdicts lists every verdict in the order reports show them.
func Verdicts() []Verdict { return []Verdict{Pass, Fail, Panic, Hang, HarnessError, Skipped} }

// Bad reports whether the verdict counts against a conformance claim: fail, panic, hang or harness-error.
func (v Verdict) Bad() bool {
	return v == Fail || v == Panic || v == Hang || v == HarnessError
}

// Case is one thing the suite proves. It is a value: cases may be copied and run any number of times.
type Case struct {
	// ID is the case's name for ever: `proto/<topic>-<what>`, `wire/<vector id>`, `peer/<topic>-<what>`.
	ID string
	// Chapter is the chapter of the standard, as ChapterOf writes it. Empty: that of the first requirement.
	Chapter string
	// Requirements are the ids (TP-<AREA>-NNN) that the case can falsify.
	Requirements []string
	// Level is MUST or SHOULD; the zero value counts as MUST.
	Level Level
	// Title says in one line what the case proves.
	Title string
	// Features are what the implementation must offer for the case to apply.
	Features []Feature
	// Timeout replaces the time limit of the run when it is longer; for cases that are heavy by nature.
	Timeout time.Duration
	// Run judges. It reports through t; a nil outcome is a pass. ctx ends at the time limit.
	Run func(ctx context.Context, t *T)
}

// chapters maps a requirement area to its chapter of the standard.
var chapters = map[string]string{
	"FRAME": "05 framing",
	"FAST":  "06 fast/1",
	"XFER":  "07 transfer pipe",
	"META":  "08 metadata",
	"CODEC": "09 body codecs",
	"SEQ":   "10 session",
	"SESS":  "10 session",
	"ERR":   "11 errors",
	"LIM":   "13 limits",
	"PROTO": "14 Proto contract",
	"CONF":  "19 conformance service",
	"JSON":  "20 json/1",
	"PB":    "21 pb/1",
	"DEAD":  "24 deadlines",
}

// ChapterOf gives the chapter of a requirement id, as "07 transfer pipe"; "00 other" for an unknown area.
func ChapterOf(requirement string) string {
	parts := strings.Split(requirement, "-")
	if len(parts) == 3 && parts[0] == "TP" {
		if c, ok := chapters[parts[1]]; ok {
			return c
		}
	}
	return "00 other"
}

// normal fills in what a case may leave out.
func (c Case) normal() Case {
	if c.Level == "" {
		c.Level = MUST
	}
	if c.Chapter == "" {
		c.Chapter = "00 other"
		if len(c.Requirements) > 0 {
			c.Chapter = ChapterOf(c.Requirements[0])
		}
	}
	return c
}
