package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// jsonValues are objects with a value that a packet cannot have, or a field twice.
func jsonValues(a *area) {
	for _, c := range []struct{ what, payload string }{
		{"seq is a number.", `{"seq":` + mark + `7}`},
		{"seq has a leading zero.", `{"seq":` + mark + `"07"}`},
		{"seq is empty.", `{"seq":` + mark + `""}`},
		{"seq has a sign.", `{"seq":` + mark + `"-1"}`},
		{"seq has a space.", `{"seq":` + mark + `" 7"}`},
		{"seq is 2^64.", `{"seq":` + mark + `"18446744073709551616"}`},
		{"seq has letters, behind which the text is broken, too: the value comes first.", `{"seq":` + mark + `"7x",}`},
		{"ptype is 256.", `{"ptype":` + mark + `256}`},
		{"ptype is negative.", `{"ptype":` + mark + `-1}`},
		{"ptype is negative zero.", `{"ptype":` + mark + `-0}`},
		{"ptype has a fraction.", `{"ptype":` + mark + `1.0}`},
		{"ptype has an exponent.", `{"ptype":` + mark + `1e0}`},
		{"ptype is a string.", `{"ptype":` + mark + `"1"}`},
		{"ptype is true.", `{"ptype": ` + mark + `true}`},
		{"body_codec is 65,536.", `{"body_codec":` + mark + `65536}`},
		{"body_codec is null.", `{"body_codec":` + mark + `null}`},
		{"uri is null.", `{"uri":` + mark + `null}`},
		{"uri is an object.", `{"uri":` + mark + `{"path":"/a"}}`},
		{"body is JSON, and not a string of it.", `{"body_codec":106,"body":` + mark + `{"a":1}}`},
	} {
		a.badJSON("value", "TP-JSON-013", oracle.Header, c.what, c.payload, flags("Value"))
	}
	for _, c := range []struct{ what, payload string }{
		{"meta is an object.", `{"meta":` + mark + `{"a":"b"}}`},
		{"meta is a list of pairs.", `{"meta": ` + mark + `[["a","b"]]}`},
		{"meta is null.", `{"meta":` + mark + `null}`},
		{"meta is a number.", `{"ptype":1,"meta":` + mark + `7}`},
	} {
		a.badJSON("meta-value", "TP-JSON-014", oracle.MetaClass, c.what, c.payload, flags("Value"))
	}
	for _, c := range []struct{ what, payload string }{
		{"without its padding.", `{"uri_base64":` + mark + `"YQ"}`},
		{"with half of its padding.", `{"body_base64":` + mark + `"YQ="}`},
		{"with too much padding.", `{"body_base64":` + mark + `"YWI=="}`},
		{"of one character.", `{"body_base64":` + mark + `"Y"}`},
		{"in the alphabet of URLs.", `{"body_base64":` + mark + `"-_-_"}`},
		{"with a line break.", `{"body_base64":` + mark + `"YWFh\nYWFh"}`},
		{"with a space.", `{"uri_base64":` + mark + `"YWFh YWFh"}`},
		{"with bits left over.", `{"body_base64":` + mark + `"YR=="}`},
		{"with something behind the padding.", `{"body_base64":` + mark + `"YQ==YQ=="}`},
	} {
		a.badJSON("base64", "TP-JSON-015", oracle.Header, "Base64 "+c.what, c.payload, flags("Value"))
	}
	for _, c := range []struct{ what, payload string }{
		{"seq twice, with the same value.", `{"seq":"7",` + mark + `"seq":"7"}`},
		{"uri twice.", `{"uri":"/a","ptype":1, ` + mark + `"uri":"/b"}`},
		{"uri as text and in base64.", `{"uri":"/a",` + mark + `"uri_base64":"L2E="}`},
		{"body in base64 and as text.", `{"body_base64":"YQ==",` + mark + `"body":"a"}`},
		{"ptype twice, the second name written with an escape.", `{"ptype":1,` + mark + `"\u0070type":2}`},
		{"meta twice, the second of the wrong kind: the name comes first.", `{"meta":"a=1",` + mark + `"meta":7}`},
		{"body_codec twice.", `{"body_codec":0,` + mark + `"body_codec":115}`},
	} {
		a.badJSON("repeat", "TP-JSON-012", oracle.Header, c.what, c.payload, flags("Repeat"))
	}
}

// jsonBounds are limits, each at it and one past it, and depth.
func jsonBounds(a *area) {
	a.badJSON("depth", "TP-JSON-017", oracle.Header, "Arrays in an unknown member, 33 deep with the payload's object.",
		`{"x":`+strings.Repeat("[", 31)+mark+`[`+strings.Repeat("]", 32)+`}`, flags("Depth"))
	a.badJSON("depth", "TP-JSON-017", oracle.Header, "100,000 opening brackets.",
		`{"x":`+strings.Repeat("[", 31)+mark+strings.Repeat("[", 99_969), flags("Depth"))
	a.badJSON("depth", "TP-JSON-017", oracle.Header, "Objects in an unknown member.",
		`{"x":`+strings.Repeat(`{"x":`, 31)+mark+`{`, flags("Depth"))
	f := plain(7, oracle.Pull, "/echo", 's', "hey!").withMeta("", pair("a", "1"), pair("b", ""))
	const whole = `{"seq":"7","ptype":1,"uri":"/echo","meta":"a=1&b","body_codec":115,"body":"hey!"}`
	good := inJSON(f, whole)
	atLimit := func(topic, req, what string, f frame, l vectors.Limits) {
		a.good(topic, reqs(req, "TP-LIM-005"), what, f, limits(l), flags("AtLimit"))
	}
	over := func(topic, req, what, payload string, l vectors.Limits) {
		a.badJSON(topic, req, oracle.Limit, what, payload, limits(l), flags("OverLimit"))
	}
	atLimit("limit-uri", "TP-JSON-018", "A uri of 5 bytes under a uri limit of 5.", good, vectors.Limits{MaxUri: 5})
	over("limit-uri", "TP-JSON-018", "A uri of 5 bytes under a uri limit of 4.", `{"uri":`+mark+`"/echo"}`, vectors.Limits{MaxUri: 4})
	over("limit-uri", "TP-JSON-018", "The limit counts the uri's bytes, not its characters.", `{"uri":`+mark+`"/é日"}`, vectors.Limits{MaxUri: 5})
	over("limit-uri", "TP-JSON-018", "A uri of 3 bytes in base64 under a uri limit of 2.", `{"uri_base64":`+mark+`"L2H/"}`, vectors.Limits{MaxUri: 2})
	atLimit("limit-uri", "TP-JSON-018", "A uri of 3 bytes that takes 4 in base64, under a uri limit of 3.",
		inJSON(plain(0, oracle.Pull, "/a\xff", 0, ""), `{"seq":"0","ptype":1,"uri_base64":"L2H/","meta":"","body_codec":0,"body":""}`), vectors.Limits{MaxUri: 3})
	atLimit("limit-meta", "TP-JSON-019", "Metadata of 5 bytes under a metadata limit of 5.", good, vectors.Limits{MaxMeta: 5})
	over("limit-meta", "TP-JSON-019", "Metadata of 5 bytes under a metadata limit of 4.", `{"meta":`+mark+`"a=1&b"}`, vectors.Limits{MaxMeta: 4})
	atLimit("limit-pairs", "TP-JSON-019", "Two pairs under a pair limit of 2.", good, vectors.Limits{MaxMetaPairs: 2})
	over("limit-pairs", "TP-JSON-019", "Two pairs under a pair limit of 1.", `{"meta":`+mark+`"a=1&b"}`, vectors.Limits{MaxMetaPairs: 1})
	n := uint32(len(whole))
	atLimit("limit-payload", "TP-XFER-008", fmt.Sprintf("A payload of %d bytes under a payload limit of as many.", n), good, vectors.Limits{MaxPayload: n})
	a.bad("limit-payload", reqs("TP-XFER-008", "TP-LIM-005"), at(oracle.Limit, oracle.StageFrame, 0), "One byte over the payload limit.",
		good.wire(), limits(vectors.Limits{MaxPayload: n - 1}), flags("OverLimit"))
	for _, c := range []struct {
		what string
		l    vectors.Limits
	}{
		{"A uri over the sender's limit.", vectors.Limits{MaxUri: 4}}, {"Metadata over the sender's limit.", vectors.Limits{MaxMeta: 4}},
		{"A pair over the sender's limit.", vectors.Limits{MaxMetaPairs: 1}}, {"A frame one byte over the sender's packet limit.", vectors.Limits{MaxPacket: n + 5}},
	} {
		a.refuses("limit-send", reqs("TP-FRAME-014", "TP-META-019", "TP-LIM-012"), at(oracle.Limit, oracle.StageFrame, 0), c.what, f.packet, limits(c.l), flags("OverLimit"))
	}
}

// jsonFrames are what stands around the payload, and bodies that do not decode.
func jsonFrames(a *area) {
	const whole = `{"seq":"7","ptype":1,"uri":"/echo","meta":"","body_codec":115,"body":"hey!"}`
	f := inJSON(base(), whole)
	a.good("piped", reqs("TP-JSON-001", "TP-XFER-001", "TP-PROTO-018"), "Through gzip: one member of one stored block.",
		f.withPipe("g", oracle.Gzip([]byte(whole))), loose)
	a.bad("piped", reqs("TP-JSON-001", "TP-XFER-006"), at(oracle.FilterData, oracle.StageFrame, 6), "The payload as it is, where the pipe names gzip.",
		f.withPipe("g", []byte(whole)).wire(), piped(1, 0))
	a.bad("frame", reqs("TP-JSON-001", "TP-FRAME-005"), at(oracle.Version, oracle.StageFrame, 4), "A frame of fast/1.", base().wire())
	a.bad("frame", reqs("TP-JSON-001", "TP-FRAME-005"), at(oracle.Version, oracle.StageFrame, 4), "The payload of json/1 under the protocol id of pb/1.", f.wire().set(4, 'p'))
	a.bad("frame", reqs("TP-JSON-001", "TP-FRAME-012"), at(oracle.Short, oracle.StageFrame, 0), "Each place at which the stream can end.", f.wire(), expand(vectors.ExpandTruncate))
	a.bad("frame", reqs("TP-JSON-001", "TP-FRAME-007"), at(oracle.FilterUnknown, oracle.StageFrame, 6), "A filter that nobody knows.", f.withPipe("X", []byte(whole)).wire())
	a.stream("stream", reqs("TP-JSON-001", "TP-FRAME-010"), "Three frames, one byte at a time.", []frame{f, inJSON(plain(0, 0, "", 0, ""), "{}"), f}, segments(1))
	body := func(req, class, what string, codec byte, bytes, payload string) {
		text, offset := marked(payload)
		a.badBody("body-bind", reqs(req, "TP-JSON-020"), at(class, oracle.StageBody, offset), what, inJSON(plain(0, oracle.Pull, "", codec, bytes), text))
	}
	body("TP-CODEC-009", oracle.BodyClass, "A body that is no JSON under codec j.", 'j', `{"a`, `{"ptype":1,"body_codec":106,"body":"`+mark+`{\"a"}`)
	body("TP-CODEC-009", oracle.BodyClass, "The same in base64, before the codec.", 'j', `{"a`, `{"ptype":1,"body_base64":"`+mark+`eyJh","body_codec":106}`)
	body("TP-CODEC-010", oracle.CodecUnknown, "A body under a codec that nobody registered.", 'X', "x", `{"ptype":1,"body_codec":`+mark+`88,"body":"x"}`)
	body("TP-CODEC-010", oracle.CodecUnknown, "A body without a codec.", 0, "x", mark+`{"ptype":1,"body":"x"}`)
}
