package machines_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// routes is the model of a peer's two routers and its aliases: maps, and nothing clever. It is a value.
type routes struct {
	groups  []string // the prefixes of the routers, the root's first; pulls and pushes have the same
	exact   [2]tags  // by path; of pulls and of pushes
	unknown [2]tags  // by prefix
	aliases map[string]string
	next    int    // the tag of the next registration
	want    string // what the step that led here should say
}

// tags names handlers.
type tags map[string]string

func newRoutes() routes {
	return routes{groups: []string{"/"}, exact: [2]tags{{}, {}}, unknown: [2]tags{{}, {}}, aliases: map[string]string{}}
}

func (r routes) String() string { return "nothing registered" }

// under joins names to a prefix: a part that is empty or a dot says nothing, two dots take one away.
func under(prefix string, names ...string) string {
	var parts []string
	for part := range strings.SplitSeq(prefix+"/"+strings.Join(names, "/"), "/") {
		switch part {
		case "", ".":
		case "..":
			parts = parts[:max(len(parts)-1, 0)]
		default:
			parts = append(parts, part)
		}
	}
	return "/" + strings.Join(parts, "/")
}

func (r routes) said(format string, args ...any) routes {
	r.want = fmt.Sprintf(format, args...)
	return r
}

// with registers all the paths, or none of them.
func (r routes) with(kind int, paths ...string) routes {
	tag := fmt.Sprint("h", r.next)
	r.next++
	for i, p := range paths {
		if _, taken := r.exact[kind][p]; taken || slices.Contains(paths[:i], p) {
			return r.said("taken")
		}
	}
	r.exact[kind] = maps.Clone(r.exact[kind])
	for i, p := range paths {
		r.exact[kind][p] = fmt.Sprint(tag, ".", i)
	}
	return r.said("registered")
}

func (r routes) setUnknown(kind int, prefix string) routes {
	r.unknown[kind] = maps.Clone(r.unknown[kind])
	r.unknown[kind][prefix] = fmt.Sprint("u", r.next)
	r.next++
	return r.said("set")
}

func (r routes) group(from, name string) routes {
	r.groups = append(slices.Clone(r.groups), under(from, name))
	return r.said("made")
}

func (r routes) alias(from, to string) routes {
	r.aliases = maps.Clone(r.aliases)
	r.aliases[from] = to
	return r.said("aliased")
}

// call says which handler a call reaches. path is what the uri means.
func (r routes) call(kind int, uri, path string) routes {
	if to, ok := r.aliases[uri]; ok { // before routing, once, and as the uri is written
		path = to
	}
	if tag, ok := r.exact[kind][path]; ok {
		return r.said("%s", tag)
	}
	best := ""
	for prefix := range r.unknown[kind] {
		if (prefix == "/" || path == prefix || strings.HasPrefix(path, prefix+"/")) && len(prefix) > len(best) {
			best = prefix
		}
	}
	if best == "" {
		return r.said("404")
	}
	return r.said("%s", r.unknown[kind][best])
}
