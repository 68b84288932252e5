package vectorgen

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// crcArea is the checksum filter.
func crcArea() *area {
	a := newArea("crc", "The checksum filter: CRC-32C behind the data, big-endian; what is changed, cut, or checked by another sum; its order with gzip.", map[string]string{
		"Checksum":  "The checksum does not match: a reader that does not look hands on changed bytes.",
		"OtherSum":  "The four bytes are a checksum, but another one, or in another place or order: an implementation that took the nearest CRC of its library fails.",
		"Truncated": "There is no room for a checksum: a reader that subtracts four from the length reads past its buffer.",
		"Order":     "The filters must be undone in the order of the list: undone the other way the wrong one fails.",
	})
	crcForms(a)
	crcOrder(a)
	crcBroken(a)
	return a
}

func crcForms(a *area) {
	sum := func(f frame) frame { return f.withPipe("c", oracle.AppendCrc32c(f.payload())) }
	good := func(comment string, f frame, opts ...option) {
		a.good("form", reqs("TP-XFER-025", "TP-XFER-026"), comment, sum(f), always(opts, needs("c"))...)
	}
	a.good("example", reqs("TP-XFER-025", "TP-XFER-026"), "The worked example of the chapter.", sum(examplePiped()), needs("c"))
	good("A payload of 27 bytes.", base())
	good("An empty body.", plain(7, oracle.Pull, "/echo", 's', ""))
	good("The smallest payload, 18 bytes of which most are zero.", plain(0, 0, "", 0, ""))
	good("A body of every byte.", plain(7, oracle.Push, "/echo", 's', everyByte()))
	good("A body of 70,000 bytes.", plain7(strings.Repeat("z", 70_000)))
	for _, n := range []int{0, 3} { // the search is over bodies of one number, and deterministic
		f := base()
		for i := 0; oracle.U32(oracle.Crc32c(f.payload()))[n] != 0; i++ {
			f = plain(7, oracle.Pull, "/echo", 's', "body "+itoa(i))
		}
		good("A checksum whose byte "+itoa(n)+" is zero.", f)
	}
	f := base()
	a.reads("form", reqs("TP-XFER-025", "TP-LIM-005"), "A payload of as many bytes as the payload limit allows.", sum(f), needs("c"),
		limits(vectors.Limits{MaxPayload: uint32(len(f.payload()))}))
	a.bad("form", reqs("TP-XFER-025", "TP-FAST-005"), at(oracle.Header, oracle.StagePayload, 0), "A checksum of nothing, 00000000: the filter is undone, the payload is empty.",
		framedPipe("c", make([]byte, 4)), needs("c"), piped(1, 0))
}

// everyByte is a body that has every byte once.
func everyByte() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func crcOrder(a *area) {
	f := base()
	p, c, g := f.payload(), oracle.AppendCrc32c, oracle.Gzip
	order := func(comment, ids string, done []byte, opts ...option) {
		a.reads("order", reqs("TP-XFER-003", "TP-XFER-025"), comment, f.withPipe(ids, done), always(opts, needs("c"), flags("Order"))...)
	}
	order("The checksum outside, gzip inside: the member is checked.", "cg", c(g(p)))
	order("gzip outside, the checksum inside: the payload is checked.", "gc", g(c(p)))
	order("A checksum on both sides of gzip.", "cgc", c(g(c(p))))
	order("gzip on both sides of a checksum.", "gcg", g(c(g(p))))
	a.good("order", reqs("TP-XFER-004", "TP-XFER-026"), "Two checksums; the outer one covers the inner one, too.", f.withPipe("cc", c(c(p))), needs("c"), flags("Order"))
	many := p
	for range 255 {
		many = c(many)
	}
	a.good("order", reqs("TP-XFER-005", "TP-XFER-026"), "255 checksums.", f.withPipe(strings.Repeat("c", 255), many), needs("c"), flags("Order"))

	wrong := func(n int64, comment, ids string, done []byte) {
		a.bad("order", reqs("TP-XFER-003", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, n), comment, framedPipe(ids, done),
			needs("c"), flags("Order"), piped(len(ids), 2*len(done)))
	}
	wrong(6, "Done as g c and listed as c g: the member is no checked data.", "cg", g(c(p)))
	wrong(6, "Done as c g and listed as g c: the checked member begins well and has four bytes behind it.", "gc", c(g(p)))
	wrong(7, "Two checksums are listed and one was done: the payload's last bytes are none.", "cc", c(p))
	wrong(7, "c g is listed and the checksum alone was done.", "cg", c(p))
	wrong(7, "g c is listed and gzip alone was done.", "gc", g(p))
	a.bad("order", reqs("TP-FRAME-007"), at(oracle.FilterUnknown, oracle.StageFrame, 7), "A checksum, and a filter that is not known.", framedPipe("cX", c(p)), needs("c"))
	refused := f.packet
	refused.Pipe = vectors.Pipe("cX")
	a.refuses("order", reqs("TP-FAST-018"), at(oracle.FilterUnknown, oracle.StageFrame, 0), "A sender does not send a checksum over what it cannot filter.", refused, needs("c"))
}

func crcBroken(a *area) {
	p := base().payload()
	done := wire{b: oracle.AppendCrc32c(p)}
	n := len(p)
	broken := func(topic, req, comment string, b []byte, opts ...option) {
		a.bad(topic, reqs("TP-XFER-006", req), at(oracle.FilterData, oracle.StageFrame, 6), comment, framedPipe("c", b),
			append(opts, needs("c"), piped(1, len(b)))...)
	}
	for i := range 4 {
		broken("short", "TP-XFER-027", itoa(i)+" bytes, where a checksum alone has four.", make([]byte, i), flags("Truncated"))
	}
	broken("short", "TP-XFER-028", "The checksum has lost its last byte.", done.b[:n+3], flags("Truncated"))
	broken("short", "TP-XFER-028", "The data have lost their first byte.", done.b[1:], flags("Truncated"))
	sum := flags("Checksum")
	for i := range 4 {
		broken("sum", "TP-XFER-028", "Byte "+itoa(i)+" of the checksum has another low bit.", done.set(n+i, done.b[n+i]^1).b, sum)
	}
	broken("sum", "TP-XFER-028", "The first byte of the data has another high bit.", done.set(0, done.b[0]^0x80).b, sum)
	broken("sum", "TP-XFER-028", "The last byte of the data has another low bit.", done.set(n-1, done.b[n-1]^1).b, sum)
	broken("sum", "TP-XFER-028", "Two neighbouring bytes of the data have changed places.", done.set(14, done.b[15], done.b[14]).b, sum)
	broken("sum", "TP-XFER-028", "A zero byte in front of the data.", oracle.Cat([]byte{0}, done.b), sum)
	broken("sum", "TP-XFER-028", "A zero byte behind the checksum.", oracle.Cat(done.b, []byte{0}), sum)
	broken("sum", "TP-XFER-028", "A checksum of zeros.", oracle.Cat(p, make([]byte, 4)), sum)
	broken("sum", "TP-XFER-028", "Four zeros more, and the checksum as before.", oracle.Cat(p, make([]byte, 4), done.b[n:]), sum)
	other := flags("OtherSum")
	broken("other-sum", "TP-XFER-026", "The checksum is little-endian.", oracle.Cat(p, binary.LittleEndian.AppendUint32(nil, oracle.Crc32c(p))), other)
	broken("other-sum", "TP-XFER-026", "The checksum stands in front.", oracle.Cat(done.b[n:], p), other)
	broken("other-sum", "TP-XFER-028", "The CRC-32 of gzip.", oracle.Cat(p, oracle.U32(crc32.ChecksumIEEE(p))), other)
	broken("other-sum", "TP-XFER-028", "CRC-32C, not inverted at its end.", oracle.Cat(p, oracle.U32(^oracle.Crc32c(p))), other)
	broken("other-sum", "TP-XFER-028", "CRC-32C, masked as Snappy masks it.", oracle.Cat(p, oracle.U32(oracle.Crc32c(p)>>15|oracle.Crc32c(p)<<17+0xa282ead8)), other)
	broken("other-sum", "TP-XFER-028", "The low half of XXH64.", oracle.Cat(p, oracle.U32(uint32(oracle.XXH64(p)))), other)

	small := limits(vectors.Limits{MaxPayload: uint32(n - 1)})
	a.bad("limit", reqs("TP-XFER-007", "TP-XFER-029"), at(oracle.Limit, oracle.StageFrame, 6), "The payload has one byte more than the payload limit allows.",
		framedPipe("c", done.b), needs("c"), small, piped(1, 0))
	a.bad("limit", reqs("TP-XFER-029"), at(oracle.Limit, oracle.StageFrame, 6), "The same with a wrong checksum: the length is looked at first.",
		framedPipe("c", done.set(n, done.b[n]^1).b), needs("c"), small, piped(1, 0))
	a.bad("limit", reqs("TP-XFER-009"), at(oracle.Limit, oracle.StageFrame, 6), "The outer checksum's output passes the limit, that of the inner one would not.",
		framedPipe("cc", oracle.AppendCrc32c(oracle.AppendCrc32c(p))), needs("c"), limits(vectors.Limits{MaxPayload: uint32(n + 3)}), piped(2, 0))
	a.bad("limit", reqs("TP-XFER-009"), at(oracle.Limit, oracle.StageFrame, 7), "The inner gzip's output passes the limit, the member itself does not.",
		framedPipe("cg", oracle.AppendCrc32c(oracle.GzipRun(0, 20_000))), needs("c"), limits(vectors.Limits{MaxPayload: 10_000}), piped(2, 10_000))
	cut := framedPipe("c", done.b)
	a.bad("cut", reqs("TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0), "The stream ends somewhere inside the frame.", cut, needs("c"), expand(vectors.ExpandTruncate), piped(1, len(done.b)))
}
