package suite

import (
	"bytes"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerFaultCases: bytes that end the session, and the session only.
func peerFaultCases(tg *Target) []runner.Case {
	body := oracle.Payload(1, oracle.Pull, []byte(echo), nil, 's', []byte("x"))
	// judge sends bad bytes. Before the end, nothing may come, but for one error where a seq was there to be read.
	judge := func(id, reqs, title string, bad []byte, mayAnswer bool, features []runner.Feature) runner.Case {
		return tg.peer(id, reqs+" TP-ERR-014 TP-SESS-020", title, func(l *link) {
			l.sendBehind(bad)
			l.endsWith(mayAnswer)
			l.othersGood()
		}, features...)
	}
	ends := func(id, reqs, title string, bad []byte, features ...runner.Feature) runner.Case {
		return judge(id, reqs, title, bad, false, features)
	}
	endsPlus := func(id, reqs, title string, bad []byte) runner.Case { // TP-ERR-020
		return judge(id, reqs, title, bad, true, nil)
	}
	ofType := func(ptype byte) []byte {
		return oracle.Frame(nil, oracle.Payload(1, ptype, []byte(echo), nil, 's', []byte("x")))
	}
	// Cases are built before the limits are known that the peer declares.
	late := func(id, reqs, title string, mayAnswer bool, make func(oracle.Limits) []byte, features ...runner.Feature) runner.Case {
		return heavy(tg.peer(id, reqs+" TP-ERR-014 TP-SESS-020", title, func(l *link) {
			l.sendBehind(make(tg.limits()))
			l.endsWith(mayAnswer)
			l.othersGood()
		}, features...))
	}
	return []runner.Case{
		ends("fault-type-0", "TP-SESS-005 TP-ERR-013", "a packet of type 0 ends the session without an answer", ofType(0)),
		ends("fault-type-4", "TP-SESS-005 TP-ERR-013", "so does one of type 4", ofType(4)),
		ends("fault-type-255", "TP-SESS-005 TP-ERR-013", "so does one of type 255", ofType(255)),
		ends("fault-size-0", "TP-FRAME-003", "a size of 0 ends the session", oracle.U32(0)),
		ends("fault-size-5", "TP-FRAME-003", "a size of 5 ends the session", oracle.U32(5)),
		ends("fault-size-over-limit", "TP-FRAME-004 TP-LIM-006 TP-LIM-001", "a size over the packet limit ends the session before any more bytes have come",
			oracle.U32(1<<31)),
		ends("fault-protocol-id", "TP-FRAME-005", "another protocol id ends the session", oracle.RawFrame(uint32(6+len(body)), 'x', 0, nil, body)),
		ends("fault-protocol-id-early", "TP-FRAME-005 TP-FRAME-008", "it does so before the rest of the frame has come", append(oracle.U32(1000), 'x')),
		ends("fault-filter-count", "TP-FRAME-006", "a filter count that exceeds the frame ends the session", oracle.RawFrame(8, 'f', 3, nil, []byte("gg"))),
		ends("fault-filter-unknown", "TP-FRAME-007", "an unknown filter ends the session", oracle.RawFrame(uint32(7+len(body)), 'f', 1, []byte{unregistered}, body)),
		ends("fault-filter-data", "TP-XFER-006", "filter data that cannot be undone end the session", oracle.Frame([]byte("g"), body), FeatureGzip),
		ends("fault-filter-cut", "TP-XFER-016", "a gzip member that is cut ends the session", oracle.Frame([]byte("g"), cut(oracle.GzipFixed(body), 9)), FeatureGzip),
		ends("fault-filter-trailing", "TP-XFER-018", "bytes behind the gzip member end the session",
			oracle.Frame([]byte("g"), append(oracle.GzipFixed(body), 0)), FeatureGzip),
		late("fault-bomb", "TP-XFER-007 TP-LIM-002 TP-LIM-006", "a payload that grows over the payload limit ends the session",
			false, func(l oracle.Limits) []byte {
				return squeezed(pull(1, echo, 's', strings.Repeat("a", int(l.MaxPayload)+16<<20))) // good but for its size
			}, FeatureGzip),
		endsPlus("fault-header-short", "TP-FAST-005", "a payload without a whole header ends the session", oracle.Frame(nil, body[:10])),
		endsPlus("fault-uri-length", "TP-FAST-006", "a uri length that runs past the payload ends the session",
			oracle.Frame(nil, oracle.Cat(oracle.U64(1), oracle.U8(1), oracle.U32(1000), []byte(echo), oracle.U32(0), []byte("sx")))),
		endsPlus("fault-meta-length", "TP-FAST-007", "a meta length that runs past the payload ends the session",
			oracle.Frame(nil, oracle.Cat(oracle.U64(1), oracle.U8(1), oracle.U32(1), []byte("/"), oracle.U32(1<<32-1), []byte("sx")))),
		late("fault-uri-limit", "TP-LIM-003 TP-LIM-006", "a uri over its limit ends the session", true, func(l oracle.Limits) []byte {
			return oracle.Frame(nil, oracle.Payload(1, oracle.Pull, bytes.Repeat([]byte("a"), int(l.MaxUri)+1), nil, 's', nil))
		}),
		late("fault-meta-limit", "TP-META-016 TP-LIM-004", "metadata over their limit end the session", true, func(l oracle.Limits) []byte {
			return oracle.Frame(nil, oracle.Payload(1, oracle.Pull, []byte(echo), bytes.Repeat([]byte("a"), int(l.MaxMeta)+1), 's', nil))
		}),
		late("fault-meta-pairs", "TP-META-017 TP-LIM-004", "more pairs of metadata than the limit end the session", true, func(l oracle.Limits) []byte {
			return oracle.Frame(nil, oracle.Payload(1, oracle.Pull, []byte(echo), bytes.Repeat([]byte("a&"), l.MaxMetaPairs+1), 's', nil))
		}),
		ends("fault-garbage", "TP-FRAME-005", "text of another protocol ends the session", []byte("\x00\x00\x00GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
		tg.peer("fault-after-good", "TP-FRAME-015 TP-ERR-014", "bytes behind a fault are not read, however good they look", func(l *link) {
			l.alive()
			l.sendBehind(oracle.Cat(oracle.U32(3), pull(5, echo, 's', "hidden").frame()))
			if before := l.readEnd(); len(before) > 0 {
				l.t.Fatalf("the peer answered a packet behind the fault: type %d, seq %d", before[0].Ptype, before[0].Seq)
			}
			l.othersGood()
		}),
	}
}

func cut(b []byte, n int) []byte { return b[:len(b)-n] }
