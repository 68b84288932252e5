package cli

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// few picks cases that take no time.
var few = []string{"conform", "--proto", "fast", "--only", "proto/version-*", "--only", "proto/write-once"}

func with(args []string, more ...string) []string {
	return append(append([]string{}, args...), more...)
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConform_WritesEveryForm(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	code, out, stderr := run(t, "", with(few, "--trace", "--json", at("r.json"), "--tap", at("r.tap"), "--junit", at("r.xml"), "--markdown", at("r.md"), "--html", at("r.html"))...)
	if code != ExitOK || !strings.Contains(out, "conforms\n") {
		t.Fatalf("code %d\n%s%s", code, out, stderr)
	}
	for name, part := range map[string]string{"r.json": `"trace"`, "r.tap": "TAP version 14\n", "r.xml": "<testsuites", "r.md": "# Conformance of ", "r.html": "<!doctype html>"} {
		b, err := os.ReadFile(at(name))
		if err != nil || !strings.Contains(string(b), part) {
			t.Errorf("%s: %v, or %q is not in it", name, err, part)
		}
	}
	for _, form := range []string{"tap", "junit", "markdown", "html"} {
		file := map[string]string{"tap": "r.tap", "junit": "r.xml", "markdown": "r.md", "html": "r.html"}[form]
		want, err := os.ReadFile(at(file))
		if err != nil {
			t.Fatal(err)
		}
		if code, out, stderr := run(t, "", "conform", "report", at("r.json"), "--"+form, "-"); code != ExitOK || out != string(want) {
			t.Errorf("report --%s: code %d, not what conform wrote (%d and %d bytes)\n%s", form, code, len(out), len(want), stderr)
		}
	}
	stdin, err := os.ReadFile(at("r.json"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run(t, string(stdin), "conform", "report", "-"); code != ExitOK || !strings.Contains(out, "\nconforms\n") {
		t.Errorf("report of standard input as text: code %d\n%s", code, out)
	}
	var doc struct{ Started, Suite string }
	if err := json.Unmarshal(stdin, &doc); err != nil || doc.Started == "" || doc.Suite == "" {
		t.Errorf("%v, %+v", err, doc)
	}
}

func TestConform_OneFormOnStandardOutput(t *testing.T) {
	code, out, _ := run(t, "", with(few, "--junit", "-")...)
	var v struct {
		XMLName xml.Name `xml:"testsuites"`
	}
	if err := xml.Unmarshal([]byte(out), &v); code != ExitOK || err != nil {
		t.Errorf("code %d, %v: text beside the XML?\n%.300s", code, err, out)
	}
	if code, _, stderr := run(t, "", with(few, "--junit", "-", "--html", "-")...); code != ExitUsage || !strings.Contains(stderr, "--junit and --html all want standard output") {
		t.Errorf("two forms: code %d, %s", code, stderr)
	}
}

func TestConform_KnownFailing(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		name, flag, list string
		args             []string
		code             int
		says             string
	}{
		{"an entry whose case passes", "--known-failing", "proto/write-once *", few, ExitFail, "STALE  proto/write-once  line 1 of the known failures expects this case to fail, and it passes"},
		{"an entry left out of a restricted run", "--known-failing", "proto/pipe-order *", few, ExitOK, "conforms"},
		{"a line without a detail", "--known-failing", "proto/pipe-order", few, ExitUsage, "has no expected detail"},
		{"a flaky case that passes", "--flaky", "proto/write-once", few, ExitOK, "conforms"},
		{"a list that is not there", "--flaky", "", few, ExitUsage, "no such file"},
	} {
		file := filepath.Join(dir, "missing")
		if c.list != "" {
			file = write(t, dir, "list", "# a list\n\n"+c.list+"\n")
			c.says = strings.Replace(c.says, "line 1", "line 3", 1)
		}
		code, out, stderr := run(t, "", with(c.args, c.flag, file)...)
		if code != c.code || !strings.Contains(out+stderr, c.says) {
			t.Errorf("%s: code %d, expected %d and %q in\n%s%s", c.name, code, c.code, c.says, out, stderr)
		}
	}
	both := write(t, dir, "both", "proto/write-once x\n")
	if code, _, stderr := run(t, "", with(few, "--known-failing", both, "--flaky", both)...); code != ExitUsage || !strings.Contains(stderr, "as flaky (line 1)") {
		t.Errorf("a case on both lists: code %d, %s", code, stderr)
	}
	out := filepath.Join(dir, "written")
	if code, _, stderr := run(t, "", with(few, "--write-known-failing", out)...); code != ExitOK {
		t.Fatalf("code %d, %s", code, stderr)
	}
	if b, err := os.ReadFile(out); err != nil || !strings.HasPrefix(string(b), "# Known failures") || strings.Contains(string(b), "proto/") {
		t.Errorf("%v: the list of a run without failures is\n%s", err, b)
	}
}

func TestConformDiff_TellsWhatBroke(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.json")
	if code, _, stderr := run(t, "", with(few, "--json", good)...); code != ExitOK {
		t.Fatalf("code %d, %s", code, stderr)
	}
	b, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	change := func(verdict string) string {
		var doc map[string]any
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		doc["cases"].([]any)[0].(map[string]any)["verdict"] = verdict
		must := doc["totals"].(map[string]any)["must"].(map[string]any)
		must["pass"], must[verdict] = must["pass"].(float64)-1, 1
		doc["ok"] = false
		out, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		return write(t, dir, verdict+".json", string(out))
	}
	broken, blind := change("fail"), change("harness-error")
	page := filepath.Join(dir, "diff.html")
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"the same", []string{good, good}, ExitOK, "every case has the same verdict in both"},
		{"broken", []string{good, broken, "--html", page}, ExitFail, "1 broken, 0 fixed"},
		{"fixed", []string{broken, good}, ExitOK, "0 broken, 1 fixed"},
		{"the judge failed", []string{good, blind}, ExitHarness, "the judge failed in B"},
		{"no report", []string{good, write(t, dir, "x", "{}")}, ExitHarness, "not a conformance report: format: got 0"},
		{"no file", []string{good, filepath.Join(dir, "none")}, ExitUsage, "no such file"},
		{"one report", []string{good}, ExitUsage, "accepts 2 arg(s)"},
		{"standard input twice", []string{"-", "-"}, ExitUsage, "both reports"},
	} {
		code, out, stderr := run(t, "", append([]string{"conform", "diff"}, c.args...)...)
		if code != c.code || !strings.Contains(out+stderr, c.says) {
			t.Errorf("%s: code %d, expected %d and %q in\n%s%s", c.name, code, c.code, c.says, out, stderr)
		}
	}
	if b, err := os.ReadFile(page); err != nil || !strings.Contains(string(b), "Broken in B") {
		t.Errorf("the page: %v", err)
	}
}
