package judge

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Module is one version of erpc, in a Go module of its own beside this package.
type Module struct {
	// Name is the module's folder: "erpcv6".
	Name string
	// Erpc is what it judges: "github.com/henrylee2cn/erpc/v6@v6.3.5".
	Erpc string
	// Host is its process.
	Host *Host
	// Protos are judged in this order.
	Protos []Proto
}

// Check judges every Proto of m. It fails when a verdict differs from the known failures in the folder known, when
// no finding is behind a failure, when a finding is behind none, or when the module's table in the README is not
// the one that the verdicts give. With update it writes the files and the README instead of comparing. Call it from
// a test named TestErpc: children run that.
func Check(t *testing.T, m Module, update bool) {
	t.Helper()
	if beChild(t, m) {
		return
	}
	var all []looked
	for _, p := range m.Protos {
		if p.Confined != "" && !canConfine {
			t.Skipf("%s: the cases %s take the process down, and this system cannot limit a child's memory", p.Name, p.Confined)
		}
		v := m.Host.look(t.Context(), p)
		entries := v.failures(m.Name, p.Name)
		all = append(all, looked{p, v, entries})
		if n := v.first.HarnessFaults(); n > 0 {
			t.Errorf("%s: %d cases are undecided; the first failures: %v", p.Name, n, entries)
		}
		for _, e := range entries {
			if e.findings == "" || strings.HasPrefix(e.second, "fail") && e.second == "fail" {
				t.Errorf("%s: no finding is behind %s: confirm it by hand, then add it to judge/list*.go", p.Name, e)
			}
		}
		name := filepath.Join("known", p.Name+".txt")
		if update {
			if err := writeKnown(name, entries); err != nil {
				t.Fatal(err)
			}
			continue
		}
		known, err := readKnown(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range compare(entries, known) {
			t.Errorf("%s: %s", p.Name, d)
		}
	}
	if t.Failed() && !update {
		return
	}
	for _, f := range Findings() {
		for _, l := range all {
			if len(f.signs) > 0 && in(f.Where, m.Name, l.proto.Name) && !l.shows(m.Name, f) {
				t.Errorf("%s: finding %d (%s) is behind no failure", l.proto.Name, f.N, f.Title)
			}
		}
	}
	if err := readme(m, all, update); err != nil {
		t.Error(err)
	}
}

// looked is a Proto with its verdicts.
type looked struct {
	proto   Proto
	v       verdicts
	entries []entry
}

// within tells whether each of the globs stands for cases that one of the others stands for as well.
func within(globs, others string) bool {
	for _, g := range strings.Fields(globs) {
		if !matches(others, g) {
			return false
		}
	}
	return true
}

// shows tells whether the finding is behind a failure of either look, where it claims to be.
func (l looked) shows(module string, f Finding) bool {
	claimed := false
	for _, s := range f.signs {
		claimed = claimed || in(s.where, module, l.proto.Name) && !within(s.cases, l.proto.Varies)
	}
	for _, r := range slices.Concat(l.v.first.Results, l.v.varied) {
		if slices.Contains(findingsOf(module, l.proto.Name, r), f.N) || slices.Contains(findingsOf(module, l.proto.Name, l.v.second[r.Case]), f.N) {
			return true
		}
	}
	return !claimed
}
