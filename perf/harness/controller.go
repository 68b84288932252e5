package harness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// Controller runs cells: it starts the workers, and reads what they found.
type Controller struct {
	// Programs hold the systems, each a part of them; a name that two have is the first one's.
	Programs []Program
	// Remote, where set, is the control address of a perf serve on another host: servers run there. Host is what the
	// clients here dial.
	Remote string
	// Rounds is how often each cell runs; systems of one point take turns. 0: 1.
	Rounds int
	// Verdicts holds what the conformance suite said, by Options.Proto ("fast" for none).
	Verdicts map[string]string
	Env      Env
	Flags    string
	// Profiles, where set, names the file of a profile: kind "cpu" or "mem", of "server" or "client". "": none.
	Profiles func(kind, role string, c Cell, round int) string
	// Progress is told what goes on; nil: nobody is.
	Progress Progress
	// Stderr takes what workers write there, several at once (NewSharedWriter); nil: os.Stderr.
	Stderr io.Writer

	known map[string]found
}

// found is a system and the program that holds it.
type found struct {
	SystemInfo
	program Program
}

// Progress is told what goes on. Its methods are called from one goroutine.
type Progress interface {
	// Begin is called before each run; done of total runs are over.
	Begin(c Cell, round, done, total int)
	// Calls is called during a run, with the calls that are done.
	Calls(n int64)
	// End is called after each run.
	End(c Cell, r Run)
}

// maxRun bounds one run, with starting, dialing and warming up.
const maxRun = 10 * time.Minute

// Systems lists what the programs hold, in their order.
func (c *Controller) Systems(ctx context.Context, o Options) ([]SystemInfo, error) {
	var out []SystemInfo
	c.known = map[string]found{}
	for _, p := range c.Programs {
		w, err := p.start(ctx, c.stderr())
		if err != nil {
			return nil, err
		}
		a, err := w.ask(command{Do: "list", Cell: Cell{Options: o}}, nil)
		w.end()
		if err != nil {
			return nil, err
		}
		for _, s := range a.Systems {
			if _, twice := c.known[s.Name]; !twice {
				c.known[s.Name] = found{s, p}
				out = append(out, s)
			}
		}
	}
	return out, nil
}

func (c *Controller) stderr() io.Writer {
	if c.Stderr != nil {
		return c.Stderr
	}
	return os.Stderr
}

// Run runs each cell Rounds times and gives a row for each, in the order of cells. Cells that differ in the system
// and in the number of calls alone are one point: their runs take turns (A B C, B C A, ...), and all points of a round come before the next
// round. A run that fails makes its row invalid and the others go on; ctx ends it all, with the rows so far.
func (c *Controller) Run(ctx context.Context, cells []Cell) ([]Row, error) {
	if _, err := c.Systems(ctx, Options{}); err != nil {
		return nil, err
	}
	rows := make([]Row, len(cells))
	for i, cell := range cells {
		s, ok := c.known[cell.System]
		if !ok {
			return nil, fmt.Errorf("no system %q", cell.System)
		}
		rows[i] = Row{
			Cell: cell, Kind: s.Kind, Release: s.Version, Env: c.Env, Flags: c.Flags,
			Verdict: c.verdict(s, cell.Options),
		}
	}
	rounds := max(c.Rounds, 1)
	done, total := 0, rounds*len(cells)
	for round := range rounds {
		for _, i := range order(cells, round) {
			if ctx.Err() != nil {
				break
			}
			if c.Progress != nil {
				c.Progress.Begin(cells[i], round, done, total)
			}
			r := c.one(ctx, cells[i], round)
			done++
			if ctx.Err() != nil {
				break // cut short: no measurement
			}
			rows[i].Runs = append(rows[i].Runs, r)
			if c.Progress != nil {
				c.Progress.End(cells[i], r)
			}
		}
	}
	for i := range rows {
		rows[i].Summarize()
	}
	return rows, ctx.Err()
}

func (c *Controller) verdict(s found, o Options) string {
	proto := o.Proto
	if proto == "" {
		proto = "fast"
	}
	if v, ok := c.Verdicts[proto]; ok && (s.Kind == Peer || s.Kind == Socket) {
		return v
	}
	return "not run"
}

// order gives the indices of the cells for one round: point after point, and within a point the systems rotated by
// the round.
func order(cells []Cell, round int) []int {
	var points [][]int
	at := map[Cell]int{}
	for i, cell := range cells {
		cell.System, cell.Calls = "", 0 // a slow system may make fewer calls
		p, ok := at[cell]
		if !ok {
			p = len(points)
			at[cell] = p
			points = append(points, nil)
		}
		points[p] = append(points[p], i)
	}
	var out []int
	for _, p := range points {
		k := round % len(p)
		out = append(out, slices.Concat(p[k:], p[:k])...)
	}
	return out
}

// one runs a cell once; what goes wrong is the run's fault.
func (c *Controller) one(ctx context.Context, cell Cell, round int) Run {
	ctx, cancel := context.WithTimeoutCause(ctx, maxRun, errors.New("the run took too long"))
	defer cancel()
	run := Run{Round: round, Started: time.Now()}
	if err := c.measure(ctx, cell, &run); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = errors.Join(err, cause)
		}
		run.Fault = err.Error()
	}
	return run
}
