package ossfuzz

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
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

// With TELEPORT_NIGHTLY=1 all targets are built as the builder of OSS-Fuzz does it, up to the link with libFuzzer: an
// archive with the instrumentation of libFuzzer and its entry point. It wants a C compiler and minutes.
func TestBuild_ArchiveForLibFuzzer(t *testing.T) {
	if os.Getenv("TELEPORT_NIGHTLY") != "1" {
		t.Skip("TELEPORT_NIGHTLY is not 1")
	}
	if _, err := exec.LookPath("gcc"); err != nil && runtime.GOOS == "linux" {
		t.Skip("there is no C compiler")
	}
	work := t.TempDir()
	var calls strings.Builder
	for _, name := range targets(t) {
		calls.WriteString("\tgofuzz." + name + "(data)\n")
	}
	main := "package main\n\n/*\n#include <stddef.h>\n*/\nimport \"C\"\n\nimport (\n\t\"unsafe\"\n\n\t\"github.com/henrylee2cn/teleport/fuzz/gofuzz\"\n)\n\n" +
		"//export LLVMFuzzerTestOneInput\nfunc LLVMFuzzerTestOneInput(b *C.char, n C.size_t) C.int {\n" +
		"\tdata := unsafe.Slice((*byte)(unsafe.Pointer(b)), int(n))\n" + calls.String() + "\treturn 0\n}\n\nfunc main() {}\n"
	file := filepath.Join(work, "main.go")
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(work, "targets.a")
	cmd := exec.Command("go", "build", "-tags", "gofuzz,libfuzzer", "-buildmode", "c-archive", "-trimpath", "-gcflags", "all=-d=libfuzzer",
		"-gcflags", "runtime/cgo=-d=libfuzzer=0", "-gcflags", "runtime/pprof=-d=libfuzzer=0", "-gcflags", "syscall=-d=libfuzzer=0", "-o", archive, file)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if info, err := os.Stat(archive); err != nil || info.Size() == 0 {
		t.Errorf("no archive: %v", err)
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
