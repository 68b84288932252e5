package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/mutants"
	"github.com/henrylee2cn/teleport/spec"
	"github.com/henrylee2cn/teleport/tools/teleport/trace"
	"github.com/henrylee2cn/teleport/vectors"
)

// matrixFile is the committed matrix, below the root of the checkout.
const matrixFile = "spec/appendix-b-matrix.md"

func newSpec() *cobra.Command {
	group := &cobra.Command{
		Use:   "spec",
		Short: "hold the standard against its vectors, cases and code",
		RunE:  groupArgs,
	}
	group.AddCommand(newSpecCheck(), newSpecMatrix(), newSpecShow())
	return group
}

func newSpecCheck() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "check",
		Short: "fail when the standard and what proves it have drifted apart",
		Long: `spec check reads the chapters and fails on: a normative word in a sentence without an id, a reused id,
an unknown id in a vector, a case or a "req:" tag of the code, a MUST that no vector and no case can
falsify, or that no mutant and no invalid vector does falsify, and whose text does not say why, a mutant
that names what does not exist or whose killer does not list what it breaks, a worked example whose hex is
not the vector's, and a committed matrix that is not the one these make. Mutants are not run: see conform mutants. It needs a checkout, for the tags of the code.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := findRepo(dir)
			if err != nil {
				return err
			}
			m, err := buildMatrix(root)
			if err != nil {
				return err
			}
			problems := append(textProblems(), m.Problems...)
			for _, p := range mutants.Check(mutants.All()) {
				problems = append(problems, trace.Problem{Where: "mutant", What: p})
			}
			problems = append(problems, exampleProblems()...)
			if committed, err := os.ReadFile(filepath.Join(root, matrixFile)); err != nil || string(committed) != m.Markdown() {
				problems = append(problems, trace.Problem{Where: matrixFile, What: "is not the matrix of this checkout: run teleport spec matrix --write"})
			}
			out := cmd.OutOrStdout()
			for _, p := range problems {
				fmt.Fprintln(out, p)
			}
			fmt.Fprintln(out, m.Summary())
			if len(problems) > 0 {
				fmt.Fprintf(out, "%d problems\n", len(problems))
				return errFailed
			}
			fmt.Fprintln(out, "the standard, its vectors, its cases and the code agree")
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "the checkout (default: the one that holds the working directory)")
	return c
}

func newSpecMatrix() *cobra.Command {
	var dir string
	var write bool
	c := &cobra.Command{
		Use:   "matrix",
		Short: "print the matrix requirement x (vectors, cases, what falsifies it, code)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := findRepo(dir)
			if err != nil {
				return err
			}
			m, err := buildMatrix(root)
			if err != nil {
				return err
			}
			if !write {
				fmt.Fprint(cmd.OutOrStdout(), m.Markdown())
				return nil
			}
			if err := os.WriteFile(filepath.Join(root, matrixFile), []byte(m.Markdown()), 0o644); err != nil {
				return harnessf("%w", err)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: %s\n", matrixFile, m.Summary())
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "the checkout (default: the one that holds the working directory)")
	c.Flags().BoolVar(&write, "write", false, "write it to "+matrixFile+" instead")
	return c
}

func buildMatrix(root string) (*trace.Matrix, error) {
	reqs, err := spec.Requirements()
	if err != nil {
		return nil, failf("the chapters do not parse: %w", err)
	}
	all, err := vectors.All()
	if err != nil {
		return nil, harnessf("%w", err)
	}
	var from trace.Sources
	for _, v := range all {
		from.Vectors = append(from.Vectors, trace.Source{ID: v.ID, Requirements: v.Reqs})
		if v.Result == vectors.Invalid {
			from.Invalid = append(from.Invalid, trace.Source{ID: v.ID, Requirements: v.Reqs})
		}
	}
	for _, c := range conformance.Cases() {
		if strings.HasPrefix(c.ID, "wire/") { // the vectors again
			continue
		}
		from.Cases = append(from.Cases, trace.Source{ID: c.ID, Requirements: c.Requirements})
	}
	for _, m := range mutants.All() {
		from.Mutants = append(from.Mutants, trace.Source{ID: m.ID, Requirements: m.Requirements})
	}
	if from.Code, err = trace.Code(os.DirFS(root)); err != nil {
		return nil, harnessf("%w", err)
	}
	return trace.Build(reqs, from), nil
}

func textProblems() []trace.Problem {
	var out []trace.Problem
	for _, p := range spec.Check() {
		out = append(out, trace.Problem{Where: fmt.Sprintf("spec/%s:%d", p.File, p.Line), What: p.Message})
	}
	return out
}

// exampleProblems holds the hex of the worked examples against the vectors that they quote.
func exampleProblems() []trace.Problem {
	var out []trace.Problem
	for _, e := range spec.Examples() {
		at := fmt.Sprintf("spec/%s:%d", e.File, e.Line)
		v, err := vectors.ByID(e.VectorID)
		if err != nil {
			out = append(out, trace.Problem{Where: at, What: err.Error()})
			continue
		}
		wire, err := v.WireBytes()
		if err != nil {
			out = append(out, trace.Problem{Where: at, What: err.Error()})
			continue
		}
		if want := fmt.Sprintf("%x", wire); e.Hex != want {
			out = append(out, trace.Problem{Where: at, What: fmt.Sprintf("the example is not the wire of %s, which is %s", e.VectorID, want)})
		}
	}
	return out
}
