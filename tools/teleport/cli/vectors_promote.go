package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/fuzz/attack"
	"github.com/henrylee2cn/teleport/spec"
	"github.com/henrylee2cn/teleport/tools/teleport/refimpl"
	"github.com/henrylee2cn/teleport/vectors"
)

// promoteFlags are the flags of vectors promote.
type promoteFlags struct {
	target, proto, expect string
	reqs                  []string
	comment, dir          string
	small, write          bool
}

func newVectorsPromote() *cobra.Command {
	var f promoteFlags
	c := &cobra.Command{
		Use:   "promote FILE...",
		Short: "make golden vectors of inputs that fuzzing found",
		Long: `promote reads inputs, files of a Go fuzz corpus or raw bytes, and shows each as a golden vector with the verdict of
the oracle, and whether the reference agrees. What target an input is of is read from its folder (FuzzDecodeFast,
DecodeFast, exec-json) or named with --target; raw bytes of a stream are --proto fast, json or pb.

With --write one input is added to conformance/vectorgen/promoted.json, from which "vectors gen" writes
vectors/promoted.json. A vector states what the standard says, and not what some decoder did: look the verdict up, name
the requirements (--req) and state it yourself (--expect). Where the oracle says something else it is the oracle that
has to be mended first.`,
		Example: `  teleport vectors promote teleport-fuzz-crashers/DecodeFast/0123456789abcdef
  teleport vectors promote --write --req TP-FRAME-003 --expect length/frame/0 \
      --comment 'A size of 5 in front of a whole frame.' fuzz/testdata/fuzz/FuzzDecodeFast/0123456789abcdef
  teleport vectors gen`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("vectors promote wants the files of the inputs")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.OutOrStdout(), args) },
	}
	c.Flags().StringVar(&f.target, "target", "", "the `TARGET` that the inputs are of (default: as the folder of each says)")
	c.Flags().StringVar(&f.proto, "proto", "", "the inputs are the bytes of a stream of this Proto: "+protoNames())
	c.Flags().BoolVar(&f.small, "small-limits", false, "judge under the small limits of the fuzz targets, and not the standard's defaults")
	c.Flags().BoolVar(&f.write, "write", false, "add the one input to the promoted vectors; needs --req, --comment and --expect")
	c.Flags().StringArrayVar(&f.reqs, "req", nil, "with --write: a requirement that the vector tests; may be given again")
	c.Flags().StringVar(&f.comment, "comment", "", "with --write: what the vector shows, in a sentence")
	c.Flags().StringVar(&f.expect, "expect", "", "with --write: the verdict of the standard: valid, or CLASS/STAGE/OFFSET")
	c.Flags().StringVar(&f.dir, "dir", "", "the checkout (default: the one that holds the working directory)")
	return c
}

func (f *promoteFlags) run(out io.Writer, files []string) error {
	switch {
	case f.target != "" && f.proto != "":
		return usagef("--target and --proto contradict each other: --proto is for the bytes of a stream")
	case f.write && len(files) != 1:
		return usagef("--write takes one file: each vector has its own requirements and comment")
	case f.write && (len(f.reqs) == 0 || f.comment == "" || f.expect == ""):
		return usagef("--write wants --req, --comment and --expect: a vector names what it tests, and its verdict is stated by hand")
	case !f.write && (len(f.reqs) > 0 || f.comment != "" || f.expect != ""):
		return usagef("--req, --comment and --expect belong to --write")
	}
	for _, id := range f.reqs {
		if _, ok := spec.Lookup(id); !ok {
			return usagef("--req %s: the standard has no such requirement", id)
		}
	}
	if f.proto != "" {
		if _, err := protoByName(f.proto); err != nil {
			return err
		}
		f.target = "exec-" + f.proto
	}
	for _, file := range files {
		c, err := f.promotion(file)
		if err != nil {
			return err
		}
		if err := tellPromotion(out, file, c); err != nil {
			return err
		}
		if f.write {
			return f.keep(out, c)
		}
	}
	return nil
}

// promotion makes a case of a file.
func (f *promoteFlags) promotion(file string) (vectors.Case, error) {
	data, err := attack.ReadCorpusFile(file)
	if err != nil {
		return vectors.Case{}, usagef("%w", err)
	}
	target := f.target
	if target == "" {
		path, err := filepath.Abs(file)
		if err != nil {
			return vectors.Case{}, harnessf("%w", err)
		}
		target = filepath.Base(filepath.Dir(path))
	}
	proto, wire, err := attack.Wire(target, data)
	if err != nil {
		return vectors.Case{}, usagef("%s: %w (name the --target, or the --proto of raw bytes)", file, err)
	}
	p := vectorgen.Promotion{Proto: proto, Wire: wire, Reqs: f.reqs, Comment: f.comment}
	if f.small {
		l := attack.SmallLimits()
		p.Limits = &vectors.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}
	}
	c, err := vectorgen.Promote(p)
	if err != nil {
		return c, failf("%s: %w", file, err)
	}
	return c, nil
}

// tellPromotion shows a case, and what the reference says of it.
func tellPromotion(out io.Writer, file string, c vectors.Case) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return harnessf("%w", err)
	}
	fmt.Fprintf(out, "%s\n%s\nthe oracle: %s\n", file, text, vectorgen.Verdict(&c))
	if err := vectorgen.Judge(&c, refimpl.Fast{}, vectorgen.MeasureAllocated); err != nil {
		fmt.Fprintf(out, "the reference disagrees: %v\n", err)
	} else {
		fmt.Fprintln(out, "the reference agrees")
	}
	return nil
}

// keep adds the case to the promoted ones, where the verdict is the one that was stated.
func (f *promoteFlags) keep(out io.Writer, c vectors.Case) error {
	if got := vectorgen.Verdict(&c); got != f.expect {
		return failf("--expect %s: the oracle says %s. Where the standard says %s the oracle has to be mended first", f.expect, got, f.expect)
	}
	root, err := findRepo(f.dir)
	if err != nil {
		return err
	}
	path := filepath.Join(root, "conformance", "vectorgen", "promoted.json")
	old, err := os.ReadFile(path)
	if err != nil {
		return harnessf("%w", err)
	}
	text, id, err := vectorgen.AppendPromoted(old, c)
	if err != nil {
		return failf("%w", err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return harnessf("%w", err)
	}
	fmt.Fprintf(out, "%s is in conformance/vectorgen/promoted.json; now: go run ./tools/teleport vectors gen && go run ./tools/teleport vectors check\n", id)
	return nil
}
