package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// pbArea is the Proto pb/1: what its payload says, and every way in which it can be broken.
func pbArea() *area {
	a := newArea("pb", "The pb/1 Proto: the frame of fast/1 around a header that is a Protocol Buffers message.", map[string]string{
		"Example":   "The standard shows this case; a reader that fails it does not speak pb/1 at all.",
		"NoText":    "Bytes that are no text: a field of type string loses or refuses them.",
		"Seq64":     "The number needs more than 32 or 53 bits.",
		"Order":     "Fields come in any order and may be missing.",
		"Unknown":   "A later sender may have more fields; they are skipped, and still have to be whole.",
		"Repeat":    "A field is there twice: readers that take the first and readers that take the last see different packets.",
		"Tag":       "A tag that is no tag of a packet: a reader that does not check goes on in the middle of a field.",
		"EarlyEnd":  "The payload ends inside a field: a reader that does not check reads past its end.",
		"LengthLie": "A length runs past the payload: a reader that trusts it reads past the end, or overflows.",
		"Value":     "A value is out of its range: a reader that cuts off its upper bits reads a packet that nobody sent.",
		"AtLimit":   "Exactly as much as is allowed.",
		"OverLimit": "One more than is allowed.",
		"RawBody":   "The body does not decode under its codec; the packet must be accepted all the same and the bytes kept.",
	})
	a.proto = "pb"
	pbWritten(a)
	pbRead(a)
	pbTags(a)
	pbValues(a)
	pbBounds(a)
	pbFrames(a)
	return a
}

// inPB gives a packet the payload of pb/1, field by field.
func inPB(f frame, fields ...part) frame {
	f.proto, f.parts = oracle.PB.ID, fields
	return f
}

// bytesPart is any bytes of a payload under a name.
func bytesPart(name, b string) part { return part{name, []byte(b)} }

// The fields of the message.
func pbSeq(n uint64) part   { return part{"seq", oracle.PBNumber(1, n)} }
func pbPtype(n uint64) part { return part{"ptype", oracle.PBNumber(2, n)} }
func pbUri(s string) part   { return part{"uri", oracle.PBBytes(3, []byte(s))} }
func pbMeta(s string) part  { return part{"meta", oracle.PBBytes(4, []byte(s))} }
func pbCodec(n uint64) part { return part{"body codec", oracle.PBNumber(5, n)} }
func pbBody(s string) part  { return part{"body", oracle.PBBytes(6, []byte(s))} }
func pbEcho() frame         { return inPB(base(), pbEchoFields()...) }
func pbEchoFields() []part {
	return []part{pbSeq(7), pbPtype(1), pbUri("/echo"), pbCodec('s'), pbBody("hey!")}
}
func pbEmpty() frame            { return inPB(plain(0, 0, "", 0, "")) }
func behindSeq(p ...part) frame { return inPB(frame{}, append([]part{pbSeq(7)}, p...)...) } // the next field is at 2

// pbWritten are packets and the one way to write each.
func pbWritten(a *area) {
	all := reqs("TP-PB-001", "TP-PB-002", "TP-PB-003")
	a.good("example", append(all, "TP-PB-004"), "The smallest frame: every field is zero or empty, and left out.", pbEmpty(), flags("Example"))
	a.good("example", all, "The PULL of fast-example-0001; its seq is 0 and left out.",
		inPB(examplePull(), pbPtype(1), pbUri(homeUri), pbMeta("set=0&add=1&add=2"), pbCodec('j'), pbBody(`{"a":1}`)), flags("Example"))
	a.good("example", all, "A PUSH of hi to /a, 20 bytes.", inPB(plain(1, oracle.Push, "/a", 's', "hi"),
		bytesPart("seq", "\x08\x01"), bytesPart("ptype", "\x10\x03"), bytesPart("uri", "\x1a\x02/a"), bytesPart("body codec", "\x28\x73"), bytesPart("body", "\x32\x02hi")))
	for _, c := range []struct {
		n     uint64
		bytes string
	}{{127, "\x08\x7f"}, {128, "\x08\x80\x01"}, {1<<53 + 1, "\x08\x81\x80\x80\x80\x80\x80\x80\x10"},
		{1 << 63, "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"}, {1<<64 - 1, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"}} {
		a.good("seq", reqs("TP-PB-003", "TP-FAST-003"), "The sequence number is "+seq(c.n)+".",
			inPB(plain(c.n, oracle.Pull, "/a", 0, ""), bytesPart("seq", c.bytes), pbPtype(1), pbUri("/a")), flags("Seq64"))
	}
	a.good("numbers", reqs("TP-PB-003", "TP-FAST-004"), "Packet type and codec are 255, two bytes each.",
		inPB(plain(0, 255, "", 255, "x"), bytesPart("ptype", "\x10\xff\x01"), bytesPart("body codec", "\x28\xff\x01"), pbBody("x")), flags("RawBody"))
	a.good("uri", reqs("TP-PB-002", "TP-FAST-011"), "A uri with a zero byte and a byte that is not UTF-8.",
		inPB(plain(1, oracle.Push, "/\x00\xff", 0, ""), pbSeq(1), pbPtype(3), pbUri("/\x00\xff")), flags("NoText"))
	a.good("meta", reqs("TP-PB-002", "TP-META-001", "TP-META-005"), "Repeated keys, an empty value and bytes that are no text.",
		inPB(plain(0, oracle.Push, "", 0, "").withMeta("", pair("k", "1"), pair("k", "2"), pair("e", ""),
			vectors.Pair{Key: text("b"), Value: bytesOf([]byte{0, 255})}), pbPtype(3), pbMeta("k=1&k=2&e&b=%00%FF")))
	reply := plain(7, oracle.Reply, "/a", 'j', "null").withMeta("", pair("X-Reply-Error", `{"code":404}`))
	reply.packet.Error = replyError(404, "", "")
	a.good("reply", all, "A REPLY with an error: metadata is the same in every Proto.",
		inPB(reply, pbSeq(7), pbPtype(2), pbUri("/a"), pbMeta("X-Reply-Error=%7B%22code%22%3A404%7D"), pbCodec('j'), pbBody("null")))
	for _, n := range []int{127, 128, 16_384, 70_000} {
		body := strings.Repeat("z", n)
		a.good("body", reqs("TP-PB-002", "TP-PB-003", "TP-FAST-017"), fmt.Sprintf("A body of %d bytes.", n),
			inPB(plain(1, oracle.Push, "/a", 's', body), pbSeq(1), pbPtype(3), pbUri("/a"), pbCodec('s'), pbBody(body)))
	}
	a.good("body-bytes", reqs("TP-PB-002", "TP-FAST-015"), "A body that looks like fields of the message.",
		inPB(plain(1, oracle.Push, "/a", 's', "\x08\x02\x32\x7f"), pbSeq(1), pbPtype(3), pbUri("/a"), pbCodec('s'), pbBody("\x08\x02\x32\x7f")), flags("NoText"))
}

// pbRead are payloads that no sender writes and every receiver takes.
func pbRead(a *area) {
	for _, c := range []struct {
		req, flag, what string
		fields          []part
	}{
		{"TP-PB-004", "Order", "The fields in reverse order.", []part{pbBody("hey!"), pbCodec('s'), pbUri("/echo"), pbPtype(1), pbSeq(7)}},
		{"TP-PB-004", "Order", "Empty metadata that is there.", append(pbEchoFields(), pbMeta(""))},
		{"TP-PB-004", "Order", "Numbers, lengths and a tag that take more bytes than they need.", []part{bytesPart("seq", "\x08\x87\x80\x80\x00"), bytesPart("ptype", "\x90\x00\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00"),
			bytesPart("uri", "\x1a\x85\x80\x00/echo"), pbCodec('s'), pbBody("hey!")}},
		{"TP-PB-005", "Unknown", "Fields that nobody knows, of each wire type, the first and the last.", append([]part{bytesPart("field 7, a number", "\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), bytesPart("field 8, eight bytes", "\x41abcdefgh")},
			append(pbEchoFields(), bytesPart("field 16, bytes", "\x82\x01\x03abc"), bytesPart("field 536870911, four bytes", "\xfd\xff\xff\xff\x0fabcd"))...)},
		{"TP-PB-005", "Unknown", "An unknown field twice.", append(pbEchoFields(), bytesPart("field 7", "\x3a\x00"), bytesPart("field 7", "\x3a\x01x"))},
		{"TP-PB-005", "Unknown", "An unknown field of the status that a successor's message has, with bytes that look like a field.", append(pbEchoFields(), bytesPart("field 7", "\x3a\x02\x08\x09"))},
	} {
		a.reads("read", reqs(c.req), c.what, inPB(base(), c.fields...), flags(c.flag))
	}
	a.reads("zero", reqs("TP-PB-004"), "Every field is there, and zero or empty.", inPB(plain(0, 0, "", 0, ""), pbSeq(0), pbPtype(0), pbUri(""), pbMeta(""), pbCodec(0), pbBody("")), flags("Order"))
	a.reads("meta-read", reqs("TP-META-011"), "Metadata that no sender writes.",
		inPB(plain(0, 0, "", 0, "").withMeta("", pair("\xff", "a b"), pair("%", "")), pbMeta("\xff=a+b&&%")), flags("NoText"))
}
