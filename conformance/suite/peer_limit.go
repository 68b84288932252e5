package suite

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// mostSent is the largest packet that a case sends, whatever the peer would take.
const mostSent = 64 << 20

// incompressible gives n bytes that no compressor makes smaller, the same ones every time.
func incompressible(n int) []byte {
	var b []byte
	for i := uint64(0); len(b) < n; i++ {
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i))
		b = append(b, sum[:]...)
	}
	return b[:n]
}

// filled gives an echo whose frame, without a pipe, has exactly size bytes.
func filled(size int) call {
	c := pull(1, echo, 's', "")
	c.body = string(incompressible(size - len(c.frame())))
	return c
}

// squeezed gives the frame of a call through gzip as a real compressor does it: bodies at the payload limit fit
// into a frame far below the packet limit.
func squeezed(c call) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(c.frame()[6:])
	w.Close() // a bytes.Buffer takes everything
	return oracle.Frame([]byte("g"), b.Bytes())
}

// peerLimitCases: at a limit exactly, and one above it.
func peerLimitCases(tg *Target) []runner.Case {
	limits := tg.limits
	served := func(id, reqs, title string, make func() call, features ...runner.Feature) runner.Case {
		return heavy(tg.service(id, reqs, title, func(l *link) {
			c := make()
			frame := c.frame()
			if len(features) > 0 {
				frame = squeezed(c)
			}
			if n, most := uint32(len(frame)), min(tg.limits().MaxPacket, tg.limits().MaxPayload+6); n > most || n > mostSent {
				l.t.Skipf("a packet of %d bytes is needed, the peer takes %d and the suite sends %d", n, most, mostSent)
			}
			l.sendBehind(frame)
			p := l.read()
			l.isReply(p, c)
			l.success(p, 's', c.body)
			l.good()
		}, features...))
	}
	// closes sends what must end the session; where the seq was there to be read it may be answered first.
	closes := func(id, reqs, title string, make func() []byte, mayAnswer bool, features ...runner.Feature) runner.Case {
		return heavy(tg.peer(id, reqs+" TP-ERR-014 TP-SESS-020", title, func(l *link) {
			if len(features) > 0 && limits().MaxPayload > mostSent {
				l.t.Skipf("the payload limit is %d, and the suite sends no more than %d", limits().MaxPayload, mostSent)
			}
			l.sendBehind(make())
			l.endsWith(mayAnswer)
			l.othersGood()
		}, features...))
	}
	return []runner.Case{
		served("limit-packet-exact", "TP-LIM-005 TP-LIM-001 TP-FRAME-004 TP-FRAME-018", "a packet of exactly the packet limit is served", func() call {
			return filled(int(min(limits().MaxPacket, limits().MaxPayload+6, mostSent+1)))
		}),
		closes("limit-packet-over", "TP-LIM-005 TP-LIM-001 TP-FRAME-004 TP-LIM-006", "a size of one more ends the session, before any more bytes have come", func() []byte {
			return oracle.U32(limits().MaxPacket + 1)
		}, false),
		served("limit-uri-exact", "TP-LIM-005 TP-LIM-003", "a uri of exactly the uri limit is served", func() call {
			return pull(1, echo+"?"+strings.Repeat("u", int(limits().MaxUri)-len(echo)-1), 's', "x")
		}),
		served("limit-meta-exact", "TP-LIM-005 TP-LIM-004 TP-META-016", "metadata of exactly the metadata limit are served", func() call {
			c := pull(1, echo, 's', "x")
			c.meta = metaPairs("k", strings.Repeat("v", int(limits().MaxMeta)-2))
			return c
		}),
		served("limit-pairs-exact", "TP-LIM-005 TP-LIM-004 TP-META-017", "as many pairs of metadata as the pair limit are served", func() call {
			c := pull(1, echo, 's', "x")
			for range limits().MaxMetaPairs {
				c.meta = append(c.meta, metaPairs("a", "")...)
			}
			return c
		}),
		served("limit-payload-exact", "TP-LIM-005 TP-LIM-002 TP-XFER-007", "a payload of exactly the payload limit comes through a filter", func() call {
			c := pull(1, echo, 's', "")
			c.body = strings.Repeat("p", int(min(limits().MaxPayload, mostSent))-(len(c.frame())-6))
			return c
		}, FeatureGzip),
		closes("limit-payload-over", "TP-LIM-005 TP-LIM-002 TP-XFER-007 TP-LIM-006", "a payload of one byte more ends the session", func() []byte {
			c := pull(1, echo, 's', "")
			c.body = strings.Repeat("p", int(min(limits().MaxPayload, mostSent))-(len(c.frame())-6)+1)
			return squeezed(c)
		}, false, FeatureGzip),
		closes("limit-payload-over-unfiltered", "TP-LIM-002 TP-XFER-008 TP-LIM-001", "so does a frame over both limits without a filter", func() []byte {
			l := limits()
			return oracle.RawFrame(max(l.MaxPacket, l.MaxPayload+6)+1, 'f', 0, nil, nil)
		}, false),
		heavy(tg.service("limit-reply-over", "TP-SESS-017 TP-FRAME-014 TP-LIM-005", "a REPLY that would be over the packet limit is a 500 in its place, and the session stays", func(l *link) {
			// Noise through gzip is larger than noise: the REPLY to a PULL at the limit does not fit.
			c := filled(int(min(limits().MaxPacket, limits().MaxPayload+6, mostSent)))
			c.uri, c.body = "/conformance/pipe?ids=103", c.body[:len(c.body)-len("/conformance/pipe?ids=103")+len(echo)]
			if limits().MaxPayload+6 < limits().MaxPacket || limits().MaxPacket > mostSent {
				l.t.Skipf("the payload limit of %d keeps every REPLY below the packet limit of %d, or the suite does not send so much", limits().MaxPayload, limits().MaxPacket)
			}
			l.sendBehind(c.frame())
			p := l.read()
			l.isReply(p, c)
			l.failure(p, 500)
			l.good()
		}, FeatureGzip)),
		tg.service("limit-others-served", "TP-LIM-006 TP-SESS-020", "a call that runs on another session is answered after a session has ended for a limit", func(l *link) {
			held := pull(1, "/conformance/hold?key="+l.gate, 's', "held")
			l.send(held.frame())
			other := l.another()
			defer other.close()
			other.send(oracle.U32(limits().MaxPacket + 1))
			other.endsWith(false)
			l.send(push(0, "/conformance/release?key="+l.gate, 0, "").frame())
			p := l.read()
			l.isReply(p, held)
			l.success(p, 's', "held")
		}),
		tg.service("limit-empty-smallest", "TP-FAST-012 TP-SESS-007", "the smallest packet there is, with nothing in it, is answered", func(l *link) {
			c := pull(0, "", 0, "")
			if n := len(c.frame()); n != 24 {
				l.t.Harnessf("the smallest packet has %d bytes, expected 24", n)
			}
			l.failure(l.ask(c), 404)
			l.good()
		}),
	}
}

// endsWith expects the end of the session. Before it, nothing may come but, where the seq 1 of a PULL was
// there to be read, one error for it (TP-ERR-020).
func (l *link) endsWith(mayAnswer bool) {
	before := l.readEnd()
	for _, p := range before {
		e, failed := oracle.ReplyErrorOf(p.Meta)
		if !mayAnswer || p.Ptype != oracle.Reply || p.Seq != 1 || !failed || e.Code != 400 && e.Code != 413 {
			l.t.Fatalf("the peer answered the bytes with a packet of type %d, seq %d, body %.40q", p.Ptype, p.Seq, bytes.TrimSpace(p.Body))
		}
	}
	if len(before) > 1 {
		l.t.Fatalf("the peer answered one PULL %d times", len(before))
	}
}
