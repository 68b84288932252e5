package cli

import (
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// choose picks the systems that were asked for: by name, by kind, or all. Without --systems it is the peer, the
// socket and the floor that belongs to the mode, and with --rivals those.
func (f *flags) choose(all []harness.SystemInfo) ([]harness.SystemInfo, error) {
	want := f.systems
	if len(want) == 0 {
		want = f.usual(all)
	}
	var out []harness.SystemInfo
	for _, w := range want {
		found := false
		for _, s := range all {
			if w == "all" || w == s.Name || w == string(s.Kind) {
				found = true
				if !slices.ContainsFunc(out, func(o harness.SystemInfo) bool { return o.Name == s.Name }) {
					out = append(out, s)
				}
			}
		}
		if !found {
			return nil, usagef("--systems %s: there is none; there are %s%s", w, names(all), f.hint())
		}
	}
	return out, nil
}

func (f *flags) hint() string {
	if f.rivals {
		return ""
	}
	return " (and, with --rivals, those of perf/rivals)"
}

func names(all []harness.SystemInfo) string {
	var out []string
	for _, s := range all {
		out = append(out, s.Name)
	}
	return strings.Join(out, ", ")
}

// usual gives the names of the systems that belong into a table of this kind.
func (f *flags) usual(all []harness.SystemInfo) []string {
	want := []string{"teleport"}
	if f.workload != "mixed" {
		want = append(want, "teleport/socket")
	}
	for _, m := range f.modes {
		floor := "raw"
		switch {
		case m != "conn":
			floor = "coalescing"
		case f.options.Codec == "bytes" || f.options.Codec == "plain":
			floor = "raw-bytes"
		}
		if f.workload == "mixed" {
			floor = "coalescing-goroutine"
		}
		want = append(want, floor)
	}
	if f.rivals {
		want = append(want, string(harness.Rival))
	}
	// Not every program holds every floor.
	return slices.DeleteFunc(want, func(w string) bool {
		return !slices.ContainsFunc(all, func(s harness.SystemInfo) bool { return s.Name == w || string(s.Kind) == w })
	})
}
