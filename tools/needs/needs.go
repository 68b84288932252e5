// Package needs is for tests that want a program which a machine with Go alone does not have: a browser, a
// dissector, another language. Without the program such a test is skipped with its reason, so that `go test
// ./...` passes everywhere; continuous integration sets TELEPORT_TOOLS=required, and there the test fails.
package needs

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Required reports whether a missing program is a failure: TELEPORT_TOOLS=required.
func Required() bool { return os.Getenv("TELEPORT_TOOLS") == "required" }

// Program gives the path of the first of names that the machine has. Where it has none, the test is skipped, or
// fails where programs are required.
func Program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "none of the programs "+strings.Join(names, ", ")+" is installed")
	return ""
}

// Missing ends the test for want of what reason names: skipped, or failed where programs are required.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if Required() {
		t.Fatalf("%s, and TELEPORT_TOOLS=required", reason)
	}
	t.Skipf("%s; TELEPORT_TOOLS=required makes this a failure", reason)
}
