package vectorgen

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// pbTags are fields that cannot be in a packet.
func pbTags(a *area) {
	bad := func(topic, req, class, flag, what string, f frame, offset int64) {
		a.bad(topic, reqs(req), at(class, oracle.StagePayload, offset), what, f.wire(), flags(flag))
	}
	for _, c := range []struct{ what, bytes string }{
		{"A tag that is cut.", "\x92"},
		{"A tag that is cut behind nine bytes.", "\x92\x80\x80\x80\x80\x80\x80\x80\x80"},
		{"A tag of eleven bytes.", "\x90\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x01"},
		{"A tag of more than 64 bits.", "\x90\x80\x80\x80\x80\x80\x80\x80\x80\x02\x01"},
		{"Field number 0.", "\x00\x01"},
		{"Field number 0 with bytes.", "\x02\x01x"},
		{"Field number 536,870,912, one too large.", "\x80\x80\x80\x80\x10\x01"},
		{"The largest tag of 64 bits.", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"},
	} {
		bad("tag", "TP-PB-006", oracle.Header, "Tag", c.what, behindSeq(bytesPart("tag", c.bytes)), 2)
	}
	for _, c := range []struct{ what, bytes string }{
		{"An unknown group, whole and empty.", "\x3b\x3c"},
		{"The end of a group that has not begun.", "\x3c"},
		{"Wire type 6.", "\x3e\x01"},
		{"Wire type 7.", "\x3f\x01"},
		{"The body as a group.", "\x33\x34"},
		{"The metadata as a group.", "\x23\x24"},
	} {
		bad("wire-type", "TP-PB-007", oracle.Header, "Tag", c.what, behindSeq(bytesPart("tag", c.bytes)), 2)
	}
	for _, c := range []struct {
		what, bytes string
	}{
		{"seq as eight bytes.", "\x09\x07\x00\x00\x00\x00\x00\x00\x00"},
		{"seq as four bytes.", "\x0d\x07\x00\x00\x00"},
		{"ptype as bytes.", "\x12\x01\x01"},
		{"uri as a number.", "\x18\x05"},
		{"body_codec as four bytes.", "\x2d\x73\x00\x00\x00"},
		{"body as a number.", "\x30\x00"},
	} {
		bad("other-type", "TP-PB-009", oracle.Header, "Tag", c.what, inPB(frame{}, bytesPart("field 7", "\x38\x01"), bytesPart("field", c.bytes)), 2)
	}
	for _, c := range []struct{ what, bytes string }{
		{"Metadata as a number.", "\x20\x05"},
		{"Metadata as eight bytes.", "\x21abcdefgh"},
		{"Metadata as four bytes, which are not there: the wire type comes first.", "\x25"},
	} {
		bad("meta-type", "TP-PB-016", oracle.MetaClass, "Tag", c.what, behindSeq(bytesPart("meta", c.bytes)), 2)
	}
	for _, c := range []struct {
		what  string
		first part
		again string
		at    int64
	}{
		{"seq twice.", pbSeq(7), "\x08\x07", 2},
		{"ptype twice.", pbPtype(1), "\x10\x03", 2},
		{"uri twice, the second time cut: that it is the second comes first.", pbUri("/a"), "\x1a\x05/b", 4},
		{"meta twice; Protocol Buffers would take the last.", pbMeta("a=1"), "\x22\x03b=2", 5},
		{"body_codec twice, first 0.", pbCodec(0), "\x28\x73", 2},
		{"body twice, first empty.", pbBody(""), "\x32\x01x", 2},
	} {
		bad("repeat", "TP-PB-008", oracle.Header, "Repeat", c.what, inPB(frame{}, c.first, bytesPart("again", c.again)), c.at)
	}
}

// pbValues are fields whose value is cut or cannot be.
func pbValues(a *area) {
	bad := func(topic, req, flag, what, bytes string, offset int64) {
		a.bad(topic, reqs(req), at(oracle.Header, oracle.StagePayload, offset), what, behindSeq(bytesPart("field", bytes)).wire(), flags(flag))
	}
	bad("cut", "TP-PB-010", "EarlyEnd", "The payload ends behind the tag of ptype.", "\x10", 3)
	bad("cut", "TP-PB-010", "EarlyEnd", "The payload ends inside the value of ptype.", "\x10\x81", 3)
	bad("cut", "TP-PB-010", "EarlyEnd", "The payload ends behind the tag of the uri.", "\x1a", 3)
	bad("cut", "TP-PB-010", "EarlyEnd", "The payload ends inside the length of the body.", "\x32\x80\x80", 3)
	bad("cut", "TP-PB-010", "EarlyEnd", "The payload ends inside an unknown number.", "\x38\xff", 3)
	bad("cut", "TP-PB-010", "EarlyEnd", "Seven of the eight bytes of an unknown field.", "\x41abcdefg", 3)
	bad("cut", "TP-PB-010", "EarlyEnd", "Three of the four bytes of an unknown field.", "\x85\x01abc", 4)
	bad("overflow", "TP-PB-010", "Value", "A number of eleven bytes.", "\x28\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 3)
	bad("overflow", "TP-PB-010", "Value", "A number of 65 bits.", "\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 3)
	bad("overflow", "TP-PB-010", "Value", "An unknown number of 65 bits.", "\x38\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03", 3)
	for _, c := range []struct{ what, bytes string }{
		{"The uri should have 6 bytes, 5 are there.", "\x1a\x06/echo"},
		{"The uri should have 1 byte, none is there.", "\x1a\x01"},
		{"The metadata should have 2^31 bytes.", "\x22\x80\x80\x80\x80\x08a"},
		{"The body should have 2^32 bytes: a length of 32 bits would be 0.", "\x32\x80\x80\x80\x80\x10"},
		{"The body should have 2^63 bytes: a signed length would be negative.", "\x32\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"},
		{"The body should have 2^64-1 bytes.", "\x32\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"},
		{"An unknown field should have 3 bytes, 2 are there.", "\x3a\x03ab"},
	} {
		bad("length", "TP-PB-011", "LengthLie", c.what, c.bytes, 3)
	}
	for _, c := range []struct{ what, bytes string }{
		{"ptype is 256.", "\x10\x80\x02"},
		{"ptype is 2^32+1: cut to 32 bits it would be PULL.", "\x10\x81\x80\x80\x80\x10"},
		{"ptype is -1.", "\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"},
		{"body_codec is 256.", "\x28\x80\x02"},
		{"body_codec is 371: cut to a byte it would be s.", "\x28\xf3\x02"},
	} {
		bad("byte", "TP-PB-012", "Value", c.what, c.bytes, 3)
	}
}

// pbBounds are limits, each at it and one past it.
func pbBounds(a *area) {
	f := plain(7, oracle.Pull, "/echo", 's', "hey!").withMeta("", pair("a", "1"), pair("b", ""))
	good := inPB(f, pbSeq(7), pbPtype(1), pbUri("/echo"), pbMeta("a=1&b"), pbCodec('s'), pbBody("hey!")) // uri length at 5, meta length at 12
	n := uint32(len(good.payload()))
	for _, c := range []struct {
		topic, req, what string
		at, over         vectors.Limits
		offset           int64
	}{
		{"limit-uri", "TP-PB-013", "A uri of 5 bytes", vectors.Limits{MaxUri: 5}, vectors.Limits{MaxUri: 4}, 5},
		{"limit-meta", "TP-PB-014", "Metadata of 5 bytes", vectors.Limits{MaxMeta: 5}, vectors.Limits{MaxMeta: 4}, 12},
		{"limit-pairs", "TP-PB-014", "Two pairs", vectors.Limits{MaxMetaPairs: 2}, vectors.Limits{MaxMetaPairs: 1}, 12},
	} {
		a.good(c.topic, reqs(c.req, "TP-LIM-005"), c.what+" under a limit of as many.", good, limits(c.at), flags("AtLimit"))
		a.bad(c.topic, reqs(c.req, "TP-LIM-005"), at(oracle.Limit, oracle.StagePayload, c.offset), c.what+" under a limit of one less.", good.wire(), limits(c.over), flags("OverLimit"))
		a.refuses(c.topic, reqs("TP-META-019", "TP-LIM-012"), at(oracle.Limit, oracle.StageFrame, 0), c.what+" under the sender's limit of one less.", f.packet, limits(c.over), flags("OverLimit"))
	}
	a.bad("limit-order", reqs("TP-PB-011", "TP-LIM-011"), at(oracle.Header, oracle.StagePayload, 3), "A uri length over the uri limit that runs past the payload: that comes first.",
		behindSeq(bytesPart("uri", "\x1a\x06/echo")).wire(), limits(vectors.Limits{MaxUri: 4}), flags("LengthLie"))
	a.good("limit-payload", reqs("TP-XFER-008", "TP-LIM-005"), fmt.Sprintf("A payload of %d bytes under a payload limit of as many.", n), good, limits(vectors.Limits{MaxPayload: n}), flags("AtLimit"))
	a.bad("limit-payload", reqs("TP-XFER-008", "TP-LIM-005"), at(oracle.Limit, oracle.StageFrame, 0), "One byte over the payload limit.", good.wire(), limits(vectors.Limits{MaxPayload: n - 1}), flags("OverLimit"))
	a.refuses("limit-packet", reqs("TP-FRAME-014"), at(oracle.Limit, oracle.StageFrame, 0), "A frame one byte over the sender's packet limit.", f.packet, limits(vectors.Limits{MaxPacket: n + 5}), flags("OverLimit"))
}

// pbFrames are what stands around the payload, and bodies that do not decode.
func pbFrames(a *area) {
	f := pbEcho()
	whole := f.payload()
	a.good("piped", reqs("TP-PB-001", "TP-XFER-001", "TP-PROTO-018"), "Through gzip: one member of one stored block.", f.withPipe("g", oracle.Gzip(whole)), loose)
	a.bad("piped", reqs("TP-PB-001", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, 6), "The payload as it is, where the pipe names gzip.", f.withPipe("g", whole).wire(), piped(1, 0))
	a.bad("frame", reqs("TP-PB-001", "TP-FRAME-005"), at(oracle.Version, oracle.StageFrame, 4), "A frame of fast/1.", base().wire())
	a.bad("frame", reqs("TP-PB-001", "TP-FRAME-005"), at(oracle.Version, oracle.StageFrame, 4), "The payload of pb/1 under the protocol id of json/1.", f.wire().set(4, 'j'))
	a.bad("frame", reqs("TP-PB-001", "TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0), "Each place at which the stream can end.", f.wire(), expand(vectors.ExpandTruncate))
	a.bad("frame", reqs("TP-PB-001", "TP-FRAME-007"), at(oracle.FilterUnknown, oracle.StageFrame, 6), "A filter that nobody knows.", f.withPipe("X", whole).wire())
	a.stream("stream", reqs("TP-PB-001", "TP-FRAME-010"), "Three frames, one byte at a time.", []frame{f, pbEmpty(), f}, segments(1))
	body := func(req, class, what string, codec byte, bytes string, offset int64, fields ...part) {
		a.badBody("body-bind", reqs(req, "TP-PB-015"), at(class, oracle.StageBody, offset), what, inPB(plain(0, oracle.Pull, "", codec, bytes), fields...))
	}
	body("TP-CODEC-009", oracle.BodyClass, "A body that is no JSON under codec j.", 'j', "{a", 6, pbPtype(1), pbCodec('j'), pbBody("{a"))
	body("TP-CODEC-009", oracle.BodyClass, "The same before its codec.", 'j', "{a", 4, pbPtype(1), pbBody("{a"), pbCodec('j'))
	body("TP-CODEC-010", oracle.CodecUnknown, "A body under a codec that nobody registered.", 'X', "x", 3, pbPtype(1), pbCodec('X'), pbBody("x"))
	body("TP-CODEC-010", oracle.CodecUnknown, "A body without a codec.", 0, "x", 0, pbPtype(1), pbBody("x"))
}
