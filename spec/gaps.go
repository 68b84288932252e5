package spec

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// gaps finds ids that are missing in their area's numbering. An area counts from 001 without a gap, and a
// requirement that is taken out leaves "(Withdrawn in 1.x: why.)" behind its tag: so a number that has been
// used stays visible, and cannot be used again by mistake.
func (d *document) gaps() []Problem {
	have := map[string]map[int]bool{}
	note := func(id string) {
		g := goodID.FindStringSubmatch(id)
		n, _ := strconv.Atoi(id[len(id)-3:])
		if have[g[1]] == nil {
			have[g[1]] = map[int]bool{}
		}
		have[g[1]][n] = true
	}
	for id := range d.index {
		note(id)
	}
	for id := range d.gone {
		note(id)
	}
	var out []Problem
	for _, area := range slices.Sorted(maps.Keys(have)) {
		for n := 1; n < slices.Max(slices.Collect(maps.Keys(have[area]))); n++ {
			if have[area][n] {
				continue
			}
			id := fmt.Sprintf("TP-%s-%03d", area, n)
			out = append(out, Problem{File: "README.md", Kind: KindReuse,
				Message: id + " is missing from its area's numbering: a requirement that is taken out leaves **[" + id + "]** (Withdrawn in 1.x: why.)"})
		}
	}
	return out
}
