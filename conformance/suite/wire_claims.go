package suite

import (
	"github.com/henrylee2cn/teleport/reference/packet"
)

// ClaimsFast reports whether a Proto says of itself that it speaks fast/1: id 'f', name "fast". One that
// panics when it is asked claims nothing.
func ClaimsFast(pf packet.ProtoFunc) (claims bool) {
	defer func() {
		if recover() != nil {
			claims = false
		}
	}()
	id, name := pf(&stream{}).Version()
	return id == 'f' && name == "fast"
}
