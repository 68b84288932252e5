package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// limitArea is every limit, at it and one past it.
func limitArea() *area {
	a := newArea("limit", "The limits, each exactly at it and one past it, under limits that are not the default ones.", map[string]string{
		"AtLimit":   "Exactly as much as is allowed: a reader that compares with the wrong sign rejects it.",
		"OverLimit": "One more than is allowed.",
		"Presence":  "A length is over its limit and runs past the payload: that the bytes are not there comes first.",
		"Order":     "Two limits are passed; fields are checked from left to right.",
		"EarlyFail": "The fault can be seen before the whole frame is there.",
	})
	limitPacket(a)
	limitPayload(a)
	limitFields(a)
	limitSend(a)
	return a
}

func limitPacket(a *area) {
	f := base() // 33 bytes
	ids := reqs("TP-FRAME-004", "TP-LIM-001", "TP-LIM-005")
	frameLimit := at(oracle.Limit, oracle.StageFrame, 0)
	for _, n := range []uint32{33, 34, 1000} {
		a.good("packet", ids, fmt.Sprintf("A frame of 33 bytes under a packet limit of %d.", n), f, limits(vectors.Limits{MaxPacket: n}), flags("AtLimit"))
	}
	for _, n := range []uint32{24, 32} {
		a.bad("packet", ids, frameLimit, fmt.Sprintf("A frame of 33 bytes under a packet limit of %d.", n), f.wire(), limits(vectors.Limits{MaxPacket: n}), flags("OverLimit"))
	}
	a.good("packet", ids, "The smallest frame under the smallest packet limit, 24.", plain(0, oracle.Pull, "", 0, ""), limits(vectors.Limits{MaxPacket: 24}), flags("AtLimit"))
	a.bad("packet", ids, frameLimit, "Only the size has come, and is one over the limit.", f.wire().cut(4), limits(vectors.Limits{MaxPacket: 32}), flags("OverLimit", "EarlyFail"))
	big := plain7(strings.Repeat("z", 5<<20))
	a.good("packet", reqs("TP-LIM-001", "TP-LIM-002"), "A frame of 5 MiB, where both limits are 6 MiB.", big, limits(vectors.Limits{MaxPacket: 6 << 20, MaxPayload: 6 << 20}))
	a.bad("packet", reqs("TP-LIM-002", "TP-XFER-008"), frameLimit, "A frame of 5 MiB, where the packet limit is 6 MiB and the payload limit is left at 4 MiB.",
		big.wire(), limits(vectors.Limits{MaxPacket: 6 << 20}), flags("OverLimit"))
	z := f.withPipe("g", oracle.Gzip(f.payload())) // 57 bytes
	a.reads("packet-piped", reqs("TP-FRAME-004", "TP-FAST-016", "TP-LIM-005"), "The limit counts what is on the wire: 57 bytes, though the payload is smaller.", z, limits(vectors.Limits{MaxPacket: 57}), flags("AtLimit"))
	a.bad("packet-piped", reqs("TP-FRAME-004", "TP-FAST-016", "TP-LIM-005"), frameLimit, "57 bytes on the wire under a packet limit of 56.", z.wire(), limits(vectors.Limits{MaxPacket: 56}), flags("OverLimit"))
	zeros := plain7(strings.Repeat("z", 70_000))
	a.reads("packet-piped", reqs("TP-FRAME-004", "TP-LIM-002"), "70,023 bytes of payload in a small frame: the packet limit of 1,000 does not count them.",
		zeros.withPipe("g", runMember(zeros, 70_000)), limits(vectors.Limits{MaxPacket: 1000}))
}

func limitPayload(a *area) {
	f := base() // payload 27
	ids := reqs("TP-XFER-008", "TP-LIM-002", "TP-LIM-005")
	frameLimit := at(oracle.Limit, oracle.StageFrame, 0)
	a.good("payload", ids, "A payload of 27 bytes under a payload limit of 27, no filter.", f, limits(vectors.Limits{MaxPayload: 27}), flags("AtLimit"))
	for _, n := range []uint32{18, 26} {
		a.bad("payload", ids, frameLimit, fmt.Sprintf("A payload of 27 bytes under a payload limit of %d, no filter.", n), f.wire(), limits(vectors.Limits{MaxPayload: n}), flags("OverLimit"))
	}
	a.bad("payload", ids, frameLimit, "Six bytes have come: size and filter count tell that the payload is too large.", f.wire().cut(6), limits(vectors.Limits{MaxPayload: 26}), flags("OverLimit", "EarlyFail"))
	a.bad("payload", reqs("TP-FRAME-008", "TP-XFER-008"), at(oracle.Short, oracle.StageFrame, 5), "Five bytes have come: the filter count is not there yet.", f.wire().cut(5), limits(vectors.Limits{MaxPayload: 26}))
	a.bad("payload", reqs("TP-FRAME-008"), at(oracle.Version, oracle.StageFrame, 4), "The payload is too large and the protocol id wrong: the protocol id comes first.", f.wire().set(4, 'X'), limits(vectors.Limits{MaxPayload: 26}), flags("Order"))
	filter := func(limit uint32) option { return limits(vectors.Limits{MaxPayload: limit}) }
	for _, c := range []struct {
		name   string
		member []byte
	}{{"stored", oracle.Gzip(f.payload())}, {"fixed-Huffman", oracle.GzipFixed(f.payload())}, {"sync-flushed", oracle.GzipSync(f.payload())}} {
		a.reads("filter", reqs("TP-XFER-007", "TP-LIM-002", "TP-LIM-005"), "A "+c.name+" member of 27 bytes under a payload limit of 27.", f.withPipe("g", c.member), filter(27), flags("AtLimit"))
		a.bad("filter", reqs("TP-XFER-007", "TP-LIM-002", "TP-LIM-005"), at(oracle.Limit, oracle.StageFrame, 6), "A "+c.name+" member of 27 bytes under a payload limit of 26.",
			framedPipe("g", c.member), filter(26), flags("OverLimit"), piped(1, 26))
	}
	a.bad("filter", reqs("TP-XFER-009", "TP-LIM-005"), at(oracle.Limit, oracle.StageFrame, 6), "The first of two filters puts out 50 bytes, the payload limit is 49.",
		framedPipe("gg", oracle.Gzip(oracle.Gzip(f.payload()))), filter(49), flags("OverLimit"), piped(2, 49))
	a.reads("filter", reqs("TP-XFER-009", "TP-LIM-005"), "The first of two filters puts out 50 bytes, the payload limit is 50.",
		f.withPipe("gg", oracle.Gzip(oracle.Gzip(f.payload()))), filter(50), flags("AtLimit"))
	long := plain7(strings.Repeat("z", 400))
	a.bad("filter", reqs("TP-XFER-009", "TP-LIM-005"), at(oracle.Limit, oracle.StageFrame, 7), "The second of two filters puts out 423 bytes, the payload limit is 422.",
		framedPipe("gg", oracle.Gzip(runMember(long, 400))), filter(422), flags("OverLimit"), piped(2, 422))
}

func limitFields(a *area) {
	f := examplePull() // uri 31 at 9, meta 17 of 3 pairs at 44
	over := func(topic, req, comment string, offset int64, w wire, l vectors.Limits, names ...string) {
		a.bad(topic, reqs(req, "TP-LIM-005"), at(oracle.Limit, oracle.StagePayload, offset), comment, w, limits(l), flags(append(names, "OverLimit")...))
	}
	good := func(topic, req, comment string, l vectors.Limits) {
		a.good(topic, reqs(req, "TP-LIM-005"), comment, f, limits(l), flags("AtLimit"))
	}
	good("uri", "TP-LIM-003", "A uri of 31 bytes under a limit of 31.", vectors.Limits{MaxUri: 31})
	over("uri", "TP-LIM-003", "A uri of 31 bytes under a limit of 30.", 9, f.wire(), vectors.Limits{MaxUri: 30})
	over("uri", "TP-LIM-003", "A uri of 31 bytes under a limit of 1.", 9, f.wire(), vectors.Limits{MaxUri: 1})
	good("meta", "TP-META-016", "17 bytes of metadata under a limit of 17.", vectors.Limits{MaxMeta: 17})
	over("meta", "TP-META-016", "17 bytes of metadata under a limit of 16.", 44, f.wire(), vectors.Limits{MaxMeta: 16})
	over("meta", "TP-META-016", "17 bytes of metadata under a limit of 1.", 44, f.wire(), vectors.Limits{MaxMeta: 1})
	good("pairs", "TP-META-017", "Three pairs under a limit of three.", vectors.Limits{MaxMetaPairs: 3})
	over("pairs", "TP-META-017", "Three pairs under a limit of two.", 44, f.wire(), vectors.Limits{MaxMetaPairs: 2})
	over("pairs", "TP-META-017", "Three pairs under a limit of one.", 44, f.wire(), vectors.Limits{MaxMetaPairs: 1})
	over("order", "TP-FRAME-008", "Uri and metadata are over their limits: the uri comes first.", 9, f.wire(), vectors.Limits{MaxUri: 30, MaxMeta: 16}, "Order")
	over("order", "TP-FRAME-008", "The uri is over its limit and the meta length runs past the payload: the uri comes first.", 9, f.wire().setU32(50, 1000), vectors.Limits{MaxUri: 30}, "Order")
	over("order", "TP-FRAME-008", "The metadata is over its limit and no codec follows: the metadata comes first.", 44, framed(f.payload()[:65]), vectors.Limits{MaxMeta: 16}, "Order")
	over("piped", "TP-LIM-003", "Through gzip the offset of the uri length counts in the payload.", 9, framedPipe("g", oracle.Gzip(f.payload())), vectors.Limits{MaxUri: 30})
	a.file.Cases[len(a.file.Cases)-1].MaxAlloc += 65536 + 4*73
	presence := func(offset int64, comment string, w wire, l vectors.Limits) {
		a.bad("presence", reqs("TP-LIM-011"), at(oracle.Header, oracle.StagePayload, offset), comment, w, limits(l), flags("Presence"))
	}
	presence(9, "The uri length is 100,000, over the limit and past the payload.", f.wire().setU32(15, 100_000), vectors.Limits{})
	presence(9, "The uri length is 61: over the limit of 30, and one byte past the payload.", f.wire().setU32(15, 61), vectors.Limits{MaxUri: 30})
	presence(44, "The meta length is 100,000, over the limit and past the payload.", f.wire().setU32(50, 100_000), vectors.Limits{})
	presence(44, "The meta length is 26: over the limit of 16, and one byte past the payload.", f.wire().setU32(50, 26), vectors.Limits{MaxMeta: 16})
	over("presence", "TP-LIM-011", "The uri length is 60: over the limit of 30, and the last that is there.", 9, f.wire().setU32(15, 60), vectors.Limits{MaxUri: 30}, "Presence")
	over("presence", "TP-LIM-011", "The meta length is 25: over the limit of 16, and the last that is there.", 44, f.wire().setU32(50, 25), vectors.Limits{MaxMeta: 16}, "Presence")
}

func limitSend(a *area) {
	f := base() // 33 bytes
	a.writes("send", reqs("TP-FRAME-014", "TP-LIM-005"), "A sender whose packet limit is 33 sends a frame of 33 bytes.", f, limits(vectors.Limits{MaxPacket: 33}), flags("AtLimit"))
	refuse := func(comment string, p vectors.Packet, l vectors.Limits) {
		a.refuses("send", reqs("TP-FRAME-014", "TP-LIM-005"), at(oracle.Limit, oracle.StageFrame, 0), comment, p, limits(l), flags("OverLimit"))
	}
	refuse("A sender whose packet limit is 32 does not send a frame of 33 bytes.", f.packet, vectors.Limits{MaxPacket: 32})
	refuse("A sender with the default limit does not send 5 MiB.", plain7(strings.Repeat("z", 5<<20)).packet, vectors.Limits{})
	noise := plain7(strings.Repeat("\x00\x01\x02\x03\x04\x05\x06\x07", 3)).packet
	noise.Pipe = vectors.Pipe("g")
	refuse("The limit counts the frame after the pipe: no gzip member of these 47 bytes fits into 24.", noise, vectors.Limits{MaxPacket: 24})
	a.writes("send", reqs("TP-META-019", "TP-LIM-012", "TP-LIM-005"), "A sender whose other limits are met exactly.", examplePull(), limits(vectors.Limits{MaxUri: 31, MaxMeta: 17, MaxMetaPairs: 3}), flags("AtLimit"))
	a.writes("send", reqs("TP-LIM-002"), "The payload limit is one on reading: a sender does not apply it.", f, limits(vectors.Limits{MaxPayload: 20}))
}
