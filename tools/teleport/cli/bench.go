package cli

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/perf/floor"
	perf "github.com/henrylee2cn/teleport/perf/harness/cli"
	"github.com/henrylee2cn/teleport/perf/systems"
)

// newBench is the harness of perf without its pictures.
func newBench() *cobra.Command {
	c := perf.New(perf.Config{
		Use: "bench", Called: "teleport bench",
		Systems: slices.Concat(systems.Systems(), floor.Systems()),
		Worker:  []string{"bench", "worker"},
	})
	for _, sub := range append(c.Commands(), c) {
		if run := sub.RunE; run != nil {
			sub.RunE = func(cmd *cobra.Command, args []string) error { return ownExit(run(cmd, args)) }
		}
	}
	return c
}

// ownExit gives the harness's exit codes the meaning that they have here.
func ownExit(err error) error {
	var exit *perf.ExitError
	switch {
	case !errors.As(err, &exit):
		return err
	case exit.Code == perf.ExitUsage:
		return &exitError{ExitUsage, exit.Err}
	}
	return &exitError{ExitFail, exit.Err}
}
