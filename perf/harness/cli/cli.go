// Package cli is the command line of the harness: `go run ./perf`, and `teleport bench` without pictures.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Exit codes.
const (
	ExitOK    = 0 // measured, and everything asked for holds
	ExitShort = 1 // measured, but a row is invalid or a bar is short; or it could not be measured
	ExitUsage = 2 // wrong flags or arguments
)

// ExitError is an error with the exit code that it asks for. Without Err, the output has said what there is to say.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e *ExitError) Unwrap() error { return e.Err }

func usagef(format string, args ...any) error {
	return &ExitError{ExitUsage, fmt.Errorf(format, args...)}
}

// Config is what a program gives its command line.
type Config struct {
	// Use is the command's name, and Called how it is called from a shell, for examples: "go run ./perf".
	Use, Called string
	// Systems are those that this program holds.
	Systems []harness.System
	// Worker are the arguments that start a worker of this program; the command that New returns knows "worker".
	Worker []string
	// Plot draws a report's pictures into a directory; nil: there are none.
	Plot func(dir string, r harness.Report) (files []string, err error)
}

// New makes the command. Its errors are *ExitError, or cobra's own about flags and arguments.
func New(c Config) *cobra.Command {
	f := &flags{config: c}
	cmd := &cobra.Command{
		Use:           c.Use,
		Short:         "measure peers and sockets: the tables of 2018 remade, against floors and rivals",
		Long:          long,
		Example:       strings.ReplaceAll(examples, "PERF", c.Called),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.define(cmd.Flags())
	cmd.AddCommand(newServe(c), &cobra.Command{
		Use: "worker", Hidden: true, Args: cobra.NoArgs,
		Run: func(*cobra.Command, []string) { harness.WorkerMain(c.Systems) },
	})
	cmd.CompletionOptions.HiddenDefaultCmd = true
	return cmd
}

// Main runs the command with args (without the program's name) and gives the exit code.
func Main(c Config, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)() // a second signal does what it does by default
	cmd := New(c)
	cmd.SetArgs(append([]string{}, args...))
	cmd.SetOut(stdout)
	cmd.SetErr(harness.NewSharedWriter(stderr)) // workers write there too
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return ExitOK
	}
	var exit *ExitError
	if !errors.As(err, &exit) { // cobra's own
		exit = &ExitError{ExitUsage, err}
	}
	if exit.Err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", c.Use, exit.Err)
	}
	if exit.Code == ExitUsage {
		fmt.Fprintf(stderr, "Run '%s --help' for flags and examples.\n", c.Called)
	}
	return exit.Code
}

const long = `Measures the peer and the socket of this repository beside floors (the least that such a loop can cost on this
machine) and, with --rivals, beside other frameworks. Server and clients are two processes.

Without flags it remakes the two tables of January 2018: 100, 500, 1000, 2000 and 5000 clients, a connection each,
1,000,000 messages of 581 bytes, protobuf; peer and socket level, and the floor of a raw echo with the same codec. Each
cell runs in every round, and the systems take turns, so that what disturbs the machine disturbs all alike: compare
figures of one run, and ratios rather than figures.

Every reply is compared with its request. A row with a failed call, or a wrong reply, is marked as not valid.

It writes report.md, report.csv, report.json and (go run ./perf) pictures into --out; each row says machine, kernel, Go
version, commit, flags, CPU time, allocations and memory of both processes, and what the conformance suite says of the
Proto. Only one measurement should run on a machine, and nothing else.

Modes      conn: a connection for each client. shared1, shared8, sharedK: K connections for all clients.
Workloads  closed: a client calls again when its reply is there. open (with --rate): calls begin at a fixed rate, and
           latency counts from the intended moment, so that a slow answer does not hide the next. push: messages without
           a reply, counted where they arrive. idle: connections that rest; memory is what counts. mixed: --sleepers slow
           calls beside --clients short ones on the same connections.
Handlers   echo, compute:50us, sleep:1ms, mixed:1ms, callback, push.
Systems    names, or kinds (peer, socket, floor, rival), or all; --list shows them.

Exit codes: 0 all well, 1 something invalid or a bar short, 2 wrong usage. (go run turns each but 0 into 1.)`

const examples = `  PERF                                    the two tables (about a quarter of an hour)
  PERF --quick                            the same, small, in half a minute
  PERF --n 100000 --rounds 5 --rivals     beside other frameworks
  PERF --mode conn,shared1,shared8 --clients 100,1000,5000 --n 120000
  PERF --workload open --rate 20000 --clients 100 --n 200000
  PERF --codec bytes --size 65536 --clients 8 --n 20000
  PERF --workload idle --clients 10000 --systems teleport,raw
  PERF --workload mixed --sleepers 1000 --clients 8 --n 20000
  PERF --systems teleport --clients 100 --n 300000 --cpuprofile server
  PERF --bars --rivals                    the project's own bars
  PERF --bars=1,9 --from perf-out/report.json
  PERF serve --listen :7000               on the server's host; then, here:
  PERF --server otherhost:7000`
