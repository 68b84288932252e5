package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance/testee"
)

// exampleDir is where --example writes without a directory.
const exampleDir = "teleport-testee"

// writeExample writes a testee to start from, and tells what to do next.
func (x *execFlags) writeExample(cmd *cobra.Command) error {
	name, text, run, err := testee.Example(x.language)
	if err != nil {
		return usagef("--example-language %s: expected %s", x.language, strings.Join(testee.ExampleLanguages(), ", "))
	}
	for _, other := range []string{"exec", "replay", "only"} {
		if cmd.Flags().Changed(other) {
			return usagef("--%s: it contradicts --example, which runs nothing", other)
		}
	}
	if x.example == "-" {
		_, err := cmd.OutOrStdout().Write(text)
		return wrapHarness(err)
	}
	if err := os.MkdirAll(x.example, 0o755); err != nil {
		return usagef("--example: %w", err)
	}
	file := filepath.Join(x.example, name)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usagef("--example: %s is already there, and stays as it is", file)
	} else if err != nil {
		return usagef("--example: %w", err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return harnessf("writing %s: %w", file, err)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s is written. It says hello, and unimplemented to every case: decode is the place to begin.\nNext:\n"+
		"  teleport conform --exec '%s' --only 'wire/fast-*'\n", file, strings.Join(append(slices.Clone(run), file), " "))
	return nil
}
