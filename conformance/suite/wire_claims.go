package suite

import (
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/vectors"
)

// Claims gives the name of the Proto that a Proto says of itself to speak, one of those that the standard
// assigns and golden vectors judge: "fast" (id 'f'), "json" ('j') or "pb" ('p'). It gives "" for any other,
// and for one that panics when it is asked.
func Claims(pf packet.ProtoFunc) (name string) {
	defer func() {
		if recover() != nil {
			name = ""
		}
	}()
	id, name := pf(&stream{}).Version()
	if assigned, ok := map[string]byte{"fast": 'f', "json": 'j', "pb": 'p'}[name]; !ok || assigned != id {
		return ""
	}
	return name
}

// ClaimsFast reports whether a Proto says of itself that it speaks fast/1: id 'f', name "fast".
func ClaimsFast(pf packet.ProtoFunc) bool { return Claims(pf) == vectors.ProtoFast }
