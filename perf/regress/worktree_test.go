package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/tools/needs"
)

// program is a benchmark whose throughput is written in its source. One that
// ends with 1 has rows that are not valid in its report.
const program = `package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	dir := os.Args[len(os.Args)-1]
	row := ` + "`" + `{"system": "teleport", "workload": "closed", "mode": "conn", "clients": 100, "kind": "peer", "runs": [{"tps": TPS}]}` + "`" + `
	report := fmt.Sprintf("{\"version\": 1, \"title\": %q, \"rows\": [%s]}", strings.Join(os.Args[1:], " "), row)
	if err := os.WriteFile(dir+"/report.json", []byte(report), 0o644); err != nil {
		panic(err)
	}
	os.Exit(EXIT)
}
`

// tiny makes a repository of two commits, tagged quick and slow, and a working
// tree that is neither.
func tiny(t *testing.T) string {
	t.Helper()
	needs.Program(t, "git")
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	do := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"}, args...)
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	do("init", "-q")
	write("go.mod", "module tiny\n\ngo 1.26.0\n")
	do("add", ".")
	do("commit", "-q", "-m", "nothing yet")
	do("tag", "none")
	source := func(tps, exit string) string { return strings.NewReplacer("TPS", tps, "EXIT", exit).Replace(program) }
	for _, c := range []struct{ tag, tps, exit string }{{"quick", "1000", "0"}, {"slow", "500", "1"}} {
		write("perf/main.go", source(c.tps, c.exit))
		do("add", ".")
		do("commit", "-q", "-m", c.tag)
		do("tag", c.tag)
	}
	write("perf/main.go", source("2000", "0"))
	return dir
}

func TestRun_Commits(t *testing.T) {
	dir := tiny(t)
	t.Chdir(dir)
	var out, progress strings.Builder
	err := run(t.Context(), []string{"quick", "slow", "--rounds", "4", "--metrics", "tps", "--fail-on", "tps", "--fail-over", "10%"}, &out, &progress)
	if !errors.Is(err, errSlower) {
		t.Errorf("error %v", err)
	}
	if !strings.Contains(out.String(), "calls a second is 50.0% worse") {
		t.Errorf("output:\n%s", out.String())
	}
	want := strings.Repeat("quick\nslow\n", 4)
	var turns strings.Builder
	for line := range strings.Lines(progress.String()) {
		if _, label, ok := strings.Cut(line, ": "); ok {
			turns.WriteString(label)
		}
	}
	if turns.String() != want {
		t.Errorf("turns:\n%s", progress.String())
	}
	if trees, err := git(t.Context(), dir, "worktree", "list"); err != nil || strings.Count(trees, "\n") != 0 {
		t.Errorf("worktrees are left behind: %s %v", trees, err)
	}
}

func TestRun_WorkingTreeIsTheNewSide(t *testing.T) {
	t.Chdir(tiny(t))
	var out, progress strings.Builder
	if err := run(t.Context(), []string{"quick", "--rounds", "4", "--metrics", "tps"}, &out, &progress); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "working tree") || !strings.Contains(out.String(), "+100.00%") {
		t.Errorf("output:\n%s", out.String())
	}
}

func TestRun_CommitsThatCannotBeMeasured(t *testing.T) {
	dir := tiny(t)
	t.Chdir(dir)
	for _, tt := range []struct{ old, says string }{
		{"nowhere", `"nowhere" is neither a commit of `},
		{"none", "none has no benchmark program (perf/main.go)"},
		{"--help-me", "flag provided but not defined"},
	} {
		err := run(t.Context(), []string{tt.old, "slow", "--rounds", "1"}, os.Stderr, os.Stderr)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, expected %q", tt.old, err, tt.says)
		}
	}
	t.Chdir(t.TempDir())
	if err := run(t.Context(), []string{"a", "b"}, os.Stderr, os.Stderr); err == nil || !strings.Contains(err.Error(), "within a git checkout") {
		t.Errorf("outside of a checkout: %v", err)
	}
}
