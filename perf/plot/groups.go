package plot

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// group is what may stand in one picture: rows that differ only in the system
// and the number of clients.
type group struct {
	workload harness.Workload
	mode     harness.Mode
	options  harness.Options
	rate     float64
	sleepers int
	rows     []harness.Row
}

// groups sorts the valid rows with latencies, in the order of the report; rows
// that are not valid are named in the second result, by group.
func groups(rows []harness.Row) (list []*group, left map[*group][]harness.Row) {
	type key struct {
		workload harness.Workload
		mode     harness.Mode
		options  harness.Options
		rate     float64
		sleepers int
	}
	found, left := map[key]*group{}, map[*group][]harness.Row{}
	for _, r := range rows {
		if r.Workload != harness.Closed && r.Workload != harness.Open && r.Workload != harness.Mixed {
			continue
		}
		k := key{r.Workload, r.Mode, shared(r.Options), r.Rate, r.Sleepers}
		g := found[k]
		if g == nil {
			g = &group{k.workload, k.mode, k.options, k.rate, k.sleepers, nil}
			found[k] = g
			list = append(list, g)
		}
		if r.Invalid != "" || r.Summary.TPS.Median <= 0 {
			left[g] = append(left[g], r)
			continue
		}
		g.rows = append(g.rows, r)
	}
	list = slices.DeleteFunc(list, func(g *group) bool { return len(g.rows) == 0 })
	return list, left
}

// shared drops the options that say how ours does it, not what is done, and
// writes the defaults out, so that rivals stand in the same group.
func shared(o harness.Options) harness.Options {
	o.Route = ""
	if o.Handler == "echo" {
		o.Handler = ""
	}
	if o.Codec == "protobuf" {
		o.Codec = ""
	}
	if o.Proto == "fast" {
		o.Proto = ""
	}
	return o
}

// clients lists the numbers of clients of a group, ascending.
func (g *group) clients() []float64 {
	var c []float64
	for _, r := range g.rows {
		c = append(c, float64(r.Clients))
	}
	slices.Sort(c)
	return slices.Compact(c)
}

// typical is the number of clients that pictures of one number show: of those
// with the most systems the one nearest to the middle.
func (g *group) typical() int {
	count := map[int]int{}
	for _, r := range g.rows {
		count[r.Clients]++
	}
	all := g.clients()
	middle := len(all) / 2
	best := 0
	for i := range all {
		n, old := count[int(all[i])], count[int(all[best])]
		if n > old || n == old && abs(i-middle) < abs(best-middle) {
			best = i
		}
	}
	return int(all[best])
}

func abs(i int) int { return max(i, -i) }

// bySystem gives each system's rows in the order of their clients, the loudest
// system last so that it is drawn on top.
func (g *group) bySystem(looks map[string]look) [][]harness.Row {
	rows := slices.Clone(g.rows)
	slices.SortStableFunc(rows, func(a, b harness.Row) int {
		return cmp.Or(
			cmp.Compare(looks[a.System].role, looks[b.System].role),
			cmp.Compare(name(a), name(b)),
			cmp.Compare(a.Clients, b.Clients),
		)
	})
	var out [][]harness.Row
	for i, r := range rows {
		if i == 0 || name(rows[i-1]) != name(r) {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}

// name is a row's name in a picture.
func name(r harness.Row) string {
	if r.Options.Route != "" {
		return r.System + " " + r.Options.Route
	}
	return r.System
}

// slug is a group's part of a file name.
func (g *group) slug() string {
	parts := []string{string(g.mode)}
	if g.workload != harness.Closed {
		parts = append(parts, string(g.workload))
	}
	if g.rate > 0 {
		parts = append(parts, strconv.FormatFloat(g.rate, 'f', 0, 64)+"ps")
	}
	if g.sleepers > 0 {
		parts = append(parts, fmt.Sprintf("%dslow", g.sleepers))
	}
	o := g.options
	if o.Size > 0 {
		parts = append(parts, fmt.Sprintf("%dB", o.Size))
	}
	for _, s := range []string{o.Codec, o.Pipe, o.Proto, o.Handler} {
		if s != "" {
			parts = append(parts, strings.Map(plain, s))
		}
	}
	return strings.Join(parts, "-")
}

// plain keeps what any file system takes in a name.
func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}
