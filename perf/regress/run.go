package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// shortWorkload is measured in some twenty seconds a side and round: ours in both
// ways of connecting, and a floor of each as a control.
const shortWorkload = "--systems teleport,teleport/socket,raw,coalescing --mode conn,shared1 --clients 100,1000 --n 50000 --rounds 1 --no-conform"

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	old, new, err := sides(ctx, o, stderr)
	if err != nil {
		return err
	}
	return report(stdout, o, old, new)
}

// sides reads both results, or measures both commits.
func sides(ctx context.Context, o options, progress io.Writer) (old, new *side, err error) {
	if isResult(o.old) && isResult(o.new) {
		both := [2]*side{newSide(o.old), newSide(o.new)}
		for i, path := range []string{o.old, o.new} {
			r, err := readReport(path)
			if err != nil {
				return nil, nil, err
			}
			both[i].add(r)
		}
		return both[0], both[1], nil
	}
	r, err := openRepo(ctx, ".")
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if e := r.close(); e != nil && err == nil {
			err = fmt.Errorf("removing the worktrees: %w", e)
		}
	}()
	var programs [2]string
	var both [2]*side
	for i, commit := range []string{o.old, o.new} {
		fmt.Fprintf(progress, "building %s\n", commit)
		program, label, err := r.build(ctx, commit, []string{"old", "new"}[i])
		if err != nil {
			return nil, nil, err
		}
		programs[i], both[i] = program, newSide(label)
	}
	if err := measure(ctx, programs, both, o.workload, o.rounds, progress); err != nil {
		return nil, nil, err
	}
	return both[0], both[1], nil
}

// isResult tells results from commits: what is there as a file or a folder, but
// for the working tree.
func isResult(name string) bool {
	if name == workingTree {
		return false
	}
	_, err := os.Stat(name)
	return err == nil
}

// report prints the tables and gives errSlower where --fail-over wants it.
func report(w io.Writer, o options, old, new *side) error {
	var all []comparison
	for _, m := range o.metrics {
		list := compare(old, new, m)
		writeTable(w, old, new, list)
		all = append(all, list...)
	}
	writeNotes(w, old, new, all)
	if len(all) == 0 {
		return fmt.Errorf("%s and %s have no valid row in common, so there is nothing to compare", old.label, new.label)
	}
	if o.failOver < 0 {
		return nil
	}
	var failures []string
	for _, k := range broken(old, new) {
		failures = append(failures, fmt.Sprintf("%s is not valid any more: %s", k, new.bad[k]))
	}
	for _, m := range o.failOn {
		for _, c := range slower(compare(old, new, m), o.failOver) {
			failures = append(failures, fmt.Sprintf("%s: %s is %.1f%% worse (%s)", c.key, m.title, 100*c.worse(), c.test))
		}
	}
	if len(failures) == 0 {
		fmt.Fprintf(w, "\nnothing of ours is significantly worse by more than %g%%\n", 100*o.failOver)
		return nil
	}
	fmt.Fprintln(w)
	for _, f := range failures {
		fmt.Fprintln(w, "worse:", f)
	}
	return errSlower
}
