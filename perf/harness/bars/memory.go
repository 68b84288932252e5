package bars

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/henrylee2cn/teleport/perf/harness"
	"github.com/henrylee2cn/teleport/perf/message"
)

// Bars 6 to 8: allocations, memory of idle sessions, large bodies.

const allocClients = 100

var allocations = Bar{
	ID: 6, Title: "Allocations of a call, both sides together, beyond the codec's",
	Cells: func(p Plan) []harness.Cell {
		return p.closed("conn", []int{allocClients}, p.Calls, ours, generic, raw)
	},
	Checks: []Check{
		{Name: "tp.Pull to tp.HandlePull: allocations beyond the codec's", Limit: 4, AtMost: true,
			Figure: beyondCodec(generic, func(u harness.Usage) float64 { return u.Allocs })},
		{Name: "tp.Pull to tp.HandlePull: bytes beyond the codec's", Limit: 200, AtMost: true, Unit: " bytes",
			Figure: beyondCodec(generic, func(u harness.Usage) float64 { return u.Bytes })},
		{Name: "Session.Pull to a controller: allocations beyond the codec's", Limit: 8, AtMost: true,
			Figure: beyondCodec(ours, func(u harness.Usage) float64 { return u.Allocs })},
		{Name: "Session.Pull to a controller: bytes beyond the codec's", Limit: 1024, AtMost: true, Unit: " bytes",
			Figure: beyondCodec(ours, func(u harness.Usage) float64 { return u.Bytes })},
	},
}

// beyondCodec subtracts the raw floor's, which decodes on both sides and allocates nothing else but the message for its
// handler, and the one that the caller decodes into: the floor has that on its stack, a caller is given his.
func beyondCodec(system string, of func(harness.Usage) float64) func(Table) (Figure, error) {
	fresh := of(freshMessage())
	both := func(r harness.Run) float64 { return of(r.Server) + of(r.Client) }
	return func(t Table) (Figure, error) {
		p := closedAt("conn", allocClients)
		us, err := t.of(system, p, both)
		if err != nil {
			return Figure{}, err
		}
		floor, err := t.of(raw, p, both)
		if err != nil {
			return Figure{}, err
		}
		beyond := func(a, b float64) float64 { return minus(a, b) - fresh }
		return figureOf(join(us, floor, beyond), []Point{us.point(system), floor.point(raw)})
	}
}

// freshMessage measures what an empty message on the heap takes: the least of some tries, for what else allocates in
// the process adds to it, and rounded down, for memory comes in multiples of 16 bytes.
func freshMessage() harness.Usage {
	least := harness.Usage{Allocs: math.Inf(1), Bytes: math.Inf(1)}
	for range 8 {
		u := freshMessages()
		least.Allocs, least.Bytes = min(least.Allocs, u.Allocs), min(least.Bytes, u.Bytes)
	}
	return harness.Usage{Allocs: math.Round(least.Allocs), Bytes: math.Floor(least.Bytes/16) * 16}
}

func freshMessages() harness.Usage {
	kept := make([]*message.BenchmarkMessage, 1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range kept {
		kept[i] = new(message.BenchmarkMessage)
	}
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(kept)
	n := float64(len(kept))
	return harness.Usage{
		Allocs: float64(after.Mallocs-before.Mallocs) / n,
		Bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}

const (
	idleSessions = 10_000
	idleRest     = 2 * time.Second
	// spareFiles is what a process opens besides its connections.
	spareFiles = 500
	// mostIdle bounds the largest number of idle connections that is tried.
	mostIdle = 100_000
	parked   = "teleport-parked"
	kilobyte = 1024
)

var idle = Bar{
	ID: 7, Title: "Idle sessions",
	Cells: func(p Plan) []harness.Cell {
		all := p.idle(idleSessions, ours, parked, raw, erpc, "grpc", "kitex")
		if most := p.mostIdle(); most > idleSessions {
			all = append(all, p.idle(most, ours)...)
		}
		return all
	},
	Checks: []Check{
		{Name: "10,000 idle sessions, each with a reader: resident server memory a session", Limit: 7 * kilobyte, AtMost: true, Unit: " bytes",
			Figure: perSession(ours)},
		{Name: "10,000 idle sessions, parked: resident server memory a session", Limit: 3 * kilobyte, AtMost: true, Unit: " bytes",
			Figure: perSession(parked)},
		{Name: "as many idle sessions as the file limit allows, with pulls served: memory a session", Limit: 7 * kilobyte, AtMost: true, Unit: " bytes",
			Figure: mostSessions},
	},
}

func (p Plan) mostIdle() int {
	return min(mostIdle, int(p.MaxFiles)-spareFiles)
}

func (p Plan) idle(n int, systems ...string) []harness.Cell {
	var out []harness.Cell
	for _, s := range systems {
		if p.has(s) && n+spareFiles <= int(p.MaxFiles) {
			out = append(out, harness.Cell{System: s, Workload: harness.Idle, Mode: "conn", Clients: n, Rest: idleRest})
		}
	}
	return out
}

func idleAt(n int) point { return point{workload: harness.Idle, mode: "conn", clients: n} }

func rssPerConn(r harness.Run) float64 {
	if r.Idle == nil {
		return 0
	}
	return r.Idle.RSSPerConn
}

// perSession has the other systems beside it.
func perSession(system string) func(Table) (Figure, error) {
	return func(t Table) (Figure, error) {
		v, err := t.of(system, idleAt(idleSessions), rssPerConn)
		if err != nil {
			return Figure{}, err
		}
		var points []Point
		for _, r := range t.rows {
			if w, err := t.of(r.System, idleAt(idleSessions), rssPerConn); err == nil && r.Workload == harness.Idle && r.Clients == idleSessions {
				points = append(points, w.point(r.System))
			}
		}
		return figureOf(v, points)
	}
}

func mostSessions(t Table) (Figure, error) {
	most := 0
	for _, r := range t.rows {
		if r.System == ours && r.Workload == harness.Idle {
			most = max(most, r.Clients)
		}
	}
	if most <= idleSessions {
		return Figure{}, fmt.Errorf("a process may not open more than %d files here", idleSessions)
	}
	r, err := t.row(ours, idleAt(most))
	if err != nil {
		return Figure{}, err
	}
	for _, run := range r.Runs {
		if run.Idle == nil || run.Idle.Served == 0 {
			return Figure{}, fmt.Errorf("no pull was served beside %d idle sessions", most)
		}
	}
	v, err := t.of(ours, idleAt(most), rssPerConn)
	if err != nil {
		return Figure{}, err
	}
	f, err := figureOf(v, nil)
	f.Note = fmt.Sprintf("%d sessions; a process may open %d files", most, r.Env.MaxFile)
	return f, err
}

const largeClients = 8

func largeBody(size int) harness.Options { return harness.Options{Codec: "bytes", Size: size} }

var large = Bar{
	ID: 8, Title: "Large bodies",
	Cells: func(p Plan) []harness.Cell {
		return slices.Concat(
			with(largeBody(64<<10), p.closed("conn", []int{largeClients}, p.Calls/6, ours, rawBytes)),
			with(largeBody(1<<20), p.closed("conn", []int{largeClients}, p.Calls/80, ours, rawBytes)),
		)
	},
	Checks: []Check{
		{Name: "bodies of 64 KiB: throughput of a raw copy", Limit: 0.8, Unit: "x", Figure: largeRatio(64 << 10)},
		{Name: "bodies of 1 MiB: throughput of a raw copy", Limit: 0.8, Unit: "x", Figure: largeRatio(1 << 20)},
		// Eight calls of a megabyte, in and out, in the engine and in the handler, and as much garbage again.
		{Name: "bodies of 1 MiB, 8 clients: resident server memory", Limit: 160, AtMost: true, Unit: " MB", Figure: largeMemory},
	},
}

func largeAt(size int) point {
	return point{harness.Closed, "conn", largeClients, largeBody(size)}
}

func largeRatio(size int) func(Table) (Figure, error) {
	return func(t Table) (Figure, error) {
		v, err := t.ratio(ours, rawBytes, largeAt(size), tps)
		if err != nil {
			return Figure{}, err
		}
		us, _ := t.of(ours, largeAt(size), tps)
		rate := us.estimate().Median * float64(size) * 2 / 1e9
		f, err := figureOf(v, nil)
		f.Note = fmt.Sprintf("%.2f GB/s, both directions together", rate)
		return f, err
	}
}

func largeMemory(t Table) (Figure, error) {
	v, err := t.of(ours, largeAt(1<<20), serverRSS)
	if err != nil {
		return Figure{}, err
	}
	var points []Point
	if floor, err := t.of(rawBytes, largeAt(1<<20), serverRSS); err == nil {
		points = append(points, floor.point(rawBytes))
	}
	return figureOf(v, points)
}
