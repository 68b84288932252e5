package bars

import (
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Plan is what cells depend on.
type Plan struct {
	// Calls of a cell, a rival's too: with few calls for each of many clients a system is not yet what it will be.
	Calls   int
	Systems []harness.SystemInfo
	// MaxFiles bounds the connections of a process.
	MaxFiles uint64
}

// The concurrencies of the tables.
var (
	allClients    = []int{100, 500, 1000, 2000, 5000}
	sharedClients = []int{100, 1000, 5000}
)

// Names of systems that the bars name.
const (
	ours       = "teleport"
	generic    = "teleport-generic"
	goroutines = "teleport-goroutine"
	bare       = "teleport/socket"
	raw        = "raw"
	rawBytes   = "raw-bytes"
	coalescing = "coalescing"
	singly     = "one-write-per-packet"
	erpc       = "erpc"
)

// warmCalls are those of each client before the ones that count.
const warmCalls = 5

func (p Plan) has(name string) bool {
	return slices.ContainsFunc(p.Systems, func(s harness.SystemInfo) bool { return s.Name == name })
}

// rivals that belong into a mode. Where a rival shares connections only under another name (kitex, kitex-mux), each
// runs in its own mode.
func (p Plan) rivals(mode harness.Mode) []string {
	var out []string
	for _, s := range p.Systems {
		plain, multiplexed := strings.CutSuffix(s.Name, "-mux")
		switch {
		case s.Kind != harness.Rival, mode != "conn" && !s.Shares:
		case mode == "conn" && multiplexed && p.has(plain):
		default:
			out = append(out, s.Name)
		}
	}
	return out
}

// closed gives closed-loop cells of these systems at each concurrency.
func (p Plan) closed(mode harness.Mode, clients []int, calls int, systems ...string) []harness.Cell {
	var out []harness.Cell
	for _, n := range clients {
		for _, s := range systems {
			if p.has(s) {
				out = append(out, harness.Cell{
					System: s, Workload: harness.Closed, Mode: mode, Clients: n, Calls: max(calls, n), Warm: warmCalls,
				})
			}
		}
	}
	return out
}

// with sets the options of cells.
func with(o harness.Options, cells []harness.Cell) []harness.Cell {
	for i := range cells {
		cells[i].Options = o
	}
	return cells
}

// Cells gives the cells of the bars, each once: where two bars want the same point of a system, the one with more
// calls.
func (p Plan) Cells(list []Bar) []harness.Cell {
	var all []harness.Cell
	for _, b := range list {
		all = append(all, b.Cells(p)...)
	}
	return unique(all)
}

// More gives the cells that depend on the rows so far.
func (p Plan) More(list []Bar, rows []harness.Row) []harness.Cell {
	var all []harness.Cell
	for _, b := range list {
		if b.Then != nil {
			all = append(all, b.Then(p, NewTable(rows))...)
		}
	}
	return unique(all)
}

func unique(cells []harness.Cell) []harness.Cell {
	var out []harness.Cell
	at := map[harness.Cell]int{}
	for _, c := range cells {
		key := c
		key.Calls = 0
		if i, twice := at[key]; twice {
			out[i].Calls = max(out[i].Calls, c.Calls)
			continue
		}
		at[key] = len(out)
		out = append(out, c)
	}
	return out
}
