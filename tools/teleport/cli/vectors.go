package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/tools/teleport/refimpl"
	"github.com/henrylee2cn/teleport/vectors"
)

func newVectors() *cobra.Command {
	group := &cobra.Command{
		Use:   "vectors",
		Short: "make and check the golden vectors",
		RunE:  groupArgs,
	}
	group.AddCommand(newVectorsCheck(), newVectorsGen(), newVectorsPromote())
	return group
}

func newVectorsGen() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "gen",
		Short: "write the vectors anew from their builders",
		Long: `vectors gen writes the files of vectors/ from the builders in conformance/vectorgen. The same builders give
the same bytes every time: after it, a checkout whose vectors are current has no difference.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := findRepo(dir)
			if err != nil {
				return err
			}
			files, err := vectorgen.Generate()
			if err != nil {
				return harnessf("%w", err)
			}
			return writeVectors(cmd, filepath.Join(root, "vectors"), files)
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "the checkout (default: the one that holds the working directory)")
	return c
}

// writeVectors writes the files that differ and says which.
func writeVectors(cmd *cobra.Command, dir string, files map[string][]byte) error {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	changed := 0
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, files[name]) {
			continue
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return harnessf("%w", err)
		}
		changed++
		fmt.Fprintf(cmd.OutOrStdout(), "wrote vectors/%s\n", name)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%d files, %d changed\n", len(files), changed)
	return nil
}

func newVectorsCheck() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "check",
		Short: "check the vectors, and that oracle and reference agree with each",
		Long: `vectors check holds the vectors against their schema and their sums, checks that ids are unique and that
the standard has the requirements they name, runs each against the oracle and the reference encoder and
decoder, and holds the reference to the memory allowances. It prints counts by area and verdict.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := vectorgen.Options{Others: []vectorgen.Implementation{refimpl.Fast{}}, Measure: vectorgen.MeasureAllocated}
			if dir != "" {
				o.FS = os.DirFS(dir)
			}
			return tellVectors(cmd, vectorgen.Check(o))
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "check the files of this folder instead of the built-in ones")
	return c
}

func tellVectors(cmd *cobra.Command, r *vectorgen.Report) error {
	out := cmd.OutOrStdout()
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "area\tcases\tvalid\tinvalid\tquirk\t")
	row := func(name string, n vectors.Counts) {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t\n", name, n.Cases, n.Valid, n.Invalid, n.Quirk)
	}
	for _, a := range r.Areas {
		row(a.Area, a.Counts)
	}
	row("all", r.Total)
	tw.Flush()
	for _, p := range r.Problems {
		fmt.Fprintln(out, p)
	}
	if !r.OK() {
		fmt.Fprintf(out, "%d problems\n", len(r.Problems))
		return errFailed
	}
	for _, name := range r.Names {
		fmt.Fprintf(out, "the %s agrees with every vector\n", name)
	}
	return nil
}
