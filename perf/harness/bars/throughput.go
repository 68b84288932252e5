package bars

import (
	"slices"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Bars 1 to 3 and 9: throughput.

var connections = Bar{
	ID: 1, Title: "Peer, one connection per client",
	Cells: func(p Plan) []harness.Cell {
		return p.closed("conn", allClients, p.Calls, append(p.rivals("conn"), ours, raw)...)
	},
	Checks: []Check{
		{Name: "peer, a connection per client: geometric mean of the raw floor", Limit: 0.88, Unit: "x",
			Figure: meanRatio(ours, raw, "conn", allClients)},
		{Name: "the same at the worst concurrency", Limit: 0.78, Unit: "x",
			Figure: extremeRatio(ours, raw, "conn", allClients, tps, false)},
		{Name: "the same of erpc", Limit: 1.6, Unit: "x", Rivals: true,
			Figure: meanRatio(ours, erpc, "conn", allClients)},
		{Name: "the same of the best rival's geometric mean", Limit: 1.1, Unit: "x", Rivals: true,
			Figure: overBest("conn", allClients)},
		{Name: "behind no valid rival anywhere by more than the spread", Limit: 1, Unit: "x", Rivals: true,
			Figure: behindNone("conn", allClients)},
	},
}

var shared = Bar{
	ID: 2, Title: "Peer, shared connections",
	Cells: func(p Plan) []harness.Cell {
		var out []harness.Cell
		for _, m := range []harness.Mode{"shared1", "shared8"} {
			out = append(out, p.closed(m, sharedClients, p.Calls, append(p.rivals(m), ours, coalescing)...)...)
		}
		return out
	},
	Checks: []Check{
		{Name: "peer, one shared connection: geometric mean of the coalescing floor", Limit: 0.80, Unit: "x",
			Figure: meanRatio(ours, coalescing, "shared1", sharedClients)},
		{Name: "peer, eight shared connections: of the coalescing floor", Limit: 0.80, Unit: "x",
			Figure: meanRatio(ours, coalescing, "shared8", sharedClients)},
		{Name: "one shared connection: of erpc", Limit: 4.5, Unit: "x", Rivals: true,
			Figure: meanRatio(ours, erpc, "shared1", sharedClients)},
		{Name: "eight shared connections: of erpc", Limit: 4.2, Unit: "x", Rivals: true,
			Figure: meanRatio(ours, erpc, "shared8", sharedClients)},
		{Name: "one shared connection: of the best rival's geometric mean", Limit: 2.8, Unit: "x", Rivals: true,
			Figure: overBest("shared1", sharedClients)},
		{Name: "eight shared connections: of the best rival's geometric mean", Limit: 2.8, Unit: "x", Rivals: true,
			Figure: overBest("shared8", sharedClients)},
	},
}

var sockets = Bar{
	ID: 3, Title: "Socket level",
	Cells: func(p Plan) []harness.Cell {
		return slices.Concat(
			p.closed("conn", allClients, p.Calls, bare, raw),
			p.closed("shared1", sharedClients, p.Calls, bare, singly),
		)
	},
	Checks: []Check{
		{Name: "socket, a connection per client: geometric mean of the raw floor", Limit: 0.95, Unit: "x",
			Figure: meanRatio(bare, raw, "conn", allClients)},
		{Name: "socket, pipelined on one connection: of one write for each packet", Limit: 3, Unit: "x",
			Figure: meanRatio(bare, singly, "shared1", sharedClients)},
	},
}

var growth = Bar{
	ID: 9, Title: "Growth from 100 to 5000 clients",
	Cells: func(p Plan) []harness.Cell { return p.closed("conn", []int{100, 5000}, p.Calls, ours, raw) },
	Checks: []Check{
		{Name: "what the peer's throughput falls by from 100 to 5000 clients, beyond the floor's own fall", Limit: 5, AtMost: true, Unit: " points",
			Figure: excessFall},
	},
}

// excessFall is in points of a hundred.
func excessFall(t Table) (Figure, error) {
	us, err := t.fall(ours)
	if err != nil {
		return Figure{}, err
	}
	floor, err := t.fall(raw)
	if err != nil {
		return Figure{}, err
	}
	return figureOf(join(us, floor, minus), []Point{us.point(ours + " falls by"), floor.point(raw + " falls by")})
}

func (t Table) fall(system string) (values, error) {
	few, err := t.of(system, closedAt("conn", 100), tps)
	if err != nil {
		return nil, err
	}
	many, err := t.of(system, closedAt("conn", 5000), tps)
	if err != nil {
		return nil, err
	}
	return join(few, many, func(few, many float64) float64 { return 100 * (1 - many/few) }), nil
}
