package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// fuzzFlags are the flags of fuzz.
type fuzzFlags struct {
	targets     []string
	exec, proto string
	time, hang  time.Duration
	tries       int64
	seed        uint64
	workers     int
	stop        int
	out, replay string
	dictionary  string
	interval    time.Duration
}

func newFuzz() *cobra.Command {
	var f fuzzFlags
	c := &cobra.Command{
		Use:   "fuzz",
		Short: "attack the decoders, or a testee in any language, with inputs of which the oracle knows the verdict",
		Long: `fuzz changes the golden vectors, and packets that it makes, with an eye for their structure: lengths that lie,
fields twice or not at all, pipes in pipes, truncation, splices, tokens of a dictionary. It runs them against the
targets of package fuzz (teleport fuzz list), in turn, or with --exec against a testee: a program around a decoder in
any language (conformance/testee/README.md). There the oracle says of each stream which packets are on it and which
class and stage of fault ends it, and the testee has to say the same; a crash, silence and garbage are findings, after
which another process is started.

An input is new when the oracle's verdict, class, stage or shape of the packets is. fuzz sees no coverage: where the
coverage of Go code is to lead, use: go test -run '^$' -fuzz '^FuzzDecodeFast$' -fuzztime 1m ./fuzz

Every crasher is tried again, made smaller, and written to a file of its own in the form of a Go fuzz corpus, with a
line that replays it. With one worker the same --seed tries the same inputs in the same order. --workers above 1 lets
inputs run side by side; a finding is confirmed alone. A panic is caught; what ends the whole process (a stack that
overflows, memory that runs out) ends fuzz, and leaves its input in the folder of --out under the name current-0 (or the
number of another worker).

Exit codes: 0 no crasher, 1 crashers, 2 wrong usage, 3 the testee could not be started (with go run, each but 0 is 1).`,
		Example: `  teleport fuzz --time 60s
  teleport fuzz --target DecodeFast --target XferPipe --time 10m
  teleport fuzz --exec 'python3 conformance/testee/python/testee.py' --time 60s
  teleport fuzz --target DecodeFast --replay teleport-fuzz-crashers/DecodeFast/0123456789abcdef
  teleport fuzz list
  teleport fuzz seeds --write`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	fl := c.Flags()
	fl.StringArrayVar(&f.targets, "target", nil, "attack this `TARGET` of teleport fuzz list alone; may be given again")
	fl.StringVar(&f.exec, "exec", "", "attack the testee that this `COMMAND` starts")
	fl.StringVar(&f.proto, "proto", "", "with --exec: the Proto to attack: "+protoNames()+" (default: the first that the testee declares)")
	fl.DurationVar(&f.time, "time", 60*time.Second, "how long, over all targets; 0: until interrupted")
	fl.Int64Var(&f.tries, "tries", 0, "end after so many inputs a target, if the time is not over before; 0: no such end")
	fl.Uint64Var(&f.seed, "seed", 1, "of the random changes")
	fl.IntVar(&f.workers, "workers", 1, "how many inputs run side by side; with --exec, how many processes")
	fl.DurationVar(&f.hang, "hang", attack.DefaultHang, "how long an input may take")
	fl.IntVar(&f.stop, "stop", attack.DefaultStop, "end a target after so many different crashers")
	fl.StringVar(&f.out, "out", "teleport-fuzz-crashers", "write crashers into this `DIR`ectory")
	fl.StringVar(&f.replay, "replay", "", "run this `FILE` alone, a crasher or raw bytes, with one --target or --exec")
	fl.StringVar(&f.dictionary, "dict", "", "put the tokens of this dictionary `FILE` in, in the form of libFuzzer")
	fl.DurationVar(&f.interval, "progress", 3*time.Second, "how often to print a line of figures")
	c.AddCommand(newFuzzList(), newFuzzSeeds())
	return c
}

// check refuses flags that contradict each other.
func (f *fuzzFlags) check() error {
	switch {
	case f.exec == "" && f.proto != "":
		return usagef("--proto: it belongs to --exec; without it, name a --target")
	case f.exec != "" && len(f.targets) > 0:
		return usagef("--target contradicts --exec: a testee is attacked by Proto, see --proto")
	case f.time < 0 || f.tries < 0 || f.hang <= 0 || f.interval <= 0:
		return usagef("--time %v, --tries %d, --hang %v, --progress %v: expected no negative numbers, and a positive --hang and --progress", f.time, f.tries, f.hang, f.interval)
	case f.workers < 1 || f.workers > 256:
		return usagef("--workers %d: expected 1 to 256", f.workers)
	case f.stop < 1:
		return usagef("--stop %d: expected at least 1", f.stop)
	case f.replay != "" && f.exec == "" && len(f.targets) != 1:
		return usagef("--replay: name the one --target, or the testee with --exec")
	}
	return nil
}

func (f *fuzzFlags) run(cmd *cobra.Command) error {
	if err := f.check(); err != nil {
		return err
	}
	dictionary, err := f.tokens()
	if err != nil {
		return err
	}
	var input []byte
	if f.replay != "" {
		if input, err = attack.ReadCorpusFile(f.replay); err != nil {
			return usagef("--replay: %w", err)
		}
	}
	campaigns, err := f.campaigns(cmd) // the last that can go wrong: it starts a testee
	if err != nil {
		return err
	}
	if f.replay != "" {
		return f.replayed(cmd, campaigns[0], input)
	}
	return f.attack(cmd, campaigns, dictionary)
}

// campaign is the attack on one target.
type campaign struct {
	name  string // of the folder for crashers
	again string // the flags that name the target, for the replay line
	open  func() (attack.Subject, error)
	seeds func() ([][]byte, error)
	// watched is false where the subject has a time limit of its own.
	watched bool
}

func (f *fuzzFlags) campaigns(cmd *cobra.Command) ([]campaign, error) {
	if f.exec != "" {
		c, err := f.execCampaign(cmd)
		return []campaign{c}, err
	}
	var out []campaign
	targets, err := fuzzTargets(f.targets)
	for _, t := range targets {
		out = append(out, builtinCampaign(t))
	}
	return out, err
}

func builtinCampaign(t fuzz.Target) campaign {
	return campaign{name: t.Name, again: "--target " + t.Name, watched: true,
		open:  func() (attack.Subject, error) { return attack.Builtin(t), nil },
		seeds: func() ([][]byte, error) { return t.Seeds(), nil }}
}

func (f *fuzzFlags) execCampaign(cmd *cobra.Command) (campaign, error) {
	command, err := testee.Split(f.exec)
	if err != nil {
		return campaign{}, usagef("--exec %q: %w", f.exec, err)
	}
	if f.proto != "" {
		if _, err := protoByName(f.proto); err != nil {
			return campaign{}, err
		}
	}
	open := func() (*attack.Exec, error) {
		return attack.OpenExec(cmd.Context(), testee.Options{Command: command, Silence: f.hang}, f.proto)
	}
	first, err := open() // says which Proto, and whether the testee starts at all
	if err != nil {
		return campaign{}, startErr(err)
	}
	proto := first.Proto()
	c := campaign{name: "exec-" + proto, again: "--exec " + quoted(f.exec) + " --proto " + proto,
		open: func() (attack.Subject, error) {
			if s := first; s != nil {
				first = nil
				return s, nil
			}
			return open()
		},
		seeds: func() ([][]byte, error) { return attack.StreamSeeds(proto) }}
	return c, nil
}

func startErr(err error) error {
	if _, ok := errors.AsType[*testee.StartError](err); ok {
		return harnessf("%w", err)
	}
	return usagef("%w", err)
}

// quoted writes a word for a shell.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func fuzzNames() []string {
	var out []string
	for _, t := range fuzz.Targets() {
		out = append(out, t.Name)
	}
	return out
}

func newFuzzList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the targets: name, number of seeds, what is attacked and held against what",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, t := range fuzz.Targets() {
				fmt.Fprintf(cmd.OutOrStdout(), "%s\t%d\t%s\n", t.Name, len(t.Seeds()), t.About)
			}
			return nil
		},
	}
}
