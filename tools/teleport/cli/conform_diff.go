package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance/report"
)

func newConformDiff() *cobra.Command {
	var html string
	c := &cobra.Command{
		Use:   "diff A.json B.json",
		Short: "put two JSON reports side by side: what is fixed, broken, new and gone, and the times",
		Long: `diff reads two JSON reports (- for standard input, once) and tells what changed from A to B.

Exit codes: 0 nothing is broken, 1 a case that passed in A fails, panics or hangs in B, 2 wrong usage, 3 a file is no
report, or the judge itself failed in B on a case that passed in A.`,
		Example: `  teleport conform diff before.json after.json
  teleport conform diff before.json after.json --html diff.html`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "-" && args[1] == "-" {
				return usagef("both reports cannot come from standard input")
			}
			a, err := readReport(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			b, err := readReport(args[1], cmd.InOrStdin())
			if err != nil {
				return err
			}
			return tellDiff(cmd.OutOrStdout(), report.Compare(a, b), html)
		},
	}
	c.Flags().StringVar(&html, "html", "", "write the comparison as one HTML page to this file, - for standard output")
	return c
}

// tellDiff writes the comparison and gives the exit code.
func tellDiff(out io.Writer, diff *report.Comparison, html string) error {
	if html != "" {
		if err := writeFile("--html", html, out, diff.HTML); err != nil {
			return err
		}
	}
	if html != "-" {
		if err := diff.Text(out); err != nil {
			return harnessf("writing: %w", err)
		}
	}
	switch {
	case diff.Count(report.KindBroken) > 0:
		return errFailed
	case diff.Count(report.KindBlind) > 0:
		return &exitError{code: ExitHarness}
	}
	return nil
}
