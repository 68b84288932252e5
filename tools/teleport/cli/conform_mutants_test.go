package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/mutants"
)

func TestConformMutants_PrintsKills(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kills.json")
	code, out, _ := run(t, "", "conform", "mutants", "--only", "proto-size-*", "--only", "TP-META-012", "--json", file)
	if code != ExitOK {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	for _, want := range []string{
		"TP-FRAME-001  A sender MUST write every multi-byte integer of a frame in network byte order (big-endian), unsigned.\n  killed by wire/fast-example-0001  proto-size-excludes-itself",
		"TP-META-012  Set MUST replace the value of the first pair with that key in place, or append a new pair.\n  killed by vectors/",
		" 0 survived",
	} {
		if found := strings.Contains(out, want); found == strings.HasSuffix(want, "survived") {
			t.Errorf("%q: found is %v in\n%s", want, found, out)
		}
	}
	if raw, err := os.ReadFile(file); err != nil || !strings.Contains(string(raw), `"id": "proto-size-little-endian"`) {
		t.Errorf("the JSON file: %v, %s", err, raw)
	}
	if _, out, _ := run(t, "", "conform", "mutants", "--only", "proto-two-writes", "--markdown"); !strings.Contains(out, "| TP-PROTO-003 | proto-two-writes |") {
		t.Errorf("no table in\n%s", out)
	}
}

func TestConformMutants_UnknownPatternIsUsage(t *testing.T) {
	code, _, stderr := run(t, "", "conform", "mutants", "--only", "proto-none")
	if code != ExitUsage || !strings.Contains(stderr, `no mutant matches --only "proto-none"`) {
		t.Errorf("code %d, %s", code, stderr)
	}
}

func TestMutantsExit_SurvivorsCountMost(t *testing.T) {
	fate := func(f ...mutants.Fate) (out []mutants.Outcome) {
		for _, one := range f {
			out = append(out, mutants.Outcome{Fate: one})
		}
		return out
	}
	for _, tt := range []struct {
		fates []mutants.Outcome
		code  int
	}{
		{fate(mutants.Killed, mutants.Killed), ExitOK},
		{fate(mutants.Killed, mutants.Survived), ExitFail},
		{fate(mutants.KilledByCrash), ExitFail},
		{fate(mutants.KilledByOther), ExitFail},
		{fate(mutants.Undecided), ExitHarness},
		{fate(mutants.Undecided, mutants.Survived), ExitFail},
	} {
		code := ExitOK
		if err := mutantsExit(tt.fates); err != nil {
			code = ExitFail
			if e, ok := errors.AsType[*exitError](err); ok {
				code = e.code
			}
		}
		if code != tt.code {
			t.Errorf("%v: exit code %d, want %d", tt.fates, code, tt.code)
		}
	}
}
