package gen

import (
	"cmp"
	"strings"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// uriShapes are uris as programs and people write them, good and bad.
var uriShapes = []string{
	"/", "/a", "/a/", "/a/b", "a", "a/b", "//", "//host/a", "http://host:80/a?x=1", "/a?", "/a?x=1&y=2", "/a?x=%20+&&=", "?x", "#",
	"/%41", "/%2f%2F", "/%", "/%zz", "/a b", "/..", "/a/../b", "/日本?é=1", "/A", "/a?x=1#f", ":", "/a:b",
}

// URIs generates uris: empty, ordinary, malformed, of any bytes, and as long as the profile's limit allows. With
// Profile.Text they are texts.
func URIs(f Profile) gopter.Gen { return generator(f.uri, shrinkString) }

func (f Profile) uri(d draw) string {
	max := int(cmp.Or(f.Limits.MaxUri, packet.DefaultMaxUri))
	some := d.bytes
	if f.Text {
		some = d.text
	}
	switch d.Intn(10) {
	case 0:
		return ""
	case 1, 2, 3:
		return clip(of(d, uriShapes...), max)
	case 4:
		return clip("/"+strings.Repeat(of(d, "a/", "%41", "é", "a"), d.upTo(200)), max)
	case 5:
		if d.one(8) {
			return strings.Repeat("u", max-d.Intn(2)*min(1, max))
		}
	}
	if s := "/" + some(max); len(s) <= max {
		return s
	}
	return ""
}
