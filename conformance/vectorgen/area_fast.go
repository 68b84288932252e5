package vectorgen

import (
	"fmt"
	"math"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// homeUri is the uri of the examples.
const homeUri = "/group/home/test?peer_id=call-1"

// fastArea is the fast/1 Proto: the worked examples of the standard, and every header field at its edges.
func fastArea() *area {
	a := newArea("fast", "The fast/1 Proto: the examples that the standard works through, and every field of the header at its edges.", map[string]string{
		"Example":   "The standard explains this case byte by byte; a reader that fails it does not speak fast/1 at all.",
		"Seq64":     "The sequence number needs more than 31, 32 or 53 bits: kept in a signed, short or floating-point number it comes back wrong and the reply is never matched.",
		"EarlyEnd":  "The payload ends inside the header: a reader that does not check reads past its end.",
		"LengthLie": "A length field runs past the payload: a reader that trusts it reads past the end, or overflows.",
		"RawBody":   "The body does not decode under its codec; the packet must be accepted all the same and the bytes kept.",
	})
	examples(a)
	fastSeqs(a)
	fastShort(a)
	fastLengths(a)
	fastBodies(a)
	return a
}

// examples are the frames that the standard quotes.
func examples(a *area) {
	a.good("example", reqs("TP-FRAME-001", "TP-FRAME-002", "TP-FAST-001", "TP-FAST-002", "TP-META-001", "TP-META-003", "TP-SESS-001"),
		"A PULL with metadata and a JSON body, 79 bytes.", examplePull(), flags("Example"))

	reply := plain(0, oracle.Reply, homeUri, 'j', "null").
		withMeta("X-Reply-Error=%7B%22code%22%3A404%2C%22message%22%3A%22Not%20Found%22%7D",
			pair("X-Reply-Error", `{"code":404,"message":"Not Found"}`))
	reply.packet.Error = replyError(404, "Not Found", "")
	a.good("example", reqs("TP-FAST-002", "TP-META-005", "TP-ERR-001", "TP-ERR-003", "TP-ERR-008", "TP-SESS-001"),
		"The REPLY to it that says 404 Not Found, with body null, 131 bytes.", reply, flags("Example"))

	a.good("example", reqs("TP-FAST-002", "TP-FAST-010", "TP-FAST-012", "TP-CODEC-003", "TP-SESS-001"),
		"A PUSH with a string body and a raw space in its uri, 55 bytes.",
		plain(0, oracle.Push, "/push/test?tag=from home-test", 's', "hi"), flags("Example"))

	a.good("example", reqs("TP-FAST-005", "TP-FAST-012", "TP-FAST-013", "TP-CODEC-004"),
		"The smallest frame, 24 bytes: seq 0, PULL, no uri, no metadata, no codec, no body.",
		plain(0, oracle.Pull, "", 0, ""), flags("Example"))

	f := plain(5, oracle.Pull, "/echo", 's', "hi")
	a.good("example", reqs("TP-XFER-001", "TP-XFER-012", "TP-XFER-013", "TP-XFER-014", "TP-FAST-016"),
		"A PULL through gzip: one complete member of one stored block, 55 bytes.",
		f.withPipe("g", oracle.Gzip(f.payload())), flags("Example"), loose)
}

func fastSeqs(a *area) {
	for _, n := range []uint64{0, 1, 127, 128, 255, 256, 65535, 65536, math.MaxInt32, 1 << 31, math.MaxUint32, 1 << 32,
		1 << 53, 1<<53 + 1, math.MaxInt64, 1 << 63, 1<<63 + 1, math.MaxUint64 - 1, math.MaxUint64, 0x0102030405060708} {
		a.good("seq", reqs("TP-FAST-003", "TP-FRAME-001"), "The sequence number is "+seq(n)+".", plain(n, oracle.Pull, "/echo", 's', "hey!"), flags("Seq64"))
	}
}

func fastShort(a *area) {
	names := map[int]string{0: "seq", 8: "ptype", 9: "uri length", 13: "meta length", 17: "codec"}
	first := 0
	for n := range 18 { // zero bytes: empty uri, empty metadata
		if _, ok := names[n]; ok {
			first = n
		}
		a.bad("payload-short", reqs("TP-FAST-005", "TP-FAST-008"), at(oracle.Header, oracle.StagePayload, int64(first)),
			fmt.Sprintf("A payload of %d zero bytes ends before or inside the %s.", n, names[first]), framed(make([]byte, n)), flags("EarlyEnd"))
	}
	payload := examplePull().payload() // uri 13..44, meta length 44..48, meta 48..65, codec 65
	for _, c := range []struct {
		n, at int
		what  string
	}{
		{10, 9, "inside the uri length"}, {12, 9, "inside the uri length"}, {13, 9, "before the uri"}, {14, 9, "inside the uri"}, {43, 9, "inside the uri"},
		{44, 44, "before the meta length"}, {45, 44, "inside the meta length"}, {47, 44, "inside the meta length"},
		{48, 44, "before the meta"}, {49, 44, "inside the meta"}, {64, 44, "inside the meta"}, {65, 65, "before the codec"},
	} {
		a.bad("payload-cut", reqs("TP-FAST-005", "TP-FAST-006", "TP-FAST-007", "TP-FAST-008"), at(oracle.Header, oracle.StagePayload, int64(c.at)),
			"The payload of the first example ends "+c.what+", after "+itoa(c.n)+" bytes.", framed(payload[:c.n]), flags("EarlyEnd"))
	}
	a.good("payload-cut", reqs("TP-FAST-008", "TP-FAST-012"), "The same, cut behind the codec byte: a packet with an empty body.", func() frame {
		f := examplePull()
		f.body, f.packet.Body = nil, nil
		return f
	}())
}

func fastLengths(a *area) {
	w := base().wire() // uri length at 15 (payload 9): 5, of 14 bytes that follow; meta length at 24 (payload 18): 0, of 5 that follow
	for _, n := range []uint32{15, 16, 255, 256, 65536, 0x7fffffff, 0x80000000, 0xfffffff2, 0xfffffff3, 0xffffffff} {
		a.bad("uri-length", reqs("TP-FAST-006"), at(oracle.Header, oracle.StagePayload, 9),
			fmt.Sprintf("The uri length is %d; 14 bytes follow it.", n), w.setU32(15, n), flags("LengthLie"))
	}
	a.bad("uri-length", reqs("TP-FAST-005"), at(oracle.Header, oracle.StagePayload, 27),
		"The uri length is 14 and takes the whole rest: no byte is left for the meta length.", w.setU32(15, 14), flags("LengthLie"))
	a.bad("uri-length", reqs("TP-FAST-005"), at(oracle.Header, oracle.StagePayload, 24),
		"The uri length is 11 and leaves three bytes for the meta length.", w.setU32(15, 11), flags("LengthLie"))
	a.bad("uri-length", reqs("TP-FAST-007"), at(oracle.Header, oracle.StagePayload, 23),
		"The uri length is 10, so that the body is taken for a meta length that runs past the payload.", w.setU32(15, 10), flags("LengthLie"))
	a.bad("uri-length", reqs("TP-FAST-006", "TP-FRAME-001"), at(oracle.Header, oracle.StagePayload, 9),
		"The uri length is in the wrong byte order.", w.set(15, 5, 0, 0, 0), flags("LengthLie"))
	for _, n := range []uint32{6, 7, 255, 65536, 0x7fffffff, 0x80000000, 0xffffffe9, 0xfffffffa, 0xffffffff} {
		a.bad("meta-length", reqs("TP-FAST-007"), at(oracle.Header, oracle.StagePayload, 18),
			fmt.Sprintf("The meta length is %d; 5 bytes follow it.", n), w.setU32(24, n), flags("LengthLie"))
	}
	a.bad("meta-length", reqs("TP-FAST-008"), at(oracle.Header, oracle.StagePayload, 27),
		"The meta length is 5 and takes the codec, too.", w.setU32(24, 5), flags("LengthLie"))
	m := examplePull().wire()
	a.bad("meta-length", reqs("TP-FAST-007", "TP-FRAME-001"), at(oracle.Header, oracle.StagePayload, 44),
		"The meta length is in the wrong byte order.", m.set(50, 17, 0, 0, 0), flags("LengthLie"))
	a.bad("both-lengths", reqs("TP-FAST-006", "TP-FRAME-008"), at(oracle.Header, oracle.StagePayload, 9),
		"Both lengths run past the payload: the uri comes first.", m.setU32(50, 9999).setU32(15, 9999), flags("LengthLie"))
	for n := range uint32(4) { // a shorter uri makes the rest of it a meta length of ASCII bytes
		a.bad("uri-length-less", reqs("TP-FAST-002", "TP-FAST-007"), at(oracle.Header, oracle.StagePayload, int64(13+n)),
			fmt.Sprintf("The uri length is %d instead of 31: the uri's next bytes are taken for a meta length that runs past the payload.", n), m.setU32(15, n), flags("LengthLie"))
	}
}

func fastBodies(a *area) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, c := range []struct{ body, what string }{
		{"", "no byte"}, {"\x00", "one zero byte"}, {"x", "one byte"}, {string(all), "each byte value once"},
		{strings.Repeat("\x00", 1000), "1,000 zero bytes"}, {strings.Repeat("ab", 40_000), "80,000 bytes"},
		{string(base().wire().b), "a whole frame"}, {"\xff\xff\xff\xff", "what could be a size"}, {"&a=1", "what could be metadata"},
	} {
		a.good("body", reqs("TP-FAST-009", "TP-FAST-017", "TP-FAST-015"), "The body is "+c.what+".", plain(7, oracle.Push, "/echo", 's', c.body))
	}
	a.good("full", reqs("TP-FAST-002", "TP-FAST-015"), "Every field has a byte pattern of its own.",
		plain(0x1112131415161718, 0x21, "\x31\x32\x33", 's', "\x61\x62\x63").withMeta("%41=%42", pair("A", "B")), kindDecode)
	a.good("full", reqs("TP-FAST-002", "TP-FAST-015"), "Every field has a byte pattern of its own; the metadata is canonical.",
		plain(0x1112131415161718, 0x21, "\x31\x32\x33", 's', "\x61\x62\x63").withMeta("A=B", pair("A", "B")))
	a.good("unknown-codec", reqs("TP-FAST-014", "TP-CODEC-008"), "A raw body under a codec id that nobody registered: sent and kept as it is.",
		plain(7, oracle.Pull, "/echo", 'X', "raw \x00\xff bytes"), flags("RawBody"))
	a.good("bad-json", reqs("TP-FAST-014", "TP-CODEC-008", "TP-CODEC-006"), "A raw body that is no JSON under the id of JSON: the Proto carries it.",
		plain(7, oracle.Pull, "/echo", 'j', "{raw"), flags("RawBody"))
}
