package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/fuzz/attack"
)

// attack runs the campaigns one after the other and tells what came of them.
func (f *fuzzFlags) attack(cmd *cobra.Command, campaigns []campaign, dictionary [][]byte) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%d targets, seed %d, %d workers; interrupt to end early\n", len(campaigns), f.seed, f.workers)
	var rows []fuzzRow
	crashers, judged := 0, true
	for i, c := range campaigns {
		if i > 0 && cmd.Context().Err() != nil {
			break
		}
		row, err := f.one(cmd, c, dictionary, f.time/time.Duration(len(campaigns)))
		rows = append(rows, row)
		crashers += len(row.result.Crashers)
		if err != nil {
			tellFuzz(out, rows)
			return harnessf("attacking %s: %w", c.name, err)
		}
		judged = judged && row.judged
		if row.result.Hung {
			fmt.Fprintf(out, "%s: an input hangs: fuzz ends here, for its goroutine cannot be stopped\n", c.name)
			break
		}
	}
	tellFuzz(out, rows)
	switch {
	case crashers > 0:
		return errFailed
	case !judged:
		return failf("nothing was judged: the testee declares or does nothing of what the inputs need")
	}
	return nil
}

// fuzzRow is a line of the table at the end.
type fuzzRow struct {
	name     string
	result   *attack.Result
	restarts int
	judged   bool
}

// one attacks one target.
func (f *fuzzFlags) one(cmd *cobra.Command, c campaign, dictionary [][]byte, time time.Duration) (fuzzRow, error) {
	row := fuzzRow{name: c.name, judged: true, result: &attack.Result{}}
	seeds, err := c.seeds()
	if err != nil {
		return row, err
	}
	out := cmd.OutOrStdout()
	var subjects []attack.Subject
	open := func() (attack.Subject, error) {
		s, err := c.open()
		if err == nil {
			subjects = append(subjects, s)
		}
		return s, err
	}
	o := attack.Options{Open: open, Seeds: seeds, Dictionary: dictionary, Seed: f.seed, Workers: f.workers, Time: time, Tries: f.tries,
		Hang: -1, Stop: f.stop, Every: f.interval,
		Tick: func(s attack.Stats) { fmt.Fprintln(out, figures(c.name, s)) },
		Found: func(crasher attack.Crasher) {
			if err := f.tellCrasher(out, c, crasher); err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), "teleport:", err)
			}
		}}
	var current *currentInputs
	if c.watched {
		o.Hang = f.hang
		if current, err = newCurrentInputs(filepath.Join(f.out, c.name), f.workers); err != nil {
			return row, err
		}
		o.Trying = current.write
	} else {
		o.Minimise = 200 // each try may start a process
	}
	row.result, err = attack.Run(cmd.Context(), o)
	if !row.result.Hung {
		current.close()
	}
	for _, s := range subjects {
		if x, ok := s.(*attack.Exec); ok {
			row.restarts += x.Restarts()
			row.judged = row.judged && x.Judged() > 0
		}
	}
	return row, err
}

// tokens reads the dictionary.
func (f *fuzzFlags) tokens() ([][]byte, error) {
	if f.dictionary == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(f.dictionary)
	if err != nil {
		return nil, usagef("--dict: %w", err)
	}
	tokens, err := attack.ParseDictionary(raw)
	if err != nil {
		return nil, usagef("--dict %s: %w", f.dictionary, err)
	}
	return tokens, nil
}

// figures is the line of progress.
func figures(name string, s attack.Stats) string {
	return fmt.Sprintf("%s: %s, %d execs (%.0f/s), %d new, %d crashers", name, s.Elapsed.Round(100*time.Millisecond), s.Execs, s.PerSecond, s.New, s.Crashers)
}

// tellCrasher writes a crasher to its file and says what it is and how to run it again.
func (f *fuzzFlags) tellCrasher(out io.Writer, c campaign, crasher attack.Crasher) error {
	path, err := attack.WriteCorpusFile(filepath.Join(f.out, c.name), crasher.Data, false)
	if err != nil {
		return harnessf("writing a crasher of %s: %w", c.name, err)
	}
	kind := string(crasher.Fault.Kind)
	if crasher.Flaky {
		kind += ", but not when it was run again"
	}
	fmt.Fprintf(out, "CRASHER in %s: %s\n%s\n  %d bytes (%d when it was found): %s\n  replay: teleport fuzz %s --replay %s\n", crasher.Target, kind,
		indented(crasher.Fault.Detail), len(crasher.Data), crasher.Found, shortHex(crasher.Data), c.again, quotedPath(path))
	return nil
}

// indented sets the first lines of a detail apart.
func indented(s string) string {
	const most = 24
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("(%d more lines: replay shows all)", len(lines)-most))
	}
	return "  " + strings.Join(lines, "\n  ")
}

func shortHex(b []byte) string {
	const most = 64
	if len(b) > most {
		return fmt.Sprintf("%x...", b[:most])
	}
	return fmt.Sprintf("%x", b)
}

func quotedPath(path string) string {
	if strings.ContainsAny(path, " '\"\\$*?&;|<>()`") {
		return quoted(path)
	}
	return path
}

// tellFuzz prints the table at the end.
func tellFuzz(out io.Writer, rows []fuzzRow) {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "target\ttime\texecs\texecs/s\tnew inputs\tcrashers\trestarts\t")
	for _, r := range rows {
		s := r.result.Stats
		fmt.Fprintf(tw, "%s\t%s\t%d\t%.0f\t%d\t%d\t%d\t\n", r.name, s.Elapsed.Round(100*time.Millisecond), s.Execs, s.PerSecond, s.New, len(r.result.Crashers), r.restarts)
	}
	tw.Flush()
}

// replayed runs one input and shows the verdict in full.
func (f *fuzzFlags) replayed(cmd *cobra.Command, c campaign, data []byte) error {
	o := attack.Options{Open: c.open, Seeds: [][]byte{data}, MaxInput: max(len(data), 1), Tries: 1, Hang: -1, Minimise: -1, Stop: 1}
	if c.watched {
		o.Hang = f.hang
	}
	r, err := attack.Run(cmd.Context(), o)
	if err != nil {
		return harnessf("attacking %s: %w", c.name, err)
	}
	out := cmd.OutOrStdout()
	if len(r.Crashers) == 0 {
		fmt.Fprintf(out, "%s: %d bytes: nothing wrong\n", c.name, len(data))
		return nil
	}
	crasher := r.Crashers[0]
	fmt.Fprintf(out, "%s: %d bytes: %s\n%s\n", crasher.Target, len(data), crasher.Fault.Kind, crasher.Fault.Detail)
	return errFailed
}
