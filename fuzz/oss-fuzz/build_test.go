package ossfuzz

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// targets are those that build.sh builds.
func targets(t *testing.T) []string {
	t.Helper()
	list := regexp.MustCompile(`(?s)\ntargets="\n(.*?)"`).FindStringSubmatch(read(t, "build.sh"))
	if list == nil {
		t.Fatal("build.sh has no list of targets")
	}
	return strings.Fields(list[1])
}

func TestBuild_NamesEveryTarget(t *testing.T) {
	got := targets(t)
	var want []string
	for _, target := range fuzz.Targets() {
		want = append(want, "Fuzz"+target.Name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("build.sh builds %q, package fuzz has %q", got, want)
	}
	if !strings.Contains(read(t, "Dockerfile"), "COPY build.sh") || !strings.Contains(read(t, "project.yaml"), "language: go\n") {
		t.Error("the Dockerfile does not copy build.sh, or project.yaml names no language")
	}
}

// go-fuzz and OSS-Fuzz build the package of the entry points with this tag.
func TestBuild_EntryPointsCompile(t *testing.T) {
	out, err := exec.Command("go", "build", "-tags", "gofuzz", "../gofuzz").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestDictionary_IsOneAndFits(t *testing.T) {
	raw := read(t, "../teleport.dict")
	tokens, err := attack.ParseDictionary([]byte(raw))
	if err != nil || len(tokens) < 50 {
		t.Fatalf("%d tokens, %v", len(tokens), err)
	}
	seen := map[string]bool{}
	for _, token := range tokens {
		if len(token) == 0 || len(token) > 64 || seen[string(token)] {
			t.Errorf("%q is empty, over 64 bytes or there twice", token)
		}
		seen[string(token)] = true
	}
	// libFuzzer knows \\, \" and \xNN alone.
	if bad := regexp.MustCompile(`\\[^\\"x]`).FindString(strings.ReplaceAll(raw, `\\`, "")); bad != "" {
		t.Errorf("the escape %s is none of libFuzzer's", bad)
	}
}
