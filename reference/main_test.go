package tp

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain runs the tests, or is the server program that tests start, and that
// a Reboot starts again.
func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		serverProgram()
		return
	}
	goleak.VerifyTestMain(m)
}
