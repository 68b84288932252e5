package vectorgen

import (
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// codecArea is the codec byte and what it says of the body.
func codecArea() *area {
	a := newArea("codec", "The codec byte and the body under it. A bad body is no reason to reject the packet: the stage is body, the packet is given.", map[string]string{
		"EmptyBody":    "The body is empty: nothing is decoded, whatever the codec; a reader that asks its JSON decoder fails.",
		"BadBody":      "The body does not decode: one call fails, the stream goes on behind the frame.",
		"UnknownCodec": "Nobody registered the codec id: the raw bytes are kept, the verdict is given when somebody wants them decoded.",
		"Trailing":     "The JSON text is followed by more: a decoder that stops behind the first value does not see it.",
	})
	codecEmpty(a)
	codecJSON(a)
	codecProtobuf(a)
	codecString(a)
	codecUnknown(a)
	return a
}

func codecEmpty(a *area) {
	for _, id := range []byte{0, 'j', 'p', 's', 'X', 1, 255} {
		a.good("empty", reqs("TP-CODEC-005", "TP-FAST-013", "TP-FAST-021"), "An empty body under codec id "+itoa(int(id))+".", plain(7, oracle.Pull, "/echo", id, ""), flags("EmptyBody"))
	}
}

func codecJSON(a *area) {
	for _, body := range []string{"null", "true", "false", "0", "-1.5e3", "1E+2", `""`, `"hey!"`, "{}", "[]", `{"a":{"b":[1,2,{}]}}`, `{"日本":"🎉"}`,
		`"\u00e9\ud83c\udf89\n\/\\"`, " \t\r\n{ \"a\" : 1 } \n", `"AAEC/w=="`, "18446744073709551615", strings.Repeat("[", 100) + strings.Repeat("]", 100)} {
		a.good("json", reqs("TP-CODEC-001"), "A JSON text.", plain(7, oracle.Pull, "/echo", 'j', body))
	}
	bad := func(what, body string, names ...string) {
		a.badBody("json-bad", reqs("TP-CODEC-001", "TP-CODEC-009", "TP-FAST-014"), at(oracle.BodyClass, oracle.StageBody, 23),
			"No JSON text: "+what+".", plain(7, oracle.Pull, "/echo", 'j', body), flags(append(names, "BadBody")...))
	}
	bad("a cut object", `{"a":1`)
	bad("a cut string", `"hey!`)
	bad("a cut word", "nul")
	bad("a word in the wrong case", "Null")
	bad("single quotes", "'a'")
	bad("a key without quotes", "{a:1}")
	bad("a comma too many", "[1,]")
	bad("a comma too many in an object", `{"a":1,}`)
	bad("a leading zero", "01")
	bad("a plus sign", "+1")
	bad("a number that ends in a point", "1.")
	bad("a number that is none", "NaN")
	bad("hexadecimal", "0x10")
	bad("a raw line break in a string", "\"a\nb\"")
	bad("an unknown escape", `"\x41"`)
	bad("a cut escape", `"\u00"`)
	bad("a comment", "1 // one")
	bad("only white space", " ")
	bad("a zero byte", "\x00")
	bad("protobuf", "\x08\x0a\x10\x02")
	for _, c := range []struct{ what, body string }{{"a second value", "{}{}"}, {"a second value on a line of its own", "1\n2"}, {"a bracket", "[1]]"}, {"a zero byte", "{}\x00"}, {"a letter", `"hey!"x`}} {
		a.badBody("json-trailing", reqs("TP-CODEC-011", "TP-CODEC-009"), at(oracle.BodyClass, oracle.StageBody, 23),
			"A JSON text, and "+c.what+" after it.", plain(7, oracle.Pull, "/echo", 'j', c.body), flags("Trailing", "BadBody"))
	}
}

func codecProtobuf(a *area) {
	good := func(what, body string) {
		a.good("protobuf", reqs("TP-CODEC-002"), "A protobuf message: "+what+".", plain(7, oracle.Pull, "/echo", 'p', body))
	}
	good("two numbers", "\x08\x0a\x10\x02")
	good("a negative number in ten bytes", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	good("a string", "\x0a\x04hey!")
	good("an empty string", "\x0a\x00")
	good("eight fixed bytes", "\x09\x01\x02\x03\x04\x05\x06\x07\x08")
	good("four fixed bytes", "\x0d\x01\x02\x03\x04")
	good("a group", "\x0b\x08\x01\x0c")
	good("the highest field number", "\xf8\xff\xff\xff\x0f\x01")
	bad := func(what, body string) {
		a.badBody("protobuf-bad", reqs("TP-CODEC-002", "TP-CODEC-009", "TP-FAST-014"), at(oracle.BodyClass, oracle.StageBody, 23),
			"No protobuf message: "+what+".", plain(7, oracle.Pull, "/echo", 'p', body), flags("BadBody"))
	}
	bad("a tag without its value", "\x08")
	bad("a cut number", "\x08\xff")
	bad("a cut tag", "\x80")
	bad("field number 0", "\x00\x01")
	bad("wire type 6", "\x0e\x01")
	bad("wire type 7", "\x0f\x01")
	bad("a string that runs past the end", "\x0a\x05hey!")
	bad("a string of 2^63 bytes", "\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")
	bad("cut fixed bytes", "\x09\x01\x02\x03\x04\x05\x06\x07")
	bad("a group without end", "\x0b\x08\x01")
	bad("the end of a group that never began", "\x0c")
	bad("the end of another group", "\x0b\x14")
	bad("a number of eleven bytes", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	bad("JSON", `{"a":1}`)
}

func codecString(a *area) {
	for _, c := range []struct{ what, body string }{{"text", "hey!"}, {"text beyond ASCII", "日本🎉"}, {"a zero byte", "\x00"}, {"bytes that are no UTF-8", "\xff\xfe\x80"}, {"JSON, which is not looked at", `{"a":`}, {"white space", " \n"}} {
		a.good("string", reqs("TP-CODEC-003"), "A string body of "+c.what+".", plain(7, oracle.Pull, "/echo", 's', c.body))
	}
}

func codecUnknown(a *area) {
	for _, id := range []byte{0, 1, 'J', 'P', 'S', 'X', 'Z', '?', 128, 255} {
		ids := reqs("TP-CODEC-010", "TP-FAST-014")
		what := "A body under codec id " + itoa(int(id)) + ", which nobody registered."
		if id == 0 {
			ids = reqs("TP-CODEC-004", "TP-CODEC-010", "TP-FAST-014")
			what = "A body under codec id 0, which says that there is none."
		}
		a.badBody("unknown", ids, at(oracle.CodecUnknown, oracle.StageBody, 22), what, plain(7, oracle.Pull, "/echo", id, "hey!"), flags("UnknownCodec"))
	}
	f := plain(7, oracle.Pull, "/echo", 'X', "hey!").withMeta("a=1&b=2", pair("a", "1"), pair("b", "2"))
	a.badBody("unknown-offset", reqs("TP-CODEC-010"), at(oracle.CodecUnknown, oracle.StageBody, 29),
		"Behind metadata the codec byte stands at 29.", f, flags("UnknownCodec"))
	a.badBody("unknown-offset", reqs("TP-CODEC-010", "TP-FAST-014"), at(oracle.CodecUnknown, oracle.StageBody, 29),
		"Through gzip the offset counts in the payload, not on the wire.", f.withPipe("g", oracle.Gzip(f.payload())), flags("UnknownCodec"))
	g := plain(7, oracle.Pull, "/echo", 'j', "{").withMeta("a=1&b=2", pair("a", "1"), pair("b", "2"))
	a.badBody("bad-offset", reqs("TP-CODEC-009"), at(oracle.BodyClass, oracle.StageBody, 30),
		"Through gzip the offset of a bad body counts in the payload, too.", g.withPipe("g", oracle.Gzip(g.payload())), flags("BadBody"))
}
