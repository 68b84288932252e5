package machines_test

import (
	"log/slog"
	"testing"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// TestMain keeps the log of the peers out of what the machines say.
func TestMain(m *testing.M) {
	tp.SetLogger(slog.New(slog.DiscardHandler))
	tptest.CheckLeaksMain(m)
}
