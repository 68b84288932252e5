package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// checkout makes a folder that looks like the repository to findRepo, with nothing promoted.
func checkout(t *testing.T) (dir, promoted string) {
	t.Helper()
	dir = t.TempDir()
	promoted = filepath.Join(dir, "conformance", "vectorgen", "promoted.json")
	if err := os.MkdirAll(filepath.Dir(promoted), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{filepath.Join(dir, "go.mod"): "module " + modulePath + "\n\ngo 1.26\n", promoted: "[]\n"} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, promoted
}

func TestVectorsPromote_ShowsAndWrites(t *testing.T) {
	dir, promoted := checkout(t)
	crasher, err := attack.WriteCorpusFile(filepath.Join(t.TempDir(), "FuzzDecodeFast"), []byte("\x00\x00\x00\x05f\x00"), false)
	if err != nil {
		t.Fatal(err)
	}
	code, out, stderr := run(t, "", "vectors", "promote", crasher)
	for _, want := range []string{"the oracle: length/frame/0", "the reference agrees", `"wire": "000000056600"`} {
		if code != ExitOK || !strings.Contains(out, want) {
			t.Fatalf("exit code %d %s, expected %q in\n%s", code, stderr, want, out)
		}
	}
	write := []string{"vectors", "promote", "--dir", dir, "--write", "--req", "TP-FRAME-003", "--comment", "A size of 5."}
	code, _, stderr = run(t, "", append(write, "--expect", "valid", crasher)...)
	if code != ExitFail || !strings.Contains(stderr, "the oracle says length/frame/0") {
		t.Errorf("another verdict: exit code %d %s", code, stderr)
	}
	code, out, stderr = run(t, "", append(write, "--expect", "length/frame/0", crasher)...)
	if code != ExitOK || !strings.Contains(out, "promoted-length-0001") {
		t.Fatalf("exit code %d %s\n%s", code, stderr, out)
	}
	raw, err := os.ReadFile(promoted)
	if err != nil {
		t.Fatal(err)
	}
	if cases, err := vectorgen.ParsePromoted(raw); err != nil || len(cases) != 1 || cases[0].ID != "promoted-length-0001" {
		t.Errorf("%v\n%s", err, raw)
	}
	code, _, stderr = run(t, "", append(write, "--expect", "length/frame/0", crasher)...)
	if code != ExitFail || !strings.Contains(stderr, "promoted already") {
		t.Errorf("a second time: exit code %d %s", code, stderr)
	}
}

func TestVectorsPromote_Usage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "raw")
	if err := os.WriteFile(file, []byte("\x00\x00\x00\x08j\x00{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args []string
		code int
		says string
	}{
		{nil, ExitUsage, "wants the files"},
		{[]string{file}, ExitUsage, "written by hand"}, // of no target
		{[]string{"--proto", "json", file}, ExitOK, ""},
		{[]string{"--proto", "xml", file}, ExitUsage, "unknown Proto"},
		{[]string{"--proto", "json", "--target", "DecodeJSON", file}, ExitUsage, "contradict"},
		{[]string{"--proto", "json", "--write", file}, ExitUsage, "--req"},
		{[]string{"--proto", "json", "--req", "TP-FRAME-003", file}, ExitUsage, "--write"},
		{[]string{"--proto", "json", "--write", "--req", "TP-NONE-001", "--comment", "x", "--expect", "valid", file}, ExitUsage, "no such requirement"},
		{[]string{"--proto", "json", file + "-is-not-there"}, ExitUsage, "no such file"},
	}
	for _, tt := range tests {
		code, out, stderr := run(t, "", append([]string{"vectors", "promote"}, tt.args...)...)
		if code != tt.code || !strings.Contains(stderr, tt.says) {
			t.Errorf("%q: exit code %d, expected %d\n%s%s", tt.args, code, tt.code, out, stderr)
		}
	}
}
