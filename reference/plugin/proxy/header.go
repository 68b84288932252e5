package proxy

import (
	"crypto/rand"
	"strings"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The proxy's own metadata keys.
const (
	// MetaVia lists the ids of the proxies that a PULL or PUSH has come through,
	// oldest first, with commas between them.
	MetaVia = "X-Proxy-Via"
	// MetaSession, on what comes over a shared session, says which downstream
	// session it is from, once for each proxy on the way. An upstream that copies
	// the pairs to a packet of its own sends it there.
	MetaSession = "X-Proxy-Session"
)

// idLength is enough that two proxies do not meet with one id.
const idLength = 13

func newId() string { return rand.Text()[:idLength] }

// via gives the way of a packet with this proxy added; a reason where it has
// come in a circle.
func (px *Proxy) via(in *packet.Packet) (way, circle string) {
	way = in.Meta().PeekString(MetaVia)
	if way == "" {
		return px.id, ""
	}
	hops := 0
	for id := range strings.SplitSeq(way, ",") {
		if id == px.id {
			return "", "the packet has come in a circle: " + MetaVia + " has this proxy already"
		}
		hops++
	}
	if hops >= px.cfg.MaxHops {
		return "", "the packet has come through too many proxies (MaxHops): it probably goes in a circle"
	}
	return way + "," + px.id, ""
}

// header is what a packet is forwarded with.
type header struct {
	in    *packet.Packet
	uri   string
	via   string
	token string // not empty: a MetaSession pair to add
	strip bool   // take the last MetaSession pair away
}

// apply is a packet.PacketSetting: it makes out what in was.
func (h *header) apply(out *packet.Packet) {
	if h.strip {
		copyMeta(out.Meta(), h.in.Meta(), lastOf(h.in.Meta(), MetaSession))
	} else {
		h.in.Meta().CopyTo(out.Meta())
	}
	out.Meta().Set(MetaVia, h.via)
	if h.token != "" {
		out.Meta().Add(MetaSession, h.token)
	}
	out.SetBodyCodec(h.in.BodyCodec())
	// An id that is not registered for the other side makes the packing fail.
	_ = out.XferPipe().AppendFromRegistry(out.Env().FilterRegistry(), h.in.XferPipe().Ids()...)
}

// copyMeta adds the pairs of src to dst, in order, but for the one at index skip.
func copyMeta(dst, src *packet.Meta, skip int) {
	i := 0
	src.VisitAll(func(key, value []byte) {
		if i != skip {
			dst.Add(string(key), string(value))
		}
		i++
	})
}

// copyReplyMeta adds the pairs of a REPLY, but for the proxy's own, which an
// upstream that returns what it is given returns too.
func copyReplyMeta(dst, src *packet.Meta) {
	src.VisitAll(func(key, value []byte) {
		if k := string(key); k != MetaVia && k != MetaSession {
			dst.Add(k, string(value))
		}
	})
}

// lastOf gives the index of the last pair with the key, -1 where there is none.
func lastOf(m *packet.Meta, key string) int {
	i, last := 0, -1
	m.VisitAll(func(k, _ []byte) {
		if string(k) == key {
			last = i
		}
		i++
	})
	return last
}

// lastValue gives the last value of a key, "" where there is none.
func lastValue(m *packet.Meta, key string) (value string) {
	m.VisitAll(func(k, v []byte) {
		if string(k) == key {
			value = string(v)
		}
	})
	return value
}

// pairCost is about what a pair of metadata takes beside its bytes.
const pairCost = 16

// cost is about how many bytes a packet holds here.
func cost(uri string, m *packet.Meta, body []byte) int {
	n := len(uri) + len(body)
	m.VisitAll(func(k, v []byte) { n += len(k) + len(v) + pairCost })
	return n
}
