package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/tools/needs"
)

// selfTestee gives the --exec command that makes this test binary the reference as a testee.
func selfTestee(t *testing.T, args ...string) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asCommand, "1")
	return "'" + exe + "' " + strings.Join(append([]string{"conform", "testee"}, args...), " ")
}

func TestConformExec_ReferenceConforms(t *testing.T) {
	code, out, stderr := run(t, "", "conform", "--exec", selfTestee(t), "--only", "wire/fast-example-*", "--only", "proto/roundtrip-basic")
	if code != ExitOK || !strings.Contains(out, "conformance of the reference") || !strings.Contains(out, "conforms") {
		t.Errorf("exit code %d %s\n%s", code, stderr, out)
	}
}

// A testee with a server is judged as a peer too.
func TestConformExec_WithServer(t *testing.T) {
	code, out, stderr := run(t, "", "conform", "--exec", selfTestee(t, "--server"), "--only", "peer/pull-echo", "--only", "wire/fast-example-0001")
	if code != ExitOK || !strings.Contains(out, "2 pass") {
		t.Errorf("exit code %d %s\n%s", code, stderr, out)
	}
}

func TestConformExec_Replay(t *testing.T) {
	code, out, stderr := run(t, "", "conform", "--exec", selfTestee(t), "--replay", "wire/fast-example-0001")
	for _, want := range []string{`judge > {"type":"hello"`, `testee> {"type":"hello"`, `"op":"decode"`, `"op":"encode"`, "received 79 bytes", "metadata length", "verdict: pass"} {
		if code != ExitOK || !strings.Contains(out, want) {
			t.Fatalf("exit code %d %s, expected %q in\n%s", code, stderr, want, out)
		}
	}
	code, out, stderr = run(t, "", "conform", "--replay", "wire/fast-example-0001")
	if code != ExitOK || !strings.Contains(out, "verdict: pass") || !strings.Contains(out, "metadata length") {
		t.Errorf("of the reference: exit code %d %s\n%s", code, stderr, out)
	}
}

func TestConformExec_Attach(t *testing.T) {
	code, out, stderr := run(t, "\n", "conform", "--exec", selfTestee(t), "--attach", "--only", "wire/fast-example-0001")
	if code != ExitOK || !strings.Contains(stderr, "the testee is process ") || !strings.Contains(out, "1 pass") {
		t.Errorf("exit code %d %s\n%s", code, stderr, out)
	}
}

func TestConformExec_ExitCodes(t *testing.T) {
	nobody := filepath.Join(t.TempDir(), "nobody")
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		stderr string
	}{
		{"a program that is not there", []string{"--exec", nobody}, ExitHarness, "did not start"},
		{"a testee that is none", []string{"--exec", selfTestee(t, "--help")}, ExitHarness, "breaks the contract"},
		{"a quote that is open", []string{"--exec", "node 'x"}, ExitUsage, "not closed"},
		{"an empty command", []string{"--exec", ""}, ExitUsage, "the command is empty"},
		{"with a server", []string{"--exec", "x", "--server", "localhost:1"}, ExitUsage, "--server: it contradicts --exec"},
		{"with a Proto", []string{"--exec", "x", "--proto", "pb"}, ExitUsage, "--proto: it contradicts --exec"},
		{"a case that needs a server", []string{"--exec", selfTestee(t), "--replay", "peer/pull-echo"}, ExitUsage, "no case that this testee is judged by"},
		{"a time limit below zero", []string{"--only", "proto/write-once", "--timeout", "-1s"}, ExitUsage, "expected no negative time"},
		{"a report for nowhere", []string{"--only", "proto/write-once", "--html", filepath.Join(nobody, "x.html")}, ExitUsage, "--html"},
		{"a list for nowhere", []string{"--only", "proto/write-once", "--write-known-failing", t.TempDir()}, ExitUsage, "this is a folder"},
		{"attach to nothing", []string{"--attach"}, ExitUsage, "it belongs to --exec"},
		{"verbose about nothing", []string{"-v"}, ExitUsage, "it belongs to --exec"},
		{"no such case", []string{"--replay", "wire/none"}, ExitUsage, "there is no such case"},
		{"replay and only", []string{"--replay", "wire/fast-example-0001", "--only", "wire/*"}, ExitUsage, "contradict"},
		{"nothing matches", []string{"--exec", "x", "--only", "none/*"}, ExitUsage, "no case matches"},
		{"an example in cobol", []string{"--example", "--example-language", "cobol"}, ExitUsage, "expected go, node, python"},
		{"a language for nothing", []string{"--example-language", "go"}, ExitUsage, "it belongs to --example"},
		{"an example and a run", []string{"--example", "-", "--exec", "x"}, ExitUsage, "contradicts --example"},
		{"an argument", []string{"x"}, ExitUsage, "unknown command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, stderr := run(t, "", append([]string{"conform"}, tt.args...)...)
			if code != tt.code || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("exit code %d, expected %d with %q: %s\n%s", code, tt.code, tt.stderr, stderr, out)
			}
		})
	}
}

// The examples run as they are: they say hello, and honestly that they do nothing, which is no conformance.
func TestConformExample_Runs(t *testing.T) {
	programs := map[string][]string{"python": {"python3"}, "node": {"node"}, "go": {"go"}}
	for _, language := range testee.ExampleLanguages() {
		t.Run(language, func(t *testing.T) {
			program := needs.Program(t, programs[language]...)
			dir := filepath.Join(t.TempDir(), "new")
			code, out, stderr := run(t, "", "conform", "--example", dir, "--example-language", language)
			if code != ExitOK || !strings.Contains(out, "teleport conform --exec '") {
				t.Fatalf("exit code %d %s\n%s", code, stderr, out)
			}
			name, text, command, err := testee.Example(language)
			if err != nil {
				t.Fatal(err)
			}
			command[0] = program
			file := filepath.Join(dir, name)
			if raw, err := os.ReadFile(file); err != nil || string(raw) != string(text) {
				t.Fatalf("the file is not the example: %v", err)
			}
			if code, _, stderr := run(t, "", "conform", "--example="+dir, "--example-language", language); code != ExitUsage || !strings.Contains(stderr, "already there") {
				t.Errorf("a second time: exit code %d %s", code, stderr)
			}
			code, out, stderr = run(t, "", "conform", "--exec", strings.Join(append(command, strconv.Quote(file)), " "), "--only", "wire/fast-example-*", "--connect-timeout", "2m")
			if code != ExitFail || !strings.Contains(stderr, "nothing was judged") || !strings.Contains(out, "5 skipped") {
				t.Errorf("exit code %d %s\n%s", code, stderr, out)
			}
		})
	}
}

func TestConformExample_OnStandardOutput(t *testing.T) {
	_, text, _, _ := testee.Example("node")
	code, out, _ := run(t, "", "conform", "--example", "-", "--example-language", "node")
	if code != ExitOK || out != string(text) {
		t.Errorf("exit code %d, %d bytes", code, len(out))
	}
}
