package proxy

import (
	"maps"
	"slices"
	"strings"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Request is the header of a packet that a Route or a Callback decides on. It
// is valid until the function returns.
type Request interface {
	tp.PushCtx
	// Input returns the packet, read-only and lent; its Ptype tells PULL and
	// PUSH apart, and its body is not decoded.
	Input() *packet.Packet
}

// Target is where a packet goes.
type Target struct {
	// Addr is the upstream's address, as for tp.Peer.Dial.
	Addr string
	// PerSession gives the downstream session an upstream session of its own;
	// else all downstream sessions share one for each address. See "Calls back"
	// in the package comment.
	PerSession bool
	// Uri replaces the packet's uri on the way to the upstream. "": it stays.
	// The REPLY repeats the one that the downstream has sent.
	Uri string
}

// Route chooses a target. The error, or 404 where there is neither an error
// nor an Addr, is the answer to a PULL; a PUSH is dropped and counted then.
type Route func(Request) (Target, *tp.Rerror)

// To sends everything to one target.
func To(t Target) Route {
	return func(Request) (Target, *tp.Rerror) { return t, nil }
}

// ByPrefix chooses by the longest prefix of the uri's path, in whole segments:
// "/math" matches /math and /math/add, not /mathematics. "/" matches
// everything. What no prefix matches has no target.
func ByPrefix(targets map[string]Target) Route {
	targets = maps.Clone(targets)
	prefixes := slices.SortedFunc(maps.Keys(targets), func(a, b string) int { return len(b) - len(a) })
	return func(r Request) (Target, *tp.Rerror) {
		path := r.Path()
		for _, p := range prefixes {
			if rest, ok := strings.CutPrefix(path, strings.TrimSuffix(p, "/")); ok && (rest == "" || rest[0] == '/') {
				return targets[p], nil
			}
		}
		return Target{}, nil
	}
}

// ByMeta chooses by the first value of a metadata key; what no value matches
// goes the way of other, which may be nil.
func ByMeta(key string, targets map[string]Target, other Route) Route {
	targets = maps.Clone(targets)
	return func(r Request) (Target, *tp.Rerror) {
		if t, ok := targets[string(r.GetMeta(key))]; ok {
			return t, nil
		}
		if other == nil {
			return Target{}, nil
		}
		return other(r)
	}
}
