package ossfuzz

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
	"github.com/henrylee2cn/teleport/tools/needs"
)

// With TELEPORT_NIGHTLY=1 all targets are built as the builder of OSS-Fuzz does it: an archive with the instrumentation of
// libFuzzer and its entry point, linked with libFuzzer. The engine then runs each on seeds and on inputs of its own, with
// the dictionary, and must see what a target reaches and when one panics. It takes minutes.
func TestBuild_EngineRunsEveryTarget(t *testing.T) {
	if os.Getenv("TELEPORT_NIGHTLY") != "1" {
		t.Skip("it builds for minutes: set TELEPORT_NIGHTLY=1")
	}
	clang := withLibFuzzer(t)
	engine := buildEngine(t, clang)
	dict, err := filepath.Abs("../teleport.dict")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range fuzz.Targets() {
		t.Run(target.Name, func(t *testing.T) {
			corpus := t.TempDir()
			for _, seed := range target.Seeds()[:10] {
				if _, err := attack.WriteCorpusFile(corpus, seed, true); err != nil {
					t.Fatal(err)
				}
			}
			out, err := runEngine(engine, t.TempDir(), "Fuzz"+target.Name, "-runs=200", "-seed=1", "-max_len=16384", "-dict="+dict, corpus)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			t.Log(regexp.MustCompile(`(?m)^#\d+\s+DONE.*$`).FindString(out))
			for _, want := range []string{`Loaded 1 modules\s+\(\d{4,} inline 8-bit counters\)`, `Dictionary: \d{2,} entries`, `(?m)^#\d+\s+DONE\s+(cov: \d+ )?ft: \d{3,}`} {
				if !regexp.MustCompile(want).MatchString(out) {
					t.Errorf("the engine does not say %s:\n%s", want, out)
				}
			}
		})
	}
	if out, err := runEngine(engine, t.TempDir(), "FuzzPanic", "-runs=1"); err == nil || !strings.Contains(out, "panic: on purpose") {
		t.Errorf("the engine takes no notice of a panic: %v\n%s", err, out)
	}
}

// withLibFuzzer gives a clang that can link with libFuzzer.
func withLibFuzzer(t *testing.T) string {
	t.Helper()
	const how = "on Debian: apt-get install clang, and libclang-rt-N-dev for its version N"
	clang, err := exec.LookPath("clang")
	if err != nil {
		needs.Missing(t, "there is no clang; "+how)
	}
	source := filepath.Join(t.TempDir(), "empty.c")
	if err := os.WriteFile(source, []byte("int LLVMFuzzerTestOneInput(const char *b, unsigned long n) { return 0; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(clang, "-fsanitize=fuzzer", source, "-o", source+".out").CombinedOutput(); err != nil {
		needs.Missing(t, "clang has no libFuzzer; "+how+": "+string(out))
	}
	return clang
}

// buildEngine builds the archive with Go and links it.
func buildEngine(t *testing.T, clang string) string {
	t.Helper()
	work := t.TempDir()
	var entries strings.Builder
	for _, name := range targets(t) {
		entries.WriteString("\t\"" + name + "\": gofuzz." + name + ",\n")
	}
	main, archive, engine := filepath.Join(work, "main.go"), filepath.Join(work, "targets.a"), filepath.Join(work, "engine")
	if err := os.WriteFile(main, []byte(strings.Replace(read(t, "testdata/main.go.txt"), "ENTRIES\n", entries.String(), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	// The flags of go114-fuzz-build, which OSS-Fuzz runs.
	build := exec.Command("go", "build", "-tags", "gofuzz,libfuzzer", "-buildmode", "c-archive", "-trimpath", "-gcflags", "all=-d=libfuzzer",
		"-gcflags", "runtime/cgo=-d=libfuzzer=0", "-gcflags", "runtime/pprof=-d=libfuzzer=0", "-gcflags", "syscall=-d=libfuzzer=0", "-o", archive, main)
	build.Env = append(os.Environ(), "CGO_ENABLED=1", "CC="+clang)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command(clang, "-fsanitize=fuzzer", archive, "-o", engine).CombinedOutput(); err != nil {
		t.Fatalf("linking with libFuzzer: %v\n%s", err, out)
	}
	return engine
}

func runEngine(engine, dir, entry string, args ...string) (string, error) {
	cmd := exec.Command(engine, args...)
	cmd.Dir = dir // where it leaves what crashes
	cmd.Env = append(os.Environ(), "ENTRY="+entry)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
