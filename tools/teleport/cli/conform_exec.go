package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/conformance/testee"
)

// unlimited stands for no time limit.
const unlimited = 1000 * time.Hour

// execFlags are those of conform that judge a testee in a process of its own, and those that show one case.
type execFlags struct {
	command, replay   string
	attach, verbose   bool
	example, language string
}

func (f *conformFlags) addExec(c *cobra.Command) {
	fl, x := c.Flags(), &f.exec
	fl.StringVar(&x.command, "exec", "", "judge the testee that this `COMMAND` starts: an encoder and decoder in any language (conformance/testee/README.md)")
	fl.BoolVar(&x.attach, "attach", false, "with --exec, --server or --listen: wait for Enter before the first case, so that a debugger can be attached, and set no time limits")
	fl.BoolVarP(&x.verbose, "verbose", "v", false, "with --exec: show what the testee writes to its standard error")
	fl.StringVar(&x.replay, "replay", "", "run this one `CASE` and show the bytes, and with --exec every line, that went both ways")
	fl.StringVar(&x.example, "example", "", "write a testee to start from into this `DIR`ectory, or - for standard output, and run nothing")
	fl.Lookup("example").NoOptDefVal = exampleDir
	fl.StringVar(&x.language, "example-language", "python", "the language of --example: "+strings.Join(testee.ExampleLanguages(), ", "))
	c.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 && cmd.Flags().Changed("example") { // --example DIR, beside --example and --example=DIR
			x.example = args[0]
			return nil
		}
		return cobra.NoArgs(cmd, args)
	}
}

// ranExec does what --exec and --example ask for; false where they ask for nothing.
func (f *conformFlags) ranExec(cmd *cobra.Command) (bool, error) {
	x := &f.exec
	if x.example != "" {
		return true, x.writeExample(cmd)
	}
	switch {
	case x.verbose && x.command == "":
		return true, usagef("--verbose: it belongs to --exec")
	case x.attach && x.command == "" && f.network.server == "" && f.network.listen == "":
		return true, usagef("--attach: it belongs to --exec, --server or --listen")
	}
	if cmd.Flags().Changed("example-language") {
		return true, usagef("--example-language: it belongs to --example")
	}
	if x.replay != "" {
		if len(f.only) > 0 {
			return true, usagef("--replay and --only contradict each other: --replay runs one case")
		}
		if !slices.ContainsFunc(conformance.Cases(), func(c conformance.Case) bool { return c.ID == x.replay }) {
			return true, usagef("--replay %q: there is no such case: see teleport conform list", x.replay)
		}
		f.only = []string{x.replay}
	}
	if x.command == "" {
		if cmd.Flags().Changed("exec") {
			return true, usagef("--exec: the command is empty")
		}
		return false, nil
	}
	return true, f.runExec(cmd)
}

func (f *conformFlags) runExec(cmd *cobra.Command) error {
	for _, name := range append([]string{"server", "listen", "proto"}, networkOnly...) {
		if cmd.Flags().Changed(name) && name != "connect-timeout" && name != "silence-timeout" {
			return usagef("--%s: it contradicts --exec", name)
		}
	}
	if f.network.connect < 0 || f.network.silence < 0 {
		return usagef("--connect-timeout %v, --silence-timeout %v: expected no negative time", f.network.connect, f.network.silence)
	}
	command, err := testee.Split(f.exec.command)
	if err != nil {
		return usagef("--exec %q: %w", f.exec.command, err)
	}
	if f.count() == 0 {
		return usagef("no case matches --only %q: see teleport conform list", f.only)
	}
	progress := newProgress(cmd.ErrOrStderr(), f.count())
	opts, err := f.options(progress)
	if err != nil {
		return err
	}
	start := time.Now()
	r := conformance.CheckExec(cmd.Context(), command, append(opts, f.execOptions(cmd)...)...)
	progress.done()
	if len(r.Results) == 1 && r.Results[0].Case == conformance.CaseTestee {
		return harnessf("%s", r.Results[0].Detail)
	}
	if len(r.Results) == 1 && r.Results[0].Case == conformance.CaseSelection {
		return usagef("%q: no case that this testee is judged by; those of the peer battery need a server in its hello, the others a Proto", f.only)
	}
	return f.tell(cmd.OutOrStdout(), r, time.Since(start))
}

// execOptions are those that only a testee has.
func (f *conformFlags) execOptions(cmd *cobra.Command) []conformance.Option {
	var opts []conformance.Option
	if f.network.connect > 0 {
		opts = append(opts, conformance.WithConnectTimeout(f.network.connect))
	}
	if f.network.silence > 0 {
		opts = append(opts, conformance.WithSilenceTimeout(f.network.silence))
	}
	if f.exec.verbose {
		opts = append(opts, conformance.WithStderr(cmd.ErrOrStderr()))
	}
	if f.exec.replay != "" {
		out := cmd.OutOrStdout()
		if f.stdout() {
			out = cmd.ErrOrStderr()
		}
		opts = append(opts, conformance.WithLines(func(sent bool, line []byte) { fmt.Fprintln(out, shownLine(sent, line)) }))
	}
	if f.exec.attach {
		wait := enter(cmd)
		opts = append(opts, conformance.WithTimeout(unlimited), conformance.WithSilenceTimeout(unlimited), conformance.WithStarted(func(pid int) {
			wait(fmt.Sprintf("the testee is process %d and waits", pid))
		}))
	}
	return opts
}

// enter gives a function that tells who waits for a debugger, and returns when Enter is pressed, the input has ended
// or the command is interrupted.
func enter(cmd *cobra.Command) func(who string) {
	in := bufio.NewReader(cmd.InOrStdin())
	return func(who string) {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: attach a debugger, then press Enter\n", who)
		pressed := make(chan struct{})
		go func() { // ends with the line, or with the process: nothing else ends a read of a terminal
			defer close(pressed)
			_, _ = in.ReadString('\n')
		}()
		select {
		case <-pressed:
		case <-cmd.Context().Done():
		}
	}
}

// shownLine is a line of the contract as --replay shows it. The middle of a very long one is left out.
func shownLine(sent bool, line []byte) string {
	const most = 4000
	arrow := "testee> "
	if sent {
		arrow = "judge > "
	}
	if len(line) <= most {
		return arrow + string(line)
	}
	return fmt.Sprintf("%s%s ... (%d bytes left out) ... %s", arrow, line[:most/2], len(line)-most, line[len(line)-most/2:])
}

// tellReplay shows the one case of --replay: what it proves, the bytes both ways, the verdict. It gives the exit code.
func tellReplay(out io.Writer, r *conformance.Report) error {
	var err error
	for _, result := range r.Results {
		fmt.Fprintf(out, "%s  %s  %s\n  proves: %s\n", result.Case, result.Level, strings.Join(result.Requirements, " "), result.Title)
		err = errors.Join(err, report.Trace(out, result))
		switch {
		case result.Verdict.Bad():
			_, e := fmt.Fprint(out, report.Failure(result))
			err = errors.Join(err, e)
		case result.Detail != "":
			fmt.Fprintf(out, "  %s: %s\n", result.Verdict, result.Detail)
		}
		fmt.Fprintf(out, "verdict: %s, after %v\n", result.Verdict, result.Duration.Round(time.Microsecond))
	}
	switch {
	case err != nil:
		return wrapHarness(err)
	case nonconforming(r):
		return errFailed
	case r.HarnessFaults() > 0:
		return &exitError{code: ExitHarness}
	}
	return judgedNothing(r)
}
