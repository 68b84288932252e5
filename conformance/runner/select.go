package runner

import (
	"slices"
	"sort"
	"strings"
)

// Select gives the cases that match at least one pattern, sorted by id; all of them when there is no
// pattern. A pattern is an exact case id, a glob in which `*` stands for any run of bytes (slashes too), a
// chapter ("7", "07" or "07 transfer pipe"), or a requirement id.
func Select(cases []Case, patterns []string) []Case {
	var out []Case
	for _, c := range cases {
		c = c.normal()
		if len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return c.matches(p) }) {
			out = append(out, c)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

func (c Case) matches(pattern string) bool {
	if pattern == c.ID || pattern == c.Chapter || slices.Contains(c.Requirements, pattern) {
		return true
	}
	number, _, _ := strings.Cut(c.Chapter, " ")
	if pattern == number || pattern == strings.TrimLeft(number, "0") {
		return true
	}
	return strings.Contains(pattern, "*") && glob(pattern, c.ID)
}

// glob matches s against a pattern in which `*` stands for any run of bytes.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	if !strings.HasSuffix(s, last) {
		return false
	}
	s = s[:len(s)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

// excluded gives the first feature the case needs that the run goes without.
func (c Case) excluded(without []Feature) (Feature, bool) {
	for _, f := range c.Features {
		if slices.Contains(without, f) {
			return f, true
		}
	}
	return "", false
}
