package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/harness/report"
	"github.com/henrylee2cn/teleport/perf/profiles"
)

// session is one run of the command.
type session struct {
	*flags
	cmd     *cobra.Command
	control *harness.Controller
	report  harness.Report
	cleanup []func()
}

func (f *flags) run(cmd *cobra.Command) error {
	if err := f.complete(); err != nil {
		return err
	}
	s := &session{flags: f, cmd: cmd}
	defer s.close()
	if f.from != "" {
		return s.fromReport()
	}
	if err := s.prepare(); err != nil {
		return err
	}
	switch {
	case f.list:
		return s.listSystems()
	case f.bars != "":
		return s.measureBars()
	}
	return s.measureCells()
}

func (s *session) close() {
	for _, f := range slices.Backward(s.cleanup) {
		f()
	}
}

func (s *session) ctx() context.Context { return s.cmd.Context() }

// tell writes a line for people beside the results.
func (s *session) tell(format string, args ...any) {
	fmt.Fprintf(s.cmd.ErrOrStderr(), format+"\n", args...)
}

// prepare makes the controller: its programs, and what every row carries.
func (s *session) prepare() error {
	self, err := os.Executable()
	if err != nil {
		return &ExitError{ExitShort, err}
	}
	programs := []harness.Program{{Argv: append([]string{self}, s.config.Worker...)}}
	if s.rivals {
		more, err := s.buildRivals()
		if err != nil {
			return &ExitError{ExitShort, err}
		}
		programs = append(programs, more...)
	}
	env := harness.ReadEnv(s.ctx())
	env.Host = s.server
	s.report = harness.Report{
		Version: harness.ReportVersion, Started: time.Now(), Env: env,
		Command: strings.Join(append([]string{s.config.Called}, givenFlags(s.cmd)...), " "),
	}
	s.control = &harness.Controller{
		Programs: programs, Remote: s.server, Rounds: s.rounds, Env: env, Stderr: s.cmd.ErrOrStderr(),
		Flags: strings.Join(givenFlags(s.cmd), " "), Profiles: s.profileFiles(),
	}
	return nil
}

// verdicts asks the conformance suite about the Protos that the run measures.
func (s *session) verdicts() {
	if s.noConform || s.control.Verdicts != nil {
		return
	}
	proto := s.options.Proto
	if proto == "" {
		proto = "fast"
	}
	s.tell("The conformance suite judges %s ...", proto)
	s.control.Verdicts = verdicts(s.ctx(), []string{proto})
}

func (s *session) listSystems() error {
	all, err := s.control.Systems(s.ctx(), s.options)
	if err != nil {
		return &ExitError{ExitShort, err}
	}
	for _, i := range all {
		line := fmt.Sprintf("%-28s %-7s %s", i.Name, i.Kind, i.Version)
		if i.Lacks != "" {
			line += "  (not with these flags: " + i.Lacks + ")"
		}
		fmt.Fprintln(s.cmd.OutOrStdout(), line)
	}
	return nil
}

// measureCells runs the cells that the flags describe.
func (s *session) measureCells() error {
	all, err := s.control.Systems(s.ctx(), s.options)
	if err != nil {
		return &ExitError{ExitShort, err}
	}
	chosen, err := s.choose(all)
	if err != nil {
		return err
	}
	cells, skipped := s.cells(chosen)
	for _, line := range skipped {
		s.tell("Left out: %s", line)
	}
	if len(cells) == 0 {
		return usagef("nothing is left to measure")
	}
	s.verdicts()
	rows, err := s.measure(cells)
	s.report.Rows = rows
	s.report.Title = "Speed: " + report.Title(cells[0])
	if s.quick {
		s.report.Title += " (quick: too short to be compared)"
	}
	if err := s.write(rows, err); err != nil {
		return err
	}
	for _, r := range rows {
		if r.Invalid != "" {
			return &ExitError{ExitShort, fmt.Errorf("%s, %d clients: not valid: %s", r.System, r.Clients, r.Invalid)}
		}
	}
	return nil
}

// measure runs cells, with a live line.
func (s *session) measure(cells []harness.Cell) ([]harness.Row, error) {
	if s.cpuProfile != "" || s.memProfile != "" {
		if err := os.MkdirAll(filepath.Join(s.out, "profiles"), 0o755); err != nil {
			return nil, err
		}
	}
	live := newLive(s.cmd.ErrOrStderr())
	defer live.close()
	s.control.Progress = live
	return s.control.Run(s.ctx(), cells)
}

// write puts the report into --out, and its text on standard output. measured is the error that ended the run early.
func (s *session) write(rows []harness.Row, measured error) error {
	if len(rows) == 0 {
		return &ExitError{ExitShort, measured}
	}
	r := &s.report
	r.Ended = time.Now()
	if s.profile != "" {
		p, _ := profiles.Get(s.profile) // complete has looked
		r.Profile = p.Name
		_, r.ProfileDiffers = p.Match(r.Env)
		r.ProfileDiffers = append(r.ProfileDiffers, loadDiffers(p, rows)...)
		s.tell("%s", p.Text())
	}
	if measured != nil {
		r.Title += " (interrupted)"
	}
	files, err := report.Write(s.out, *r)
	if err != nil {
		return &ExitError{ExitShort, err}
	}
	if s.config.Plot != nil {
		pictures, err := s.config.Plot(s.out, *r)
		if err != nil {
			s.tell("Some pictures are missing: %v", err)
		}
		files = append(files, pictures...)
	}
	out := s.cmd.OutOrStdout()
	if s.json {
		e := json.NewEncoder(out)
		e.SetIndent("", " ")
		err = e.Encode(r)
	} else {
		_, err = fmt.Fprint(out, report.Markdown(*r))
	}
	s.tell("\nWritten: %s", strings.Join(files, " "))
	if err = errors.Join(measured, err); err != nil {
		return &ExitError{ExitShort, err}
	}
	return nil
}

// loadDiffers says in what the rows are not a profile's load.
func loadDiffers(p profiles.Profile, rows []harness.Row) (out []string) {
	for _, r := range rows {
		for _, d := range p.MatchCell(r.Cell) {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// profileFiles names the files of the profiles that are wanted; nil for none.
func (s *session) profileFiles() func(kind, role string, c harness.Cell, round int) string {
	if s.cpuProfile == "" && s.memProfile == "" {
		return nil
	}
	dir := filepath.Join(s.out, "profiles")
	want := map[string]string{"cpu": s.cpuProfile, "mem": s.memProfile}
	return func(kind, role string, c harness.Cell, round int) string {
		if w := want[kind]; w != role && w != "both" {
			return ""
		}
		name := fmt.Sprintf("%s-%s-%s-%d-r%d-%s.%s.pprof", strings.ReplaceAll(c.System, "/", "_"), c.Workload, c.Mode, c.Clients, round+1, role, kind)
		return filepath.Join(dir, name)
	}
}
