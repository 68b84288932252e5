package stats

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// String is the text of WriteText.
func (s *Snapshot) String() string {
	var b strings.Builder
	s.WriteText(&b) // a Builder takes everything
	return b.String()
}

// WriteText writes tables for people: a line for each route and kind, and for
// each session and kind. It is not for programs: its form may change.
func (s *Snapshot) WriteText(w io.Writer) error {
	_, err := fmt.Fprintf(w, "counting for %v: %d connections accepted, %d dialed, %d sessions ended, %d up\n"+
		"dropped or refused by the engine: %d pushes, %d pulls, %d replies nobody waits for\n\n",
		round(s.Taken.Sub(s.Since)), s.Accepted, s.Dialed, s.Ended, s.Engine.Sessions,
		s.Engine.PushesDropped, s.Engine.PullsRefused, s.Engine.RepliesIgnored)
	if err != nil {
		return err
	}
	t := newTable(w, "route")
	for _, r := range s.Routes {
		t.lines(r.Path, r.Traffic)
	}
	t.lines("(total)", s.Total)
	if err := t.Flush(); err != nil || len(s.Sessions) == 0 {
		return err
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	t = newTable(w, "session")
	for _, sess := range s.Sessions {
		t.lines(sess.Id, sess.Traffic)
	}
	return t.Flush()
}

// table writes lines of columns; an error shows in Flush.
type table struct{ *tabwriter.Writer }

func newTable(w io.Writer, first string) table {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	fmt.Fprintf(t, "%s\tkind\tstarted\tdone\tin flight\tlost\tin\tout\tp50\tp99\tmax\terrors\n", first)
	return t
}

func (t table) lines(name string, traffic Traffic) {
	t.line(name, "pull in", traffic.PullIn)
	t.line(name, "pull out", traffic.PullOut)
	t.line(name, "push in", traffic.PushIn)
	t.line(name, "push out", traffic.PushOut)
}

func (t table) line(name, kind string, c *Counters) {
	if c == nil {
		return
	}
	p50, p99, most := "-", "-", "-"
	if l := c.Latency; l != nil {
		p50, p99, most = round(l.P50).String(), round(l.P99).String(), round(l.Max).String()
	}
	fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(name), kind,
		c.Started, c.Done, c.InFlight, c.Lost, size(c.BytesIn), size(c.BytesOut), p50, p99, most, codes(c))
}

// codes lists the errors: "404:2 500:1".
func codes(c *Counters) string {
	var list []string
	for _, code := range slices.Sorted(maps.Keys(c.Errors)) {
		list = append(list, fmt.Sprintf("%d:%d", code, c.Errors[code]))
	}
	if c.OtherErrors > 0 {
		list = append(list, fmt.Sprintf("others:%d", c.OtherErrors))
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, " ")
}

// printable keeps what others have chosen from breaking the table.
func printable(s string) string {
	q := fmt.Sprintf("%q", s)
	return q[1 : len(q)-1]
}

// round keeps three digits or so.
func round(d time.Duration) time.Duration {
	step := time.Duration(1)
	for d/step >= 1000 && step < time.Second {
		step *= 10
	}
	return d.Round(step)
}

func size(n uint64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/1024, 0
	for f >= 1024 && i < len(units)-1 {
		f /= 1024
		i++
	}
	return fmt.Sprintf("%.1f %ciB", f, units[i])
}
