package mutants

import (
	"fmt"
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/spec"
	"github.com/henrylee2cn/teleport/vectors"
)

// Check holds the declarations of mutants against the standard and the suite, without running anything, and
// gives what is wrong, one line each: an id twice, a requirement that the standard does not have, a killer
// that the suite does not have or that does not list the requirement, a crash where none is declared.
func Check(all []Mutant) []string {
	cases := killing()
	bases := map[string]Kind{}
	for _, b := range Bases() {
		bases[b.Name] = b.Kind()
	}
	var out []string
	seen := map[string]bool{}
	for _, m := range all {
		wrong := func(format string, args ...any) { out = append(out, m.ID+": "+fmt.Sprintf(format, args...)) }
		if seen[m.ID] {
			wrong("the id is used twice")
		}
		seen[m.ID] = true
		if !strings.HasPrefix(m.ID, "proto-") && !strings.HasPrefix(m.ID, "peer-") {
			wrong("an id begins with proto- or peer-")
		}
		if m.Fault == "" || len(m.Requirements) == 0 {
			wrong("says no fault, or breaks no requirement")
		}
		if kind, ok := bases[m.Base]; !ok || kind != m.Kind() {
			wrong("its base %q is not one of its kind, %s", m.Base, m.Kind())
		}
		if v := m.Want(); v != runner.Fail && v != runner.Panic && v != runner.Hang {
			wrong("the verdict %s kills nothing", v)
		}
		listed, ok := cases[m.KilledBy]
		if !ok || strings.HasPrefix(m.KilledBy, vectorPrefix) != (m.Kind() == KindImplementation) {
			wrong("killed by %s, which is no case that judges its kind, %s", m.KilledBy, m.Kind())
			continue
		}
		for _, id := range m.Requirements {
			if _, known := spec.Lookup(id); !known {
				wrong("breaks %s, which the standard does not have", id)
			} else if !slices.Contains(listed, id) {
				wrong("killed by %s, which does not list %s", m.KilledBy, id)
			}
		}
	}
	return out
}

// killing gives the requirements of whatever can kill, by id.
func killing() map[string][]string {
	out := map[string][]string{}
	for _, c := range conformance.Cases() {
		out[c.ID] = c.Requirements
	}
	all, _ := vectors.All() // where they do not load, every killer among them is missing
	for _, v := range all {
		out[vectorPrefix+v.ID] = v.Reqs
	}
	return out
}
