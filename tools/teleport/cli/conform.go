package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/report"
	tp "github.com/henrylee2cn/teleport/reference"
)

// conformFlags are the flags of conform.
type conformFlags struct {
	proto         string
	only, without []string
	timeout       time.Duration
	long          bool
	reportFlags
	listFlags
	network networkFlags
	exec    execFlags
	export  string // the folder of --export-seeds
}

func newConform() *cobra.Command {
	var f conformFlags
	c := &cobra.Command{
		Use:   "conform",
		Short: "run the conformance suite",
		Long: `conform judges the reference on embedded defaults: the Proto battery and the packets recorded
from the original against the fast/1 encoder and decoder, the golden vectors against the Proto that each is for
(with --proto, that Proto and its vectors alone), and the peer battery, which talks raw
bytes over TCP to a live peer that it starts on loopback. With --server or --listen the peer battery judges
a peer of yours instead, one that listens or one that dials (chapter 19 of the standard says what it offers;
--without service judges any peer by raw bytes). It prints a summary by chapter of the standard, and
for each failure the sentence that is broken and an annotated difference.

Exit codes: 0 conforms, 1 does not, 2 wrong usage, 3 the judge itself failed (with go run, each but 0 is 1).`,
		Example: `  teleport conform
  teleport conform --only 'peer/*' --json report.json
  teleport conform --html report.html --junit report.xml --known-failing known.txt
  teleport conform report report.json --markdown -
  teleport conform diff before.json after.json --html diff.html
  teleport conform --server 127.0.0.1:9090
  teleport conform --listen unix:/run/suite.sock --connect-timeout 30s
  teleport conform list`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	c.Flags().StringVar(&f.proto, "proto", "fast", "the Proto to judge: "+protoNames())
	c.Flags().StringArrayVar(&f.only, "only", nil, "run the cases that match: an id, a glob with *, a chapter or a requirement id; may be given again")
	c.Flags().StringSliceVar(&f.without, "without", nil, "skip the cases that need one of these features")
	c.Flags().DurationVar(&f.timeout, "timeout", 0, "the time limit of one case (default 20s, more for the heavy ones)")
	c.Flags().BoolVar(&f.long, "long", os.Getenv("TELEPORT_LONG") == "1", "full counts in the heavy cases (also TELEPORT_LONG=1)")
	f.addReport(c)
	f.addNetwork(c)
	f.addLists(c)
	f.addExec(c)
	addExport(c, &f.export)
	c.AddCommand(newConformList(), newConformReport(), newConformDiff())
	c.AddCommand(newConformTestee())
	c.AddCommand(newConformMutants())
	return c
}

func (f *conformFlags) run(cmd *cobra.Command) error {
	if ran, err := f.ranExec(cmd); ran {
		return err
	}
	if ran, err := f.ranNetwork(cmd); ran {
		return err
	}
	pf, err := protoByName(f.proto)
	if err != nil {
		return err
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
	f.part = cmd.Flags().Changed("proto")
	r := &conformance.Report{Target: "the reference: Proto " + f.proto + ", its vectors and recordings, and a live peer over TCP"}
	wire, err := f.wire()
	if err != nil {
		return err
	}
	if f.matches("proto/", "interop/") || len(wire[f.proto]) > 0 {
		merge(r, conformance.CheckProto(cmd.Context(), pf, opts...))
	}
	if !cmd.Flags().Changed("proto") {
		delete(wire, f.proto)
		if err := f.otherVectors(cmd.Context(), wire, progress, r); err != nil {
			return err
		}
	}
	if f.matches("peer/") {
		err := withPeer(cmd.Context(), func(dial func(context.Context) (net.Conn, error)) {
			merge(r, conformance.CheckPeer(cmd.Context(), dial, opts...))
		})
		if err != nil {
			return err
		}
	}
	progress.done()
	r.Sort()
	return f.tell(cmd.OutOrStdout(), r, time.Since(start))
}

// tell holds the lists against the run, writes the report where the flags want it, and gives the exit code.
func (f *conformFlags) tell(out io.Writer, r *conformance.Report, took time.Duration) error {
	if err := f.judge(r); err != nil {
		return err
	}
	if r.Started.IsZero() {
		r.Started = time.Now().Add(-took)
	}
	r.Duration, r.Traced = took, f.trace
	for _, name := range f.without {
		if feature := conformance.Feature(name); !slices.Contains(r.Without, feature) {
			r.Without = append(r.Without, feature)
		}
	}
	d := report.New(r)
	if err := f.write(out, d); err != nil {
		return err
	}
	if err := f.exportSeeds(out, r); err != nil {
		return err
	}
	if f.exec.replay != "" && !f.stdout() {
		return tellReplay(out, r)
	}
	if err := f.writeList(out, r); err != nil {
		return err
	}
	if !f.stdout() && f.writeKnown != "-" {
		if err := d.Text(out); err != nil {
			return harnessf("writing: %w", err)
		}
		fmt.Fprintf(out, "%d cases in %.1f s\n", len(r.Results), took.Seconds())
	}
	switch {
	case nonconforming(r) || len(r.StaleEntries()) > 0: // also where some cases are undecided: what is found is found
		return errFailed
	case r.HarnessFaults() > 0:
		return &exitError{code: ExitHarness}
	}
	return judgedNothing(r)
}

// judgedNothing is an error where every case was skipped: such a run says nothing about the target.
func judgedNothing(r *conformance.Report) error {
	if r.Judged() {
		return nil
	}
	return failf("nothing was judged: every case was skipped, for the target declares or does nothing of what they need")
}

// nonconforming reports whether a MUST case found the target at fault.
func nonconforming(r *conformance.Report) bool {
	return slices.ContainsFunc(r.Failures(), func(f conformance.Result) bool {
		return f.Level == conformance.MUST && f.Verdict != conformance.HarnessError
	})
}

func wrapHarness(err error) error {
	if err == nil {
		return nil
	}
	return harnessf("writing the report: %w", err)
}

func (f *conformFlags) options(progress *progress) ([]conformance.Option, error) {
	opts := []conformance.Option{conformance.OnResult(progress.result), conformance.WithLong(f.long)}
	lists, err := f.lists()
	if err != nil {
		return nil, err
	}
	opts = append(opts, lists...)
	if f.timeout > 0 {
		opts = append(opts, conformance.WithTimeout(f.timeout))
	}
	for _, pattern := range f.only {
		opts = append(opts, conformance.Only(pattern))
	}
	if f.timeout < 0 {
		return nil, usagef("--timeout %v: expected no negative time", f.timeout)
	}
	known := map[conformance.Feature]bool{}
	var names []string
	for _, feature := range conformance.Features() {
		known[feature] = true
		names = append(names, string(feature))
	}
	for _, name := range f.without {
		if !known[conformance.Feature(name)] {
			return nil, usagef("--without %s: expected some of %s", name, strings.Join(names, ", "))
		}
		opts = append(opts, conformance.Without(conformance.Feature(name)))
	}
	return opts, nil
}

// selected are the cases that --only picks.
func (f *conformFlags) selected() []conformance.Case { return conformance.Select(f.only...) }

func (f *conformFlags) count() int { return len(f.selected()) }

// matches reports whether --only picks a case of one of these batteries.
func (f *conformFlags) matches(prefixes ...string) bool {
	for _, c := range f.selected() {
		for _, prefix := range prefixes {
			if strings.HasPrefix(c.ID, prefix) {
				return true
			}
		}
	}
	return false
}

func merge(into, from *conformance.Report) {
	into.Results = append(into.Results, from.Results...)
	into.Abandoned += from.Abandoned
}

// withPeer serves the conformance service on loopback while do runs.
func withPeer(ctx context.Context, do func(dial func(context.Context) (net.Conn, error))) error {
	tp.SetRawlogLevel("OFF")
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready := make(chan net.Addr, 1)
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, "tcp", "127.0.0.1:0", func(a net.Addr) { ready <- a }) }() // ends with ctx
	select {
	case err := <-ended:
		return err
	case addr := <-ready:
		do(func(ctx context.Context) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, addr.Network(), addr.String())
		})
	}
	stop()
	return <-ended
}

func newConformList() *cobra.Command {
	var f conformFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "list the cases: id, level, requirement ids, what the case proves",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cases := f.selected()
			if len(cases) == 0 {
				return usagef("no case matches --only %q", f.only)
			}
			for _, c := range cases {
				fmt.Fprintf(cmd.OutOrStdout(), "%s\t%s\t%s\t%s\n", c.ID, c.Level, strings.Join(c.Requirements, ","), c.Title)
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&f.only, "only", nil, "list the cases that match: an id, a glob with *, a chapter or a requirement id; may be given again")
	return c
}

// progress is the live line on a terminal; elsewhere it writes nothing.
type progress struct {
	w           io.Writer
	live        bool
	total, seen int
	bad         int
	last        time.Time
}

func newProgress(w io.Writer, total int) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, live: ok && term.IsTerminal(int(f.Fd())), total: total}
}

func (p *progress) result(r conformance.Result) {
	p.seen++
	if r.Counts() {
		p.bad++
	}
	if !p.live || time.Since(p.last) < 50*time.Millisecond && p.seen < p.total {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "\r\x1b[K%d/%d cases, %d not passed: %s", p.seen, p.total, p.bad, r.Case)
}

func (p *progress) done() {
	if p.live {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
