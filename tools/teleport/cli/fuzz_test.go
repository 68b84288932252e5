package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

func TestFuzz_BuiltIn(t *testing.T) {
	out := filepath.Join(t.TempDir(), "found")
	args := []string{"fuzz", "--target", "DecodeFast", "--target", "FuzzMetadata", "--tries", "300", "--time", "1m", "--out", out}
	code, stdout, stderr := run(t, "", args...)
	if code != ExitOK || !regexp.MustCompile(`(?m)^ *DecodeFast +\S+ +300 +\d+ +\d+ +0 +0$`).MatchString(stdout) || !strings.Contains(stdout, "Metadata") {
		t.Errorf("exit code %d %s\n%s", code, stderr, stdout)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("the folder for crashers stays, though there are none: %v", err)
	}
}

func TestFuzz_ExecReference(t *testing.T) {
	code, out, stderr := run(t, "", "fuzz", "--exec", selfTestee(t), "--proto", "pb", "--tries", "200", "--out", t.TempDir())
	if code != ExitOK || !strings.Contains(out, "exec-pb") {
		t.Errorf("exit code %d %s\n%s", code, stderr, out)
	}
}

// A testee that answers nothing like the contract is found, kept in a file, and the line that is printed replays it.
func TestFuzz_ExecFindsAndReplays(t *testing.T) {
	dir := t.TempDir()
	exe := selfTestee(t)
	script := filepath.Join(dir, "testee.sh")
	text := "#!/bin/sh\n" + exe + " | sed -u 's/\"class\":\"length\"/\"class\":\"header\"/'\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	found := filepath.Join(dir, "found")
	args := []string{"fuzz", "--exec", "sh " + script, "--tries", "300", "--stop", "1", "--out", found}
	code, out, stderr := run(t, "", args...)
	line := regexp.MustCompile(`replay: teleport (fuzz .*) --replay (\S+)`).FindStringSubmatch(out)
	if code != ExitFail || line == nil || !strings.Contains(out, "must be rejected with length") {
		t.Fatalf("exit code %d %s\n%s", code, stderr, out)
	}
	if _, err := attack.ReadCorpusFile(line[2]); err != nil {
		t.Error(err)
	}
	code, out, stderr = run(t, "", "fuzz", "--exec", "sh "+script, "--proto", "fast", "--replay", line[2])
	if code != ExitFail || !strings.Contains(out, "wrong") {
		t.Errorf("replay: exit code %d %s\n%s", code, stderr, out)
	}
	code, out, stderr = run(t, "", "fuzz", "--target", "DecodeFast", "--replay", line[2])
	if code != ExitOK || !strings.Contains(out, "nothing wrong") {
		t.Errorf("replay by the reference: exit code %d %s\n%s", code, stderr, out)
	}
}

func TestFuzz_ExitCodes(t *testing.T) {
	tests := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--target", "Nothing"}, ExitUsage, "there is no such target"},
		{[]string{"--workers", "0"}, ExitUsage, "--workers"},
		{[]string{"--time", "-1s"}, ExitUsage, "--time"},
		{[]string{"--proto", "fast"}, ExitUsage, "--exec"},
		{[]string{"--exec", "x", "--target", "DecodeFast"}, ExitUsage, "contradicts"},
		{[]string{"--exec", "'"}, ExitUsage, "quote"},
		{[]string{"--exec", "/is/not/there"}, ExitHarness, "did not start"},
		{[]string{"--replay", "x"}, ExitUsage, "--target"},
		{[]string{"--target", "DecodeFast", "--replay", "/is/not/there"}, ExitUsage, "no such file"},
		{[]string{"--target", "DecodeFast", "--dict", "/is/not/there"}, ExitUsage, "no such file"},
		{[]string{"list", "more"}, ExitUsage, ""},
		{[]string{"seeds", "--format", "xml"}, ExitUsage, "go or raw"},
		{[]string{"seeds", "--target", "Nothing"}, ExitUsage, "there is no such target"},
	}
	for _, tt := range tests {
		code, out, stderr := run(t, "", append([]string{"fuzz"}, tt.args...)...)
		if code != tt.code || !strings.Contains(stderr, tt.says) {
			t.Errorf("%q: exit code %d, expected %d\n%s%s", tt.args, code, tt.code, out, stderr)
		}
	}
}

func TestFuzzList_NamesEveryTarget(t *testing.T) {
	code, out, _ := run(t, "", "fuzz", "list")
	for _, target := range fuzz.Targets() {
		if code != ExitOK || !strings.Contains(out, target.Name+"\t") {
			t.Errorf("exit code %d, no %s in\n%s", code, target.Name, out)
		}
	}
}

func TestFuzzSeeds_Writes(t *testing.T) {
	for _, format := range []string{"go", "raw"} {
		dir := t.TempDir()
		code, out, stderr := run(t, "", "fuzz", "seeds", "--write", "--dir", dir, "--target", "Metadata", "--format", format)
		files, err := os.ReadDir(filepath.Join(dir, "FuzzMetadata"))
		if code != ExitOK || err != nil || len(files) < 20 {
			t.Fatalf("exit code %d, %d files, %v %s\n%s", code, len(files), err, stderr, out)
		}
		raw, err := os.ReadFile(filepath.Join(dir, "FuzzMetadata", files[0].Name()))
		if err != nil || strings.HasPrefix(string(raw), "go test fuzz v1\n") != (format == "go") {
			t.Errorf("%s: %q, %v", format, raw, err)
		}
	}
}

// An interrupt ends the attack in good order, with the table.
func TestFuzz_InterruptEndsWithTheTable(t *testing.T) {
	p := start(t, "fuzz", "--target", "Metadata", "--time", "0", "--progress", "10ms", "--out", t.TempDir())
	for {
		line, err := p.stdout.ReadString('\n')
		if err != nil {
			t.Fatalf("no line of figures: %v", err)
		}
		if strings.Contains(line, "execs (") {
			break
		}
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(p.stdout)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil || !strings.Contains(string(rest), "new inputs") {
		t.Errorf("%v\n%s", err, rest)
	}
}
