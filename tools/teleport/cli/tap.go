package cli

import (
	"io"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// closingUri is the PUSH with which a peer asks the other to go: the session's own (chapter 13), nobody's news.
const closingUri = "/teleport/closing"

// tapped gives the Proto with a tap: push is shown each PUSH as it comes, on the connection's one reader,
// so in order and none left out; handlers run in any order. A slow push slows the other side down. The
// packet is lent.
func tapped(pf packet.ProtoFunc, push func(*packet.Packet)) packet.ProtoFunc {
	return func(rw io.ReadWriter) packet.Proto {
		proto := pf(rw)
		return &tap{proto, proto.(packet.Framer), push} // every Proto that --proto names is one
	}
}

type tap struct {
	packet.Proto
	packet.Framer
	push func(*packet.Packet)
}

// ParseFrame implements packet.Framer.
func (t *tap) ParseFrame(frame []byte, p *packet.Packet) error {
	err := t.Framer.ParseFrame(frame, p)
	if err == nil && p.Ptype() == packet.TypePush && p.Uri() != closingUri {
		t.push(p)
	}
	return err
}
