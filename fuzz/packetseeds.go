package fuzz

import (
	"strconv"
	"strings"
	"sync"
)

// packetScripts gives the packets of the golden vectors as scripts, filters as places in filterIds. They are shared:
// nobody changes them.
var packetScripts = sync.OnceValue(writePacketScripts)

func writePacketScripts() [][]byte {
	var out [][]byte
	for _, p := range vectorPackets() {
		seq, err := strconv.ParseUint(p.Seq, 10, 64)
		uri, uerr := p.Uri.Expand()
		body, berr := p.Body.Expand()
		if err != nil || uerr != nil || berr != nil {
			continue
		}
		var meta [][2][]byte
		for _, pair := range p.Meta {
			key, kerr := pair.Key.Expand()
			value, verr := pair.Value.Expand()
			if kerr == nil && verr == nil {
				meta = append(meta, [2][]byte{key, value})
			}
		}
		var filters []byte
		for _, id := range p.Pipe {
			if at := strings.IndexByte(filterIds, id); at >= 0 {
				filters = append(filters, byte(at))
			}
		}
		out = append(out, writeScript(seq, byte(p.Ptype), uri, meta, byte(p.BodyCodec), filters, body))
	}
	return distinct(out)
}

// prefixed puts bytes before each of the seeds.
func prefixed(prefix string, seeds [][]byte) [][]byte {
	out := make([][]byte, len(seeds))
	for i, s := range seeds {
		out[i] = append([]byte(prefix), s...)
	}
	return out
}

// some gives every n-th of the seeds: enough where a target is slow.
func some(n int, seeds [][]byte) [][]byte {
	var out [][]byte
	for i := 0; i < len(seeds); i += n {
		out = append(out, seeds[i])
	}
	return out
}
