package service

import (
	"strconv"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// declaration is what the service says of its peer: the features it offers, by the names of the suite, and
// the limits that are not the standard's defaults.
type declaration struct {
	Features []string          `json:"features"`
	Limits   map[string]uint32 `json:"limits,omitempty"`
}

// filterFeatures names the feature behind a filter.
var filterFeatures = map[byte]string{'g': "gzip", 'c': "filter-c", 'z': "filter-z"}

// declare looks at what the peer is made with.
func declare(cfg tp.PeerConfig) declaration {
	d := declaration{Features: []string{"callback", "deadline", "flood"}, Limits: map[string]uint32{}}
	filters := cfg.Filters
	if filters == nil {
		filters = xfer.Default()
	}
	for _, id := range []byte{'c', 'g', 'z'} {
		if _, err := filters.Get(id); err == nil {
			d.Features = append(d.Features, filterFeatures[id])
		}
	}
	l := cfg.Limits
	for name, v := range map[string]uint32{"packet": l.MaxPacket, "payload": l.MaxPayload, "uri": l.MaxUri, "meta": l.MaxMeta, "pairs": uint32(max(0, l.MaxMetaPairs))} {
		if v != 0 {
			d.Limits[name] = v
		}
	}
	return d
}

// Features answers what the peer offers, and its limits.
//
// req: TP-CONF-026
func (c *Conformance) Features(*[]byte) (declaration, *tp.Rerror) {
	c.SetBodyCodec('j')
	return c.declared, nil
}

// announced takes the id of the case that the suite is about to run on this session: with a log at its
// finest, one sees where it stands.
//
// req: TP-CONF-025
func (s *state) announced(ctx tp.PushCtx, _ *[]byte) {
	tp.Infof("conformance case %s (session %s)", strconv.Quote(ctx.Query().Get("id")), ctx.Session().Id())
}
