package cli

import (
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// listFlags are the lists of known failures and flaky cases.
type listFlags struct {
	known, flaky, writeKnown string
	part                     bool // the run is restricted by more than --only and --without

	knownList *conformance.Known
	flakyList *conformance.Flaky
	read      bool
}

func (f *conformFlags) addLists(c *cobra.Command) {
	c.Flags().StringVar(&f.known, "known-failing", "", "a file of known failures: lines of a case id and a part of its detail; a stale line fails the run")
	c.Flags().StringVar(&f.writeKnown, "write-known-failing", "", "write that file from what fails in this run, - for standard output")
	c.Flags().StringVar(&f.flaky, "flaky", "", "a file of case ids that are run up to three times while they fail or hang")
}

// lists reads the files, once, and gives the options of a run.
func (f *conformFlags) lists() ([]conformance.Option, error) {
	if err := f.readLists(); err != nil {
		return nil, err
	}
	opts := []conformance.Option{conformance.WithFlaky(f.flakyList)}
	if f.trace {
		opts = append(opts, conformance.WithTrace())
	}
	return opts, nil
}

func (f *conformFlags) readLists() (err error) {
	if f.read {
		return nil
	}
	if err := f.checkForms(); err != nil {
		return err
	}
	if f.writeKnown == "-" && f.stdout() {
		return usagef("--write-known-failing and a report both want standard output: give a file to one")
	}
	if err := checkFolder("--write-known-failing", f.writeKnown); err != nil {
		return err
	}
	if f.knownList, err = readList("--known-failing", f.known, conformance.ParseKnown); err != nil {
		return err
	}
	if f.flakyList, err = readList("--flaky", f.flaky, conformance.ParseFlaky); err != nil {
		return err
	}
	if err := runner.Conflict(f.knownList, f.flakyList); err != nil {
		return usagef("%w", err)
	}
	f.read = true
	return nil
}

func readList[T any](flag, file string, parse func(io.Reader) (*T, error)) (*T, error) {
	if file == "" {
		return nil, nil
	}
	r, err := os.Open(file)
	if err != nil {
		return nil, usagef("%s: %w", flag, err)
	}
	defer r.Close()
	list, err := parse(r)
	if err != nil {
		return nil, usagef("%s %s: %w", flag, file, err)
	}
	return list, nil
}

// judge holds the lists against the whole run, which may have been made of several checks.
func (f *conformFlags) judge(r *conformance.Report) error {
	if err := f.readLists(); err != nil {
		return err
	}
	r.Stale = nil // the checks knew a part of the run each
	var mine func(string) bool
	if len(f.only) == 0 && len(f.without) == 0 && !f.part {
		var ran []conformance.Case
		for _, result := range r.Results {
			ran = append(ran, conformance.Case{ID: result.Case})
		}
		mine = conformance.Batteries(ran)
	}
	f.knownList.Finish(r, mine)
	f.flakyList.Finish(r, mine)
	return nil
}

// writeList writes the list of known failures that the run would pass with, where the flags want one.
func (f *conformFlags) writeList(stdout io.Writer, r *conformance.Report) error {
	if f.writeKnown == "" {
		return nil
	}
	return writeFile("--write-known-failing", f.writeKnown, stdout, func(w io.Writer) error { return conformance.WriteKnown(w, r) })
}
