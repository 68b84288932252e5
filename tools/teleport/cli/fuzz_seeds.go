package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// seedsDir is where fuzz seeds --write writes to unless --dir says otherwise.
const seedsDir = "teleport-fuzz-seeds"

func newFuzzSeeds() *cobra.Command {
	var write bool
	var dir, format string
	var targets []string
	c := &cobra.Command{
		Use:   "seeds",
		Short: "count the seeds that are made from the golden vectors, or write them as corpora",
		Long: `seeds makes the seed corpus of every target from the golden vectors and the recorded packets. go test -fuzz needs
no files for that: the targets add their seeds themselves. With --write they are written for other fuzzers: one folder
a target, one file an input, in the form of a Go fuzz corpus or, with --format raw, as bytes alone (libFuzzer, AFL,
go-fuzz).`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "go" && format != "raw" {
				return usagef("--format %q: expected go or raw", format)
			}
			if !write && cmd.Flags().Changed("dir") {
				return usagef("--dir: it belongs to --write")
			}
			list, err := fuzzTargets(targets)
			if err != nil {
				return err
			}
			for _, t := range list {
				n, size, err := writeSeeds(t, filepath.Join(dir, "Fuzz"+t.Name), format == "raw", write)
				if err != nil {
					return harnessf("writing the seeds of %s: %w", t.Name, err)
				}
				fmt.Fprintf(cmd.OutOrStdout(), "Fuzz%s\t%d seeds\t%d bytes\n", t.Name, n, size)
			}
			if write {
				fmt.Fprintf(cmd.OutOrStdout(), "written to %s\n", dir)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&write, "write", false, "write the files")
	c.Flags().StringVar(&dir, "dir", seedsDir, "the `DIR`ectory for the files")
	c.Flags().StringVar(&format, "format", "go", "the form of the files: go or raw")
	c.Flags().StringArrayVar(&targets, "target", nil, "the seeds of this `TARGET` alone; may be given again")
	return c
}

// fuzzTargets gives the targets with these names, all where there are none.
func fuzzTargets(names []string) ([]fuzz.Target, error) {
	if len(names) == 0 {
		return fuzz.Targets(), nil
	}
	var out []fuzz.Target
	for _, name := range names {
		t, ok := fuzz.ByName(strings.TrimPrefix(name, "Fuzz"))
		if !ok {
			return nil, usagef("--target %q: there is no such target; there are %s", name, strings.Join(fuzzNames(), ", "))
		}
		out = append(out, t)
	}
	return out, nil
}

// writeSeeds counts the different seeds of a target, and writes them where that is asked for.
func writeSeeds(t fuzz.Target, dir string, raw, write bool) (n, size int, err error) {
	seen := map[string]bool{}
	if write {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return 0, 0, err
		}
	}
	for _, seed := range t.Seeds() {
		if len(seed) > fuzz.MaxInput || seen[string(seed)] {
			continue
		}
		seen[string(seed)] = true
		n, size = n+1, size+len(seed)
		if write {
			if _, err := attack.WriteCorpusFile(dir, seed, raw); err != nil {
				return n, size, err
			}
		}
	}
	return n, size, nil
}
