package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

func TestForms_Golden(t *testing.T) {
	for name, write := range map[string]func(*Document, *bytes.Buffer) error{
		"report.txt":   func(d *Document, b *bytes.Buffer) error { return d.Text(b) },
		"report.json":  func(d *Document, b *bytes.Buffer) error { return d.JSON(b) },
		"report.tap":   func(d *Document, b *bytes.Buffer) error { return d.TAP(b) },
		"report.xml":   func(d *Document, b *bytes.Buffer) error { return d.JUnit(b) },
		"report.md":    func(d *Document, b *bytes.Buffer) error { return d.Markdown(b) },
		"report.html":  func(d *Document, b *bytes.Buffer) error { return d.HTML(b) },
		"compare.txt":  func(d *Document, b *bytes.Buffer) error { return compared(d).Text(b) },
		"compare.html": func(d *Document, b *bytes.Buffer) error { return compared(d).HTML(b) },
	} {
		t.Run(name, func(t *testing.T) {
			out := form(t, write)
			golden(t, name, out)
			if name == "report.json" {
				return // JSON escapes what it must, and no more
			}
			for _, r := range string(out) {
				if r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\u202e' || r == unicode.ReplacementChar) {
					t.Fatalf("the character %U came through", r)
				}
			}
		})
	}
}

// TestForms_FromJSONAreTheSame renders the sample, and once more from its JSON.
func TestForms_FromJSONAreTheSame(t *testing.T) {
	direct := New(everyVerdict())
	var file bytes.Buffer
	if err := direct.JSON(&file); err != nil {
		t.Fatal(err)
	}
	again, err := Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(*Document, io.Writer) error{
		"text": (*Document).Text, "json": (*Document).JSON, "tap": (*Document).TAP, "junit": (*Document).JUnit, "markdown": (*Document).Markdown, "html": (*Document).HTML,
	} {
		var one, two bytes.Buffer
		if err := errors.Join(write(direct, &one), write(again, &two)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one.Bytes(), two.Bytes()) {
			t.Errorf("%s: not the same from the run and from its JSON\n%s", name, HexDiff(one.Bytes(), two.Bytes(), nil))
		}
	}
}

var tapPoint = regexp.MustCompile(`^(not )?ok (\d+) - (.*?)( # (SKIP|TODO).*)?$`)

// TestTAP_IsWellFormed reads the output as a consumer would.
func TestTAP_IsWellFormed(t *testing.T) {
	out := form(t, func(d *Document, b *bytes.Buffer) error { return d.TAP(b) })
	all := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if all[0] != "TAP version 14" || all[1] != "1..12" {
		t.Fatalf("the head is %q", all[:2])
	}
	points, bad, skip, todo, inYAML := 0, 0, 0, 0, false
	for _, l := range all[2:] {
		switch {
		case l == "  ---":
			inYAML = true
		case l == "  ...":
			inYAML = false
		case inYAML:
			if !regexp.MustCompile(`^  (  - |"?[\w-]+"?:( |$))`).MatchString(l) {
				t.Errorf("in a YAML block: %q", l)
			}
			if i := strings.Index(l, ` "`); i >= 0 {
				if _, err := strconv.Unquote(l[i+1:]); err != nil {
					t.Errorf("%q is no quoted string: %v", l[i+1:], err)
				}
			}
		case strings.HasPrefix(l, "#"):
		default:
			m := tapPoint.FindStringSubmatch(l)
			if m == nil {
				t.Fatalf("not a test point: %q", l)
			}
			points++
			if m[2] != strconv.Itoa(points) {
				t.Errorf("%q has the wrong number, expected %d", l, points)
			}
			if strings.ContainsAny(strings.ReplaceAll(m[3], `\#`, ""), "#") {
				t.Errorf("a # is not escaped: %q", l)
			}
			switch {
			case m[5] == "SKIP":
				skip++
			case m[5] == "TODO":
				todo++
			case m[1] != "":
				bad++
			}
		}
	}
	if points != 12 || bad != 6 || skip != 1 || todo != 2 || inYAML {
		t.Errorf("%d points, %d not ok, %d skipped, %d todo", points, bad, skip, todo)
	}
}

func TestJUnit_ParsesBack(t *testing.T) {
	out := form(t, func(d *Document, b *bytes.Buffer) error { return d.JUnit(b) })
	var doc junitSuites
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if doc.Tests != 12 || doc.Failures != 5 || doc.Errors != 1 || doc.Skipped != 2 || len(doc.Suites) != 6 || doc.Time != "3.002" {
		t.Errorf("got %d tests, %d failures, %d errors, %d skipped in %d suites, %s s", doc.Tests, doc.Failures, doc.Errors, doc.Skipped, len(doc.Suites), doc.Time)
	}
	seen := map[string]junitCase{}
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			seen[c.Name] = c
		}
	}
	if c := seen["proto/fail"]; c.Failure == nil || c.Failure.Type != "fail" || !strings.Contains(c.Failure.Text, `<b>&"quoted" 'n' |`) || !strings.Contains(c.Failure.Text, "[TP-PROTO-003] Pack MUST") {
		t.Errorf("proto/fail: %+v", c)
	}
	if c := seen["peer/should"]; c.Failure != nil || !strings.Contains(c.Out, "SHOULD fail") {
		t.Errorf("peer/should: %+v", c)
	}
	if c := seen["peer/harness"]; c.Error == nil || c.Error.Message != "no network" {
		t.Errorf("peer/harness: %+v", c)
	}
	if c := seen["proto/known"]; c.Skipped == nil || !strings.Contains(c.Skipped.Message, "known failure: the order is lost") {
		t.Errorf("proto/known: %+v", c)
	}
	if c := seen["proto/stale"]; c.Failure == nil || c.Failure.Type != "stale" {
		t.Errorf("proto/stale: %+v", c)
	}
}

func TestMarkdown_Escapes(t *testing.T) {
	out := string(form(t, func(d *Document, b *bytes.Buffer) error { return d.Markdown(b) }))
	inFence := ""
	for l := range strings.SplitSeq(out, "\n") {
		switch {
		case inFence != "":
			if l == inFence {
				inFence = ""
			}
			continue
		case strings.HasPrefix(l, "```"):
			inFence = strings.TrimSuffix(l, "text")
			continue
		}
		if regexp.MustCompile(`<\w|@all`).MatchString(l) {
			t.Errorf("HTML or a mention came through: %q", l)
		}
		if strings.HasPrefix(l, "|") {
			if n := strings.Count(strings.ReplaceAll(l, `\|`, ""), "|"); n != 6 {
				t.Errorf("a row with %d bars, expected 6: %q", n, l)
			}
		}
	}
	if inFence != "" {
		t.Error("a fence is left open: a detail ended it")
	}
	if !strings.Contains(out, "````text\nexpected 1") {
		t.Error("a detail with a fence in it has no longer fence around it")
	}
}
