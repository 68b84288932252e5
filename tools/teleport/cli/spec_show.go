package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/spec"
)

func newSpecShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show ID...",
		Short:   "print requirements: level, chapter, sentence, and the cases that test them",
		Example: "  teleport spec show TP-PROTO-003",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, ids []string) error {
			for _, id := range ids {
				r, ok := spec.Lookup(id)
				if !ok {
					return usagef("the standard has no requirement %q: ids look like TP-FRAME-004, and teleport spec matrix lists them", id)
				}
				out := cmd.OutOrStdout()
				fmt.Fprintf(out, "%s  %s  spec/%s:%d\n%s\n", r.ID, r.Level, r.Chapter, r.Line, r.Text)
				if r.Untested != "" {
					fmt.Fprintf(out, "not tested: %s\n", r.Untested)
				}
				for _, c := range conformance.Select(id) {
					fmt.Fprintf(out, "  %s  %s\n", c.ID, c.Title)
				}
			}
			return nil
		},
	}
}
