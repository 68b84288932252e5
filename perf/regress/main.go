// Command regress says whether one commit is slower than another; see help below.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

const help = `Command regress says whether one commit is slower than another.

    go run ./perf/regress [flags] OLD [NEW]

OLD and NEW are commits (names, tags, ids), or . for the working tree as it is, which NEW is when it is left out: each is
checked out into a temporary worktree, its ./perf is built, and both programs run the same short workload in turns,
old new old new. Or both are results: files report.json or report.json.gz, or folders that hold one.

For each row the medians of all rounds are compared, with their 95% confidence intervals and the Mann-Whitney U test, as
benchstat does: ~ stands where the difference may be chance (p > 0.05). Rows of floors and rivals are controls: they
show how far the machine itself drifted. Intervals need 6 rounds, significance 4.

    go run ./perf/regress main                           # the working tree against main
    go run ./perf/regress v4.0.0 v4.1.0 --rounds 10
    go run ./perf/regress old/report.json new/report.json
    go run ./perf/regress main --fail-over 10%           # for CI

Exit codes: 0 all well; 1 with --fail-over, when a row of ours is significantly worse by more than that, or not valid any
more; 2 wrong usage; 3 when something could not be built or measured (go run turns each but 0 into 1).

Flags:
`

// options are the command line, understood.
type options struct {
	old, new string
	rounds   int
	workload []string
	metrics  []metric
	failOver float64 // a share; less than 0: never
	failOn   []metric
}

var (
	errUsage  = errors.New("wrong usage")
	errSlower = errors.New("slower")
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

func exitCode(err error, stderr io.Writer) int {
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errSlower):
		return 1
	}
	fmt.Fprintln(stderr, "regress:", err)
	if errors.Is(err, errUsage) {
		return 2
	}
	return 3
}

// parse reads the command line; flags may stand before and after the arguments.
func parse(args []string, stderr io.Writer) (o options, err error) {
	flags := flag.NewFlagSet("regress", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.IntVar(&o.rounds, "rounds", 6, "how often each side is measured")
	workload := flags.String("workload", shortWorkload, "the `flags` of go run ./perf that say what is measured")
	figures := flags.String("metrics", "tps,p50,p99,cpu,allocs", "the `figures` to compare: some of tps,p50,p99,cpu,allocs,bytes,rss")
	failOver := flags.String("fail-over", "", "exit with 1 when ours is significantly worse by more than this `percentage`")
	failOn := flags.String("fail-on", "tps,p50", "the `figures` that --fail-over looks at")
	var names []string
	for rest := args; len(rest) > 0; rest = flags.Args()[1:] {
		if err := flags.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				fmt.Fprint(stderr, help)
				flags.SetOutput(stderr)
				flags.PrintDefaults()
				return o, err
			}
			return o, fmt.Errorf("%w: %w (see --help)", errUsage, err)
		}
		if flags.NArg() == 0 {
			break
		}
		names = append(names, flags.Arg(0))
	}
	switch len(names) {
	case 1:
		o.old, o.new = names[0], workingTree
	case 2:
		o.old, o.new = names[0], names[1]
	default:
		return o, fmt.Errorf("%w: expected two commits or two results, as `go run ./perf/regress main` or `... old.json new.json` (see --help)", errUsage)
	}
	if o.rounds < 1 {
		return o, fmt.Errorf("%w: --rounds %d: expected 1 or more, better 6", errUsage, o.rounds)
	}
	o.workload = strings.Fields(*workload)
	if o.metrics, err = parseMetrics("--metrics", *figures); err != nil {
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	if o.failOn, err = parseMetrics("--fail-on", *failOn); err != nil {
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	o.failOver, err = percentage(*failOver)
	return o, err
}

// percentage reads 10% or 10 as 0.1; nothing is -1.
func percentage(s string) (float64, error) {
	if s == "" {
		return -1, nil
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || !(v >= 0) {
		return 0, fmt.Errorf("%w: --fail-over %q: expected a percentage, as 10%%", errUsage, s)
	}
	return v / 100, nil
}
