package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/profiles"
)

// flags are the flags of the command.
type flags struct {
	config Config

	calls    int
	clients  []int
	modes    []string
	systems  []string
	rounds   int
	workload string
	rate     float64
	warm     int
	sleepers int
	rest     time.Duration
	options  harness.Options

	quick, list, rivals, noConform bool
	bars                           string
	from, profile, out, server     string
	json                           bool
	cpuProfile, memProfile         string

	changed func(name string) bool
}

// allBars is what --bars without a list stands for.
const allBars = "all"

func (f *flags) define(fl *pflag.FlagSet) {
	fl.IntVar(&f.calls, "n", 1_000_000, "calls of each cell, in all")
	fl.IntSliceVar(&f.clients, "clients", []int{100, 500, 1000, 2000, 5000}, "numbers of concurrent clients")
	fl.StringSliceVar(&f.modes, "mode", []string{"conn"}, "conn, shared1, shared8, sharedK")
	fl.StringSliceVar(&f.systems, "systems", nil, "names or kinds (default: the peer, the socket and the floor of the mode; with --rivals, those too)")
	fl.IntVar(&f.rounds, "rounds", 3, "how often each cell runs; systems take turns")
	fl.StringVar(&f.workload, "workload", "closed", "closed, open, push, idle or mixed")
	fl.Float64Var(&f.rate, "rate", 0, "calls a second of an open loop, over all clients; makes the workload open")
	fl.IntVar(&f.warm, "warm", 5, "calls of each client before those that count")
	fl.IntVar(&f.sleepers, "sleepers", 1000, "slow clients of the mixed workload")
	fl.DurationVar(&f.rest, "rest", 3*time.Second, "how long idle connections rest before memory is read")
	fl.IntVar(&f.options.Size, "size", 0, "body bytes, with --codec bytes or plain (default: the message of 581 bytes)")
	fl.StringVar(&f.options.Codec, "codec", "", "protobuf, json, plain or bytes (default protobuf)")
	fl.StringVar(&f.options.Pipe, "pipe", "", "transfer filters by id, as g or gc; ours only")
	fl.StringVar(&f.options.Proto, "proto", "", "fast, json or pb (default fast); ours only")
	fl.StringVar(&f.options.Handler, "handler", "", "echo, compute:50us, sleep:1ms, mixed:1ms, callback or push (default echo)")
	fl.StringVar(&f.options.Route, "route", "", "inline or blocking: how ours runs its handlers (default: as they prove to be)")
	fl.BoolVar(&f.quick, "quick", false, "small counts: is it all still working? half a minute")
	fl.BoolVar(&f.list, "list", false, "list the systems and end")
	fl.BoolVar(&f.rivals, "rivals", false, "build the other frameworks of perf/rivals, and measure them too")
	fl.BoolVar(&f.noConform, "no-conform", false, "do not ask the conformance suite about our Protos")
	fl.StringVar(&f.bars, "bars", "", "measure the project's bars, all or those of a list; calls and rounds by --n and --rounds (120,000 and 5)")
	fl.Lookup("bars").NoOptDefVal = allBars
	fl.StringVar(&f.from, "from", "", "with --bars: compute them from this report.json, and measure nothing")
	fl.StringVar(&f.profile, "profile", "", "the setup that the run is to be called by: "+strings.Join(profiles.Names(), ", ")+"; differences are named")
	fl.StringVar(&f.out, "out", "perf-out", "the directory for the results")
	fl.StringVar(&f.server, "server", "", "run servers on another host, at the address of its 'serve'")
	fl.BoolVar(&f.json, "json", false, "write the report to standard output as JSON, in place of Markdown")
	fl.StringVar(&f.cpuProfile, "cpuprofile", "", "profile the server, the client or both of each run; into --out")
	fl.StringVar(&f.memProfile, "memprofile", "", "the same for allocations")
	f.changed = fl.Changed
}

// complete fills in what depends on other flags, and refuses what contradicts itself.
func (f *flags) complete() error {
	if f.rate != 0 && !f.changed("workload") {
		f.workload = string(harness.Open)
	}
	f.defaults()
	switch {
	case f.calls < 1 || f.rounds < 1 || f.warm < 0 || f.rest < 0 || f.rate < 0:
		return usagef("--n %d, --rounds %d, --warm %d, --rest %v, --rate %g: expected positive numbers", f.calls, f.rounds, f.warm, f.rest, f.rate)
	case len(f.clients) == 0 || len(f.modes) == 0:
		return usagef("--clients, --mode: expected at least one")
	case f.workload == "open" && f.rate == 0:
		return usagef("--workload open: it needs a --rate, in calls a second")
	case f.workload != "open" && f.rate != 0:
		return usagef("--rate: it belongs to --workload open, not %s", f.workload)
	case f.workload == "mixed" && f.sleepers < 1:
		return usagef("--sleepers %d: the mixed workload needs some", f.sleepers)
	case f.from != "" && f.bars == "":
		return usagef("--from: it belongs to --bars")
	case f.quick && f.bars != "":
		return usagef("--quick contradicts --bars: use --bars --n 5000 --rounds 1 to try them out")
	}
	for _, n := range f.clients {
		if n < 1 {
			return usagef("--clients %d: expected positive numbers", n)
		}
	}
	for _, m := range f.modes {
		if _, err := harness.Mode(m).Connections(1); err != nil {
			return usagef("--mode: %w", err)
		}
	}
	switch harness.Workload(f.workload) {
	case harness.Closed, harness.Open, harness.Push, harness.Idle, harness.Mixed:
	default:
		return usagef("--workload %q: expected closed, open, push, idle or mixed", f.workload)
	}
	if h, err := harness.ParseHandler(f.options.Handler); err != nil {
		return usagef("--handler: %w", err)
	} else if (f.workload == "mixed") != (h.Name == "mixed") {
		return usagef("--handler %s with --workload %s: mixed:DURATION and mixed belong together", h.Name, f.workload)
	}
	for name, who := range map[string]string{"cpuprofile": f.cpuProfile, "memprofile": f.memProfile} {
		switch who {
		case "", "server", "client", "both":
		default:
			return usagef("--%s %q: expected server, client or both", name, who)
		}
	}
	if f.profile != "" {
		if _, err := profiles.Get(f.profile); err != nil {
			return usagef("--profile: %w", err)
		}
	}
	return nil
}

// defaults of flags that were not given, where another flag wants others.
func (f *flags) defaults() {
	set := func(name string, to func()) {
		if !f.changed(name) {
			to()
		}
	}
	if f.workload == "idle" {
		set("clients", func() { f.clients = []int{10000} })
		set("warm", func() { f.warm = 0 })
	}
	if f.workload == "mixed" {
		set("clients", func() { f.clients = []int{8} })
		set("mode", func() { f.modes = []string{"shared1"} })
		set("n", func() { f.calls = 20_000 })
		set("handler", func() { f.options.Handler = "mixed:1ms" })
	}
	if f.quick {
		set("n", func() { f.calls = 10_000 })
		set("rounds", func() { f.rounds = 2 })
		set("clients", func() { f.clients = []int{100, 500} })
		set("rest", func() { f.rest = time.Second })
	}
	if f.bars != "" {
		set("n", func() { f.calls = 120_000 })
		set("rounds", func() { f.rounds = 5 })
	}
}

// cells gives what is to be measured, of these systems. skipped says which of them cannot, and why.
func (f *flags) cells(systems []harness.SystemInfo) (cells []harness.Cell, skipped []string) {
	seen := map[string]bool{}
	skip := func(s, why string) {
		if line := fmt.Sprintf("%s: %s", s, why); !seen[line] {
			seen[line] = true
			skipped = append(skipped, line)
		}
	}
	for _, m := range f.modes {
		for _, n := range f.clients {
			k, _ := harness.Mode(m).Connections(n)
			for _, s := range systems {
				switch {
				case s.Lacks != "":
					skip(s.Name, s.Lacks)
					continue
				case k < n && !s.Shares:
					skip(s.Name, "its connections serve one caller each, so not in mode "+m)
					continue
				}
				c := harness.Cell{
					System: s.Name, Workload: harness.Workload(f.workload), Mode: harness.Mode(m), Clients: n,
					Calls: f.calls, Warm: f.warm, Rate: f.rate, Options: f.options,
				}
				switch c.Workload {
				case harness.Mixed:
					c.Sleepers = f.sleepers
				case harness.Idle:
					c.Rest, c.Calls = f.rest, 0
				}
				cells = append(cells, c)
			}
		}
	}
	return cells, skipped
}
