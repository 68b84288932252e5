// Package profiles writes down on which setup a benchmark table was made, what
// to set to come near it, and what cannot be the same, so that a table is
// called by the name of a setup only where it was that setup.
//
// There are two: [Any], the machine at hand as it is, and [Target], on which the
// original's tables were made.
package profiles

import (
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// Profile is a setup.
type Profile struct {
	Name  string // as in --profile
	Title string // for people
	// Machine is what the machine must be; zero fields do not matter.
	Machine Machine
	// Load is what the rows of the profile's tables must be; the zero Load demands nothing.
	Load Load
	// Settings can be made to come nearer to the setup.
	Settings []Setting
	// Lost cannot be the same today, whatever is set. Match does not count it.
	Lost []Loss
}

// Machine is the part of a setup that Match looks at.
type Machine struct {
	CPU      string // a part of the model's name
	Cores    int
	MemoryGB int // as sold: the kernel may have kept a tenth for itself
	OS       string
	MinFiles uint64 // descriptors that a process may open
	OneHost  bool   // server and client on one machine
}

// Load is the part of a setup that MatchCell looks at.
type Load struct {
	Calls   int
	Size    int
	Codec   string
	Mode    harness.Mode
	Clients []int
}

// Setting is something to set before measuring.
type Setting struct {
	What string // with its value
	How  string // a command; "" where nothing is to be done
	Why  string
}

// Loss is something of the setup that is not to be had any more.
type Loss struct {
	Then, Now, Why string
}

// Match tells whether a machine is the profile's, leaving aside what cannot be
// the same any more (Lost). Where it is not, differences has a sentence for
// each point: what the profile has, and what there is.
func (p Profile) Match(e harness.Env) (ok bool, differences []string) {
	differ := func(what, expected, found string) {
		differences = append(differences, fmt.Sprintf("%s: %s has %s, this machine %s", what, p.Name, expected, found))
	}
	m := p.Machine
	if m.CPU != "" && !strings.Contains(e.CPU, m.CPU) {
		differ("CPU", m.CPU, or(e.CPU, "one that is not known"))
	}
	if m.Cores != 0 && e.Cores != m.Cores {
		differ("cores", fmt.Sprint(m.Cores), fmt.Sprint(e.Cores))
	}
	if gb := float64(e.Memory) / (1 << 30); m.MemoryGB != 0 && (gb < 0.9*float64(m.MemoryGB) || gb > 1.05*float64(m.MemoryGB)) {
		differ("memory", fmt.Sprintf("%d GB", m.MemoryGB), fmt.Sprintf("%.1f GB", gb))
	}
	if m.OS != "" && e.OS != m.OS {
		differ("operating system", m.OS, or(e.OS, "one that is not known"))
	}
	if m.MinFiles != 0 && e.MaxFile < m.MinFiles {
		differ("open files", fmt.Sprintf("at least %d", m.MinFiles), fmt.Sprint(e.MaxFile))
	}
	if m.OneHost && e.Host != "" {
		differ("hosts", "server and client on one", "the server on "+e.Host)
	}
	return len(differences) == 0, differences
}

// MatchCell says in what a cell is not one of the profile's tables, by the load
// alone.
func (p Profile) MatchCell(c harness.Cell) (differences []string) {
	l := p.Load
	differ := func(what string, expected, found any) {
		differences = append(differences, fmt.Sprintf("%s: %s has %v, this cell %v", what, p.Name, expected, found))
	}
	if l.Calls != 0 && c.Calls != l.Calls {
		differ("calls", l.Calls, c.Calls)
	}
	if size := c.Options.Size; l.Size != 0 && size != 0 && size != l.Size {
		differ("bytes a message", l.Size, size)
	}
	if codec := or(c.Options.Codec, "protobuf"); l.Codec != "" && codec != l.Codec {
		differ("codec", l.Codec, codec)
	}
	if l.Mode != "" && c.Mode != l.Mode {
		differ("mode", l.Mode, c.Mode)
	}
	if l.Mode != "" && c.Workload != harness.Closed {
		differ("workload", harness.Closed, c.Workload)
	}
	if len(l.Clients) > 0 && !slices.Contains(l.Clients, c.Clients) {
		differ("clients", l.Clients, c.Clients)
	}
	return differences
}

// Label is what a table made on a machine may be called.
func (p Profile) Label(e harness.Env) string {
	ok, differences := p.Match(e)
	switch {
	case !ok:
		return fmt.Sprintf("not %s: %s", p.Title, strings.Join(differences, "; "))
	case len(p.Lost) == 0:
		return p.Title
	}
	var lost []string
	for _, l := range p.Lost {
		lost = append(lost, l.Then)
	}
	return fmt.Sprintf("%s, but for what is not to be had any more: %s", p.Title, strings.Join(lost, ", "))
}

// Text says what to set and what is lost, for a terminal.
func (p Profile) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", p.Name, p.Title)
	for _, s := range p.Settings {
		fmt.Fprintf(&b, "\n  set   %s\n", s.What)
		if s.How != "" {
			fmt.Fprintf(&b, "        $ %s\n", s.How)
		}
		fmt.Fprintf(&b, "        %s\n", s.Why)
	}
	for _, l := range p.Lost {
		fmt.Fprintf(&b, "\n  lost  %s; today %s\n        %s\n", l.Then, l.Now, l.Why)
	}
	return b.String()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
