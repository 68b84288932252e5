package suite

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerMalformedCases: frames of every class of fault, beside those of peerFaultCases.
func peerMalformedCases(tg *Target) []runner.Case {
	body := oracle.Payload(1, oracle.Pull, []byte(echo), nil, 's', []byte("x"))
	ends := func(id, reqs, title string, mayAnswer bool, bad []byte, features ...runner.Feature) runner.Case {
		return tg.peer(id, reqs+" TP-ERR-014 TP-SESS-020", title, func(l *link) {
			l.sendBehind(bad)
			l.endsWith(mayAnswer)
			l.othersGood()
		}, features...)
	}
	gzipped := func(id, reqs, title string, member []byte) runner.Case {
		return ends(id, reqs, title, false, oracle.Frame([]byte("g"), member), FeatureGzip)
	}
	patched := func(at int, v byte) []byte { // counted from the end where it is negative
		m := oracle.Gzip(body)
		m[(at+len(m))%len(m)] ^= v
		return m
	}
	header := len(body) - 1 // bytes of it, the codec byte the last
	return []runner.Case{
		ends("malformed-size-1", "TP-FRAME-003", "a size of 1 ends the session", false, oracle.U32(1)),
		ends("malformed-size-largest", "TP-FRAME-004 TP-LIM-006", "the largest size that there is ends the session", false, oracle.U32(1<<32-1)),
		ends("malformed-size-before-version", "TP-FRAME-008 TP-FRAME-003", "of two faults in a frame either ends the session", false, oracle.RawFrame(4, 'x', 255, nil, nil)),
		ends("malformed-version-0", "TP-FRAME-005", "protocol id 0 ends the session", false, oracle.RawFrame(uint32(6+len(body)), 0, 0, nil, body)),
		ends("malformed-version-json", "TP-FRAME-005", "a frame of another Proto of the standard ends the session", false,
			oracle.RawFrame(uint32(6+len(body)), 'j', 0, nil, body)),
		ends("malformed-filter-count-largest", "TP-FRAME-006", "a filter count of 255 in a short frame ends the session", false, oracle.RawFrame(10, 'f', 255, nil, []byte("gggg"))),
		ends("malformed-filter-second", "TP-FRAME-007", "an unknown filter in second place ends the session", false,
			oracle.RawFrame(uint32(8+len(body)), 'f', 2, []byte{'g', unregistered}, body)),
		ends("malformed-filter-early", "TP-FRAME-007 TP-FRAME-008", "an unknown filter ends the session before the payload has come", false,
			oracle.RawFrame(100_000, 'f', 1, []byte{unregistered}, nil)),
		gzipped("malformed-gzip-empty", "TP-XFER-016", "a filter without any data ends the session", nil),
		gzipped("malformed-gzip-magic", "TP-XFER-019", "a gzip member with another magic number ends the session", patched(1, 0x10)),
		gzipped("malformed-gzip-method", "TP-XFER-019", "so does one with another method", patched(2, 1)),
		gzipped("malformed-gzip-flags", "TP-XFER-019", "so does one with a reserved flag", patched(3, 0x80)),
		gzipped("malformed-gzip-crc", "TP-XFER-017", "so does a wrong CRC-32", patched(-5, 1)),
		gzipped("malformed-gzip-length", "TP-XFER-017", "so does a wrong length at its end", patched(-1, 1)),
		gzipped("malformed-gzip-second", "TP-XFER-018", "so does a second member", oracle.Cat(oracle.Gzip(body[:9]), oracle.Gzip(body[9:]))),
		tg.peer("malformed-header-cut", "TP-FAST-005 TP-FAST-006 TP-FAST-008 TP-ERR-014 TP-SESS-020", "a payload that ends anywhere in its header ends the session", func(l *link) {
			for n := range header {
				other := l.another()
				other.send(oracle.Frame(nil, body[:n]))
				other.endsWith(n >= 9) // before that nobody can tell that it is a PULL
				other.close()
			}
			l.alive()
		}),
		ends("malformed-codec-missing", "TP-FAST-008", "a payload without its codec byte ends the session", true, oracle.Frame(nil, body[:header-1])),
		ends("malformed-uri-length-largest", "TP-FAST-006 TP-LIM-011", "the largest uri length ends the session", true,
			oracle.Frame(nil, oracle.Cat(oracle.U64(1), oracle.U8(1), oracle.U32(1<<32-1), []byte(echo), oracle.U32(0), []byte("sx")))),
		ends("malformed-push", "TP-FAST-006", "a PUSH with a broken header ends the session without an answer", false,
			oracle.Frame(nil, oracle.Cat(oracle.U64(1), oracle.U8(3), oracle.U32(1000), []byte(note)))),
		ends("malformed-reply", "TP-FAST-007", "so does a REPLY", false,
			oracle.Frame(nil, oracle.Cat(oracle.U64(1), oracle.U8(2), oracle.U32(0), oracle.U32(1000)))),
		tg.service("malformed-behind-push", "TP-FRAME-015 TP-FRAME-010 TP-ERR-014", "the packet before a fault is handled, though both came in one piece", func(l *link) {
			held := pull(1, "/conformance/hold?key="+l.gate, 's', "held")
			l.send(held.frame())
			other := l.another()
			defer other.close()
			other.send(push(0, "/conformance/release?key="+l.gate, 0, "").frame(), oracle.U32(2))
			other.endsWith(false)
			p := l.read()
			l.isReply(p, held)
			l.success(p, 's', "held")
		}),
		tg.service("malformed-while-held", "TP-SESS-020 TP-ERR-014 TP-SESS-003", "a fault ends a session with running calls: each is answered at most once before the end", func(l *link) {
			other := l.another()
			defer other.close()
			var all []byte
			for i := range uint64(5) {
				all = append(all, pull(i, "/conformance/hold?key="+l.gate, 's', "held").frame()...)
			}
			other.send(all, oracle.U32(2))
			seen := map[uint64]bool{}
			l.send(push(0, "/conformance/release?key="+l.gate, 0, "").frame()) // a peer may let them run to their end
			for _, p := range other.readEnd() {
				if p.Ptype != oracle.Reply || p.Seq >= 5 || seen[p.Seq] {
					l.t.Fatalf("got a packet of type %d with seq %d, which no call is waiting for", p.Ptype, p.Seq)
				}
				seen[p.Seq] = true
			}
			l.good()
		}),
		tg.peer("malformed-many-sessions", "TP-SESS-020 TP-ERR-014", "faults in twenty sessions, one after the other, leave another one alone", func(l *link) {
			for i := range 20 {
				other := l.another()
				other.send(oracle.Frame(nil, oracle.Payload(uint64(i), 9, []byte(echo), nil, 's', []byte(fmt.Sprint(i)))))
				other.endsWith(false)
				other.close()
			}
			l.alive()
		}),
	}
}
