package plot

import (
	"slices"
	"strings"

	"github.com/henrylee2cn/teleport/perf/harness"
)

// looks gives every system of a report its look.
func looks(rows []harness.Row) map[string]look {
	kinds := map[string]harness.Kind{}
	var names []string
	for _, r := range rows {
		if _, seen := kinds[r.System]; !seen {
			kinds[r.System] = r.Kind
			names = append(names, r.System)
		}
	}
	slices.Sort(names)
	out := map[string]look{}
	mine, floors, strangers, found := 0, 0, 0, false
	for i, name := range names {
		l := look{marker: marker(i) % markers}
		switch kinds[name] {
		case harness.Peer, harness.Socket:
			// The peer as the README uses it comes first by name; all else of ours is second to it.
			if kinds[name] == harness.Peer && !found {
				l.role, l.color, l.marker = ours, vermilion, circle
				found = true
				break
			}
			l.role, l.color, l.marker = second, variants[0], diamond
			if kinds[name] == harness.Peer {
				mine++
				l.color, l.marker = variants[1+(mine-1)%(len(variants)-1)], marker(mine)%markers
			}
		case harness.Floor:
			l.role, l.color, l.dash = floor, greys[floors%len(greys)], floors%len(dashes)
			floors++
		default:
			color, known := familiar[family(name)]
			if !known {
				color = others[strangers%len(others)]
				strangers++
			}
			l.color = color
		}
		out[name] = l
	}
	return out
}

// family is a rival's name without its variant: kitex of "kitex-mux".
func family(name string) string {
	name = strings.ToLower(name)
	if name == "net/rpc" {
		return "netrpc"
	}
	if i := strings.IndexAny(name, "-/ "); i > 0 {
		name = name[:i]
	}
	return name
}
