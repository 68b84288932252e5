package needs_test

import (
	"testing"

	"github.com/henrylee2cn/teleport/tools/needs"
)

func TestProgram_FindsTheFirstThatIsThere(t *testing.T) {
	if path := needs.Program(t, "no-such-program-of-anyone", "go"); path == "" {
		t.Error("expected the path of go, got none")
	}
}

// TestMissing_SkipsOrFails runs subtests whose outcome is the thing tested.
func TestMissing_SkipsOrFails(t *testing.T) {
	t.Setenv("TELEPORT_TOOLS", "")
	skipped := false
	t.Run("optional", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		needs.Program(t, "no-such-program-of-anyone")
	})
	if !skipped {
		t.Error("without TELEPORT_TOOLS=required a test whose program is missing must be skipped")
	}
	t.Setenv("TELEPORT_TOOLS", "required")
	if f := (&recorder{}); !f.fails() {
		t.Error("with TELEPORT_TOOLS=required a test whose program is missing must fail")
	}
}

// recorder notes that a test would have failed, for a failing subtest would fail this one.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Fatalf(string, ...any) { r.failed = true; panic(r) }

func (r *recorder) fails() (failed bool) {
	defer func() { _ = recover(); failed = r.failed }()
	needs.Missing(r, "nothing here")
	return false
}
