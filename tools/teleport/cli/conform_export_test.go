package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// What fails in a testee becomes seeds; the reference passes on them.
func TestConformExport_SeedsOfFailingCases(t *testing.T) {
	dir := t.TempDir()
	exe := selfTestee(t)
	script := filepath.Join(dir, "testee.sh")
	text := "#!/bin/sh\n" + exe + " | sed -u 's/\"class\":\"length\"/\"class\":\"header\"/;s/\"ptype\":1/\"ptype\":2/'\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	seeds := filepath.Join(dir, "seeds")
	code, out, stderr := run(t, "", "conform", "--exec", "sh "+script, "--export-seeds", seeds,
		"--only", "wire/frame-size-0001", "--only", "wire/fast-example-0001", "--only", "wire/fast-example-0003", "--only", "proto/roundtrip-basic")
	if code != ExitFail || !strings.Contains(out, "seeds of 3 failing cases") {
		t.Fatalf("exit code %d %s\n%s", code, stderr, out)
	}
	for _, name := range []string{"DecodeFast", "DecodeStream"} {
		files, err := filepath.Glob(filepath.Join(seeds, "Fuzz"+name, "*"))
		if err != nil || len(files) < 3 {
			t.Errorf("%s: %d files, %v", name, len(files), err)
		}
		target, ok := fuzz.ByName(name)
		if !ok {
			t.Fatalf("no target %s", name)
		}
		for _, file := range files {
			data, err := attack.ReadCorpusFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := target.Check(data); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
