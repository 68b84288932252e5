package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance/mutants"
	tp "github.com/henrylee2cn/teleport/reference"
)

// mutantFlags are the flags of conform mutants.
type mutantFlags struct {
	only     []string
	json     string
	markdown bool
}

func newConformMutants() *cobra.Command {
	var f mutantFlags
	c := &cobra.Command{
		Use:   "mutants",
		Short: "judge the suite: put implementations that are broken in one place each to the cases that must see it",
		Long: `conform mutants runs each mutant against the case that it declares, and that case against the clean base that
the mutant was made of. It prints the kill table by requirement of the standard, then in full each mutant that was
not killed as it declares: one that survived, that another case killed, or that only a crash killed.

Exit codes: 0 all were killed, 1 not all, 2 wrong usage, 3 a base is not clean, or the judge failed.`,
		Example: `  teleport conform mutants
  teleport conform mutants --only 'proto-size-*' --only TP-META-005
  teleport conform mutants --markdown > kills.md`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	c.Flags().StringArrayVar(&f.only, "only", nil, "run the mutants that match: an id, a glob with *, the requirement that it breaks or its killer; may be given again")
	c.Flags().StringVar(&f.json, "json", "", "write the outcomes as JSON to this file, - for standard output")
	c.Flags().BoolVar(&f.markdown, "markdown", false, "print the kill table as Markdown")
	return c
}

func (f *mutantFlags) run(cmd *cobra.Command) error {
	selected, err := f.selected()
	if err != nil {
		return err
	}
	tp.SetRawlogLevel("OFF") // broken peers have much to tell
	start := time.Now()
	outcomes := mutants.Run(cmd.Context(), selected, mutants.Options{Whole: true})
	if f.json != "" {
		if err := f.writeJSON(cmd.OutOrStdout(), outcomes); err != nil {
			return err
		}
	}
	if f.json != "-" {
		write := mutants.WriteText
		if f.markdown {
			write = mutants.WriteMarkdown
		}
		if err := write(cmd.OutOrStdout(), outcomes); err != nil {
			return harnessf("writing: %w", err)
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%d mutants in %.1f s\n", len(outcomes), time.Since(start).Seconds())
	}
	return mutantsExit(outcomes)
}

// mutantsExit gives the exit code: what survived counts for more than what is unknown.
func mutantsExit(outcomes []mutants.Outcome) error {
	undecided := false
	for _, o := range outcomes {
		if !o.OK() && o.Fate != mutants.Undecided {
			return errFailed
		}
		undecided = undecided || o.Fate == mutants.Undecided
	}
	if undecided {
		return &exitError{code: ExitHarness}
	}
	return nil
}

func (f *mutantFlags) selected() ([]mutants.Mutant, error) {
	all := mutants.All()
	if len(f.only) == 0 {
		return all, nil
	}
	var out []mutants.Mutant
	used := map[string]bool{}
	for _, m := range all {
		names := append([]string{m.ID, m.KilledBy}, m.Requirements...)
		for _, pattern := range f.only {
			if slices.ContainsFunc(names, func(name string) bool { return matchesGlob(pattern, name) }) {
				used[pattern] = true
				if len(out) == 0 || out[len(out)-1].ID != m.ID {
					out = append(out, m)
				}
			}
		}
	}
	for _, pattern := range f.only {
		if !used[pattern] {
			return nil, usagef("no mutant matches --only %q: expected an id, a glob with *, a requirement id or a case id", pattern)
		}
	}
	return out, nil
}

// matchesGlob reports whether the name is the pattern, in which * stands for anything but a slash.
func matchesGlob(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

func (f *mutantFlags) writeJSON(stdout io.Writer, outcomes []mutants.Outcome) error {
	if f.json == "-" {
		return wrapHarness(mutants.WriteJSON(stdout, outcomes))
	}
	w, err := os.Create(f.json)
	if err != nil {
		return usagef("--json: %w", err)
	}
	return wrapHarness(errors.Join(mutants.WriteJSON(w, outcomes), w.Close()))
}
