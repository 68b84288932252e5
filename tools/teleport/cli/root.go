// Package cli is the command line of the project: one file a command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes, a promise of the built binary (`go run` turns each but 0 into 1).
const (
	ExitOK      = 0 // everything asked for holds
	ExitFail    = 1 // nonconformance, drift, or an input that the standard refuses
	ExitUsage   = 2 // wrong flags or arguments
	ExitHarness = 3 // the harness, the file system or the other side failed: no verdict
)

// exitError carries an exit code. A nil err means that the command has printed what there is to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func failf(format string, args ...any) error {
	return &exitError{ExitFail, fmt.Errorf(format, args...)}
}

func usagef(format string, args ...any) error {
	return &exitError{ExitUsage, fmt.Errorf(format, args...)}
}

func harnessf(format string, args ...any) error {
	return &exitError{ExitHarness, fmt.Errorf(format, args...)}
}

// errFailed ends a command whose output already names every failure.
var errFailed = &exitError{code: ExitFail}

// Main runs the command line with args (without the program's name) and gives the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal does what it does by default
	root := newRoot()
	root.SetArgs(append([]string{}, args...)) // nil is os.Args to cobra
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	var exit *exitError
	if !errors.As(err, &exit) { // cobra's own: unknown command or flag
		exit = &exitError{ExitUsage, err}
	}
	if exit.err != nil {
		fmt.Fprintln(stderr, "teleport:", strings.TrimSpace(exit.err.Error()))
	}
	if exit.code == ExitUsage {
		fmt.Fprintln(stderr, "Run 'teleport help' for the commands, or a command with --help for its flags.")
	}
	return exit.code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "teleport",
		Short: "prove, decode, serve and call peers of the Teleport wire standard",
		Long: `teleport proves, decodes, serves and calls peers of the Teleport wire standard.

Exit codes: 0 all well, 1 nonconformance or a refused input, 2 wrong usage,
3 the harness or the other side failed. (go run turns each but 0 into 1.)`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newConform(), newFuzz(), newBench(), newSpec(), newVectors(),
		newDecode(), newEncode(),
		newServe(), newPull(), newPush(), newWatch(),
	)
	return root
}

// groupArgs refuses a command group called without, or with an unknown, command of its own.
func groupArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("%s wants a command: %s", cmd.CommandPath(), subcommands(cmd))
	}
	return usagef("%s has no command %q; it has: %s", cmd.CommandPath(), args[0], subcommands(cmd))
}

func subcommands(cmd *cobra.Command) string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return strings.Join(names, ", ")
}
