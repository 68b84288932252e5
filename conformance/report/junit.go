package report

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

type junitSuites struct {
	XMLName   xml.Name     `xml:"testsuites"`
	Name      string       `xml:"name,attr"`
	Tests     int          `xml:"tests,attr"`
	Failures  int          `xml:"failures,attr"`
	Errors    int          `xml:"errors,attr"`
	Skipped   int          `xml:"skipped,attr"`
	Time      string       `xml:"time,attr"`
	Timestamp string       `xml:"timestamp,attr,omitempty"`
	Suites    []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
	seconds    float64
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitOutcome `xml:"failure"`
	Error   *junitOutcome `xml:"error"`
	Skipped *junitSkipped `xml:"skipped"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitOutcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

// JUnit writes the document as JUnit XML, a suite for each chapter of the standard. A MUST case that fails, panics
// or hangs is a failure, a harness-error an error. SHOULD cases that do not pass decide nothing: they pass, with
// what was found in system-out and as a property of their suite. Known failures are skipped; a stale entry of a
// list is a failure. The error is w's.
func (d *Document) JUnit(w io.Writer) error {
	all := junitSuites{Name: oneLine(d.Target), Timestamp: oneLine(d.Started)}
	at := map[string]int{}
	for _, chapter := range d.Totals.Chapters {
		at[chapter.Chapter] = len(all.Suites)
		all.Suites = append(all.Suites, junitSuite{Name: oneLine(chapter.Chapter), Properties: []junitProperty{
			{"standard", oneLine(d.Standard)}, {"suite", oneLine(d.Suite)},
			{"MUST", chapter.Must.String()}, {"SHOULD", chapter.Should.String()},
		}})
	}
	for _, c := range d.Cases {
		all.Suites[at[c.Chapter]].add(d, c)
	}
	if stale := d.unrunStale(); len(stale) > 0 {
		s := junitSuite{Name: "lists"}
		for _, entry := range stale {
			s.Cases = append(s.Cases, junitCase{Class: "lists", Name: oneLine(entry.Case), Time: "0.000",
				Failure: &junitOutcome{oneLine(entry.Why), "stale", clean(entry.Why)}})
			s.Failures++
		}
		all.Suites = append(all.Suites, s)
	}
	seconds := 0.0
	for i := range all.Suites {
		s := &all.Suites[i]
		s.Tests, s.Time = len(s.Cases), junitTime(s.seconds)
		all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+s.Tests, all.Failures+s.Failures, all.Errors+s.Errors, all.Skipped+s.Skipped
		seconds += s.seconds
	}
	all.Time = junitTime(seconds)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(d *Document, c Case) {
	j := junitCase{Class: oneLine(c.Chapter), Name: oneLine(c.ID), Time: junitTime(c.MS / 1000)}
	s.seconds += c.MS / 1000
	text := clean(d.story(c))
	found := &junitOutcome{Message: oneLine(lines(c.Detail)[0]), Type: string(c.Verdict), Text: text}
	switch {
	case c.Mark == runner.MarkStale:
		j.Failure, s.Failures = &junitOutcome{oneLine(c.Note), "stale", text}, s.Failures+1
	case c.Verdict == runner.Skipped:
		j.Skipped, s.Skipped = &junitSkipped{oneLine(c.Detail)}, s.Skipped+1
	case c.Verdict.Bad() && c.Mark == runner.MarkKnown:
		j.Skipped, j.Out, s.Skipped = &junitSkipped{"known failure: " + found.Message}, text, s.Skipped+1
	case c.Verdict == runner.HarnessError:
		j.Error, s.Errors = found, s.Errors+1
	case c.Verdict.Bad() && c.Level == runner.SHOULD:
		j.Out = text
		s.Properties = append(s.Properties, junitProperty{"SHOULD " + string(c.Verdict) + ": " + oneLine(c.ID), found.Message})
	case c.Verdict.Bad():
		j.Failure, s.Failures = found, s.Failures+1
	case c.Note != "":
		j.Out = clean(c.Note)
	}
	s.Cases = append(s.Cases, j)
}

// story tells one case in full, as Text does.
func (d *Document) story(c Case) string {
	var b strings.Builder
	b.WriteString(string(c.Level) + " " + string(c.Verdict) + ": " + c.Title + "\n")
	for _, id := range c.Requirements {
		b.WriteString("[" + id + "] " + d.sentence(id) + "\n")
	}
	if c.Note != "" {
		b.WriteString("(" + c.Note + ")\n")
	}
	b.WriteString(c.Detail)
	return b.String()
}

func junitTime(seconds float64) string { return strconv.FormatFloat(seconds, 'f', 3, 64) }
