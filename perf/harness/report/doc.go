// Package report writes what the harness measured: Markdown for people, CSV for spreadsheets, JSON for programs.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Write puts report.md, report.csv and report.json into dir, which it makes.
func Write(dir string, r harness.Report) (files []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	table, err := CSV(r)
	if err != nil {
		return nil, err
	}
	j, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name string
		text []byte
	}{
		{"report.md", []byte(Markdown(r))}, {"report.csv", table}, {"report.json", append(j, '\n')},
	} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return files, err
		}
		files = append(files, path)
	}
	return files, nil
}

// Read reads a report.json.
func Read(path string) (r harness.Report, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	if r.Version != harness.ReportVersion {
		return r, fmt.Errorf("%s: a report of version %d; this program reads version %d", path, r.Version, harness.ReportVersion)
	}
	return r, nil
}

// group is what one table shows: the rows that differ in system and clients alone.
type group struct {
	cell harness.Cell // without them
	rows []harness.Row
}

// groups keeps the order in which the groups, and the systems in them, come first.
func groups(rows []harness.Row) []group {
	var out []group
	at := map[harness.Cell]int{}
	for _, r := range rows {
		key := r.Cell
		key.System, key.Clients, key.Calls, key.Warm, key.Rate = "", 0, 0, 0, 0
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, group{cell: key})
		}
		out[i].rows = append(out[i].rows, r)
	}
	return out
}

// systems of a group, in order.
func (g group) systems() []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range g.rows {
		if !seen[r.System] {
			seen[r.System] = true
			out = append(out, r.System)
		}
	}
	return out
}

func (g group) clients() []int {
	var out []int
	seen := map[int]bool{}
	for _, r := range g.rows {
		if !seen[r.Clients] {
			seen[r.Clients] = true
			out = append(out, r.Clients)
		}
	}
	return out
}

// of gives the rows of one system.
func (g group) of(system string) []harness.Row {
	var out []harness.Row
	for _, r := range g.rows {
		if r.System == system {
			out = append(out, r)
		}
	}
	return out
}

// Title says in words what a cell does, without system and number of clients.
func Title(c harness.Cell) string {
	var parts []string
	switch c.Workload {
	case harness.Open:
		parts = append(parts, "open loop")
	case harness.Push:
		parts = append(parts, "push only")
	case harness.Idle:
		parts = append(parts, "idle connections")
	case harness.Mixed:
		parts = append(parts, fmt.Sprintf("short calls beside %d slow ones", c.Sleepers))
	default:
		parts = append(parts, "closed loop")
	}
	switch mode := string(c.Mode); {
	case mode == "conn":
		parts = append(parts, "one connection per client")
	case mode == "shared1":
		parts = append(parts, "one shared connection")
	default:
		parts = append(parts, strings.TrimPrefix(mode, "shared")+" shared connections")
	}
	o := c.Options
	for _, p := range []struct{ name, value string }{
		{"codec", o.Codec}, {"pipe", o.Pipe}, {"Proto", o.Proto}, {"handler", o.Handler}, {"route", o.Route},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	if o.Size != 0 {
		parts = append(parts, fmt.Sprintf("%d bytes", o.Size))
	}
	return strings.Join(parts, ", ")
}
