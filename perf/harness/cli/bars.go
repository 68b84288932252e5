package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/harness/bars"
	"github.com/henrylee2cn/teleport/perf/harness/report"
)

// chosenBars are those that --bars names.
func (f *flags) chosenBars() ([]bars.Bar, error) {
	if f.bars == allBars {
		return bars.All(), nil
	}
	var ids []int
	for _, part := range strings.Split(f.bars, ",") {
		id, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil {
			return nil, usagef("--bars=%s: expected numbers, as --bars=1,4", f.bars)
		}
		ids = append(ids, id)
	}
	list, err := bars.Select(ids)
	if err != nil {
		return nil, usagef("--bars: %w", err)
	}
	return list, nil
}

// measureBars runs what the bars need, and judges them.
func (s *session) measureBars() error {
	list, err := s.chosenBars()
	if err != nil {
		return err
	}
	all, err := s.control.Systems(s.ctx(), harness.Options{})
	if err != nil {
		return &ExitError{ExitShort, err}
	}
	plan := bars.Plan{Calls: s.calls, Systems: all, MaxFiles: s.report.Env.MaxFile}
	s.verdicts()
	rows, err := s.measure(plan.Cells(list))
	if err == nil {
		if more := plan.More(list, rows); len(more) > 0 {
			var rest []harness.Row
			rest, err = s.measure(more)
			rows = append(rows, rest...)
		}
	}
	s.report.Title, s.report.Rows = "Speed: the bars", rows
	outcomes := bars.Compute(list, rows, s.rivals)
	if len(rows) > 0 {
		if err := s.writeBars(outcomes); err != nil {
			return err
		}
	}
	if err := s.write(rows, err); err != nil {
		return err
	}
	return short(outcomes)
}

// fromReport judges the bars by an earlier run.
func (s *session) fromReport() error {
	list, err := s.chosenBars()
	if err != nil {
		return err
	}
	r, err := report.Read(s.from)
	if err != nil {
		return &ExitError{ExitShort, fmt.Errorf("--from: %w", err)}
	}
	rivals := false
	for _, row := range r.Rows {
		rivals = rivals || row.Kind == harness.Rival
	}
	outcomes := bars.Compute(list, r.Rows, rivals)
	if err := s.writeBars(outcomes); err != nil {
		return err
	}
	return short(outcomes)
}

// writeBars puts the outcomes into --out, and their table on standard output.
func (s *session) writeBars(outcomes []bars.Outcome) error {
	j, err := bars.JSON(outcomes)
	if err == nil {
		err = os.MkdirAll(s.out, 0o755)
	}
	text := bars.Markdown(outcomes)
	for name, content := range map[string]string{"bars.json": string(j), "bars.md": text} {
		if err == nil {
			err = os.WriteFile(filepath.Join(s.out, name), []byte(content), 0o644)
		}
	}
	if err != nil {
		return &ExitError{ExitShort, err}
	}
	if !s.json {
		fmt.Fprintln(s.cmd.OutOrStdout(), text)
		return nil
	}
	if s.from != "" { // else the report follows
		fmt.Fprint(s.cmd.OutOrStdout(), string(j))
	}
	return nil
}

// short is the error of bars that are short; those that were not measured are none.
func short(outcomes []bars.Outcome) error {
	n := 0
	for _, o := range outcomes {
		if o.Verdict == bars.Short {
			n++
		}
	}
	if n > 0 {
		return &ExitError{ExitShort, fmt.Errorf("%d of %d bars are short", n, len(outcomes))}
	}
	return nil
}
