package vectorgen

import (
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// jsonArea is the Proto json/1: what its payload says, and every way in which it can be broken.
func jsonArea() *area {
	a := newArea("json", "The json/1 Proto: the frame of fast/1 around a header that is a JSON object.", map[string]string{
		"Example":   "The standard shows this case; a reader that fails it does not speak json/1 at all.",
		"NoText":    "Bytes that are no text: kept in a string of characters they come back changed, or not at all.",
		"Escape":    "A string can be written in many ways: a reader that does not undo escapes, or compares names before it has, reads something else.",
		"Seq64":     "The number needs more than 53 bits: read into a double it comes back wrong.",
		"Order":     "Members come in any order and may be missing.",
		"Unknown":   "A later sender may have more members; they are skipped, and still have to be JSON.",
		"Repeat":    "A field is there twice: readers that take the first and readers that take the last see different packets.",
		"Form":      "The payload is not one JSON object.",
		"Value":     "A value is of the wrong kind or out of its range: a reader that converts it reads a packet that nobody sent.",
		"Surrogate": "Half of a surrogate pair stands for no character: readers replace it, drop it or keep it, each in its own way.",
		"Depth":     "Nesting: a reader that follows it without a bound runs out of stack.",
		"AtLimit":   "Exactly as much as is allowed.",
		"OverLimit": "One more than is allowed.",
		"RawBody":   "The body does not decode under its codec; the packet must be accepted all the same and the bytes kept.",
	})
	a.proto = "json"
	jsonWritten(a)
	jsonRead(a)
	jsonForm(a)
	jsonValues(a)
	jsonBounds(a)
	jsonFrames(a)
	return a
}

// inJSON gives a packet the payload of json/1, as text.
func inJSON(f frame, payload string) frame {
	f.proto, f.parts = oracle.JSON.ID, []part{{"payload", []byte(payload)}}
	return f
}

// mark stands before the byte that a fault is at.
const mark = "¦"

// marked takes the mark out of a payload and gives its place.
func marked(payload string) (string, int64) {
	before, after, ok := strings.Cut(payload, mark)
	if !ok {
		panic("vectorgen: no mark in " + payload)
	}
	return before + after, int64(len(before))
}

// badJSON is a payload that must be rejected at its mark.
func (a *area) badJSON(topic, req, class, comment, payload string, opts ...option) {
	text, offset := marked(payload)
	a.bad(topic, reqs(req), at(class, oracle.StagePayload, offset), comment, inJSON(frame{}, text).wire(), opts...)
}

// jsonWritten are packets and the one way to write each.
func jsonWritten(a *area) {
	all := reqs("TP-JSON-001", "TP-JSON-002", "TP-JSON-003", "TP-JSON-004", "TP-JSON-005", "TP-JSON-007")
	a.good("example", all, "The smallest that a sender writes: seq 0, PULL, everything else empty.",
		inJSON(plain(0, oracle.Pull, "", 0, ""), `{"seq":"0","ptype":1,"uri":"","meta":"","body_codec":0,"body":""}`), flags("Example"))
	a.good("example", append(all, "TP-JSON-006"), "The PULL of fast-example-0001.",
		inJSON(examplePull(), `{"seq":"0","ptype":1,"uri":"/group/home/test?peer_id=call-1","meta":"set=0&add=1&add=2","body_codec":106,"body":"{\"a\":1}"}`), flags("Example"))
	a.good("example", all, "A PUSH whose uri and body are no text.",
		inJSON(plain(7, oracle.Push, "/\xff", 's', "\x00\x01"), `{"seq":"7","ptype":3,"uri_base64":"L/8=","meta":"","body_codec":115,"body_base64":"AAE="}`), flags("Example", "NoText"))
	reply := plain(7, oracle.Reply, "/a", 'j', "null").withMeta("", pair("X-Reply-Error", `{"code":404,"message":"Not Found"}`))
	reply.packet.Error = replyError(404, "Not Found", "")
	a.good("reply", all, "A REPLY with an error: metadata is the same in every Proto.",
		inJSON(reply, `{"seq":"7","ptype":2,"uri":"/a","meta":"X-Reply-Error=%7B%22code%22%3A404%2C%22message%22%3A%22Not%20Found%22%7D","body_codec":106,"body":"null"}`))
	for _, n := range []struct {
		n    uint64
		text string
	}{{1<<53 + 1, "9007199254740993"}, {1<<64 - 1, "18446744073709551615"}} {
		a.good("seq", reqs("TP-JSON-003", "TP-FAST-003"), "The sequence number is "+n.text+".",
			inJSON(plain(n.n, oracle.Pull, "/a", 0, ""), `{"seq":"`+n.text+`","ptype":1,"uri":"/a","meta":"","body_codec":0,"body":""}`), flags("Seq64"))
	}
	a.good("numbers", reqs("TP-JSON-004", "TP-FAST-004"), "Packet type 0 and codec 255: a Proto carries any.",
		inJSON(plain(1, 0, "/a", 255, "x"), `{"seq":"1","ptype":0,"uri":"/a","meta":"","body_codec":255,"body":"x"}`), flags("RawBody"))
	for _, c := range []struct{ body, member, what string }{
		{"\"\\\n\r\t", `"body":"\"\\\n\r\t"`, "the five characters that are escaped"},
		{"/<>&\x7f\u2028é\U0001F600", "\"body\":\"/<>&\x7f\u2028é\U0001F600\"", "characters that are not escaped"},
		{"\x00", `"body_base64":"AA=="`, "a zero byte"},
		{"a\x1f", `"body_base64":"YR8="`, "text with the control byte 1f"},
		{"\x08\x0b\x0c", `"body_base64":"CAsM"`, "control bytes that JSON could escape"},
		{"a\xc3", `"body_base64":"YcM="`, "a character that is cut"},
		{"\xed\xa0\x80", `"body_base64":"7aCA"`, "half of a surrogate pair, encoded as if it were a character"},
		{"\xfb\xff\xbf", `"body_base64":"+/+/"`, "bytes that need both + and / in base64"},
		{`{"body":"\u0000"}`, `"body":"{\"body\":\"\\u0000\"}"`, "JSON text that looks like a payload"},
	} {
		o := []option{flags("Escape")}
		if strings.HasPrefix(c.member, `"body_base64`) {
			o = []option{flags("NoText")}
		}
		a.good("body", reqs("TP-JSON-005", "TP-JSON-006", "TP-FAST-015"), "The body is "+c.what+".",
			inJSON(plain(1, oracle.Push, "/a", 's', c.body), `{"seq":"1","ptype":3,"uri":"/a","meta":"","body_codec":115,`+c.member+`}`), o...)
	}
	a.good("uri", reqs("TP-JSON-005", "TP-JSON-006", "TP-FAST-011"), "A uri with a quote, a backslash and a space.",
		inJSON(plain(1, oracle.Push, `/a "\b`, 0, ""), `{"seq":"1","ptype":3,"uri":"/a \"\\b","meta":"","body_codec":0,"body":""}`), flags("Escape"))
	a.good("meta", reqs("TP-JSON-007", "TP-META-001", "TP-META-005"), "Repeated keys, an empty value and bytes that are no text.",
		inJSON(plain(1, oracle.Push, "/a", 0, "").withMeta("", pair("k", "1"), pair("k", "2"), pair("e", ""),
			vectors.Pair{Key: text("b"), Value: bytesOf([]byte{0, 255})}), `{"seq":"1","ptype":3,"uri":"/a","meta":"k=1&k=2&e&b=%00%FF","body_codec":0,"body":""}`))
	large := plain(1, oracle.Push, "/a", 's', strings.Repeat("z", 70_000))
	a.good("body-large", reqs("TP-JSON-005", "TP-FAST-017"), "A body of 70,000 characters.",
		inJSON(large, `{"seq":"1","ptype":3,"uri":"/a","meta":"","body_codec":115,"body":"`+strings.Repeat("z", 70_000)+`"}`))
}

// jsonRead are payloads that no sender writes and every receiver takes.
func jsonRead(a *area) {
	echo := plain(7, oracle.Pull, "/echo", 's', "hey!")
	for _, c := range []struct{ req, flag, what, payload string }{
		{"TP-JSON-009", "Order", "The members in reverse order.", `{"body":"hey!","body_codec":115,"meta":"","uri":"/echo","ptype":1,"seq":"7"}`},
		{"TP-JSON-008", "Order", "Without the metadata.", `{"seq":"7","ptype":1,"uri":"/echo","body_codec":115,"body":"hey!"}`},
		{"TP-JSON-009", "Form", "White space wherever it may be.", " \t\r\n{ \"seq\" :\t\"7\" ,\r\n\"ptype\": 1,\"uri\":\"/echo\",\"body_codec\":115 ,\"body\":\"hey!\" } \n"},
		{"TP-JSON-009", "Escape", "Escapes in values: a solidus, a character by its number, in both cases.", `{"seq":"\u0037","ptype":1,"uri":"\/\u0065\u0063\u0068\u006F","body_codec":115,"body":"h\u0065y!"}`},
		{"TP-JSON-021", "Escape", "Escapes in names.", `{"s\u0065q":"7","ptype":1,"\u0075ri":"/echo","body\u005fcodec":115,"body":"hey!"}`},
		{"TP-JSON-010", "Unknown", "Members that nobody knows, of every kind.", `{"seq":"7","x":null,"ptype":1,"":{},"uri":"/echo","n":-1.5e+3,"a":[1,[true,false],{"seq":"8","uri":7}],"body_codec":115,"body":"hey!","status":"é\ud83d\ude00"}`},
		{"TP-JSON-010", "Unknown", "An unknown name twice.", `{"x":1,"seq":"7","ptype":1,"uri":"/echo","x":2,"body_codec":115,"body":"hey!"}`},
		{"TP-JSON-021", "Unknown", "Names in other letters are other names.", `{"Seq":"8","seq":"7","PTYPE":2,"ptype":1,"uri":"/echo","body_codec":115,"body":"hey!","Body":"no"}`},
		{"TP-JSON-009", "Escape", "Text in base64: a sender writes it as text, a receiver takes both.", `{"seq":"7","ptype":1,"uri_base64":"L2VjaG8=","body_codec":115,"body_base64":"aGV5IQ=="}`},
		{"TP-JSON-009", "Escape", "Base64 with escapes.", `{"seq":"7","ptype":1,"uri_base64":"L\u0032VjaG8\u003d","body_codec":115,"body":"hey!"}`},
		{"TP-JSON-017", "Depth", "An unknown member nested as deep as is allowed: 32, the payload's object being the first.", `{"seq":"7","ptype":1,"uri":"/echo","x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `,"body_codec":115,"body":"hey!"}`},
	} {
		a.reads("read", reqs(c.req), c.what, inJSON(echo, c.payload), flags(c.flag))
	}
	nothing := plain(0, 0, "", 0, "")
	a.reads("absent", reqs("TP-JSON-008"), "No member at all: seq 0, ptype 0, everything else empty.", inJSON(nothing, `{}`), flags("Order"))
	a.reads("absent", reqs("TP-JSON-008", "TP-JSON-009"), "Empty byte strings in base64.", inJSON(nothing, `{ "uri_base64":"","body_base64":""}`), flags("Order"))
	control := plain(0, oracle.Push, "/\x00", 's', "\x1f\b\f\U0001F600")
	a.reads("controls", reqs("TP-JSON-009", "TP-JSON-005"), "Escaped control characters and a surrogate pair: a sender writes them in base64.",
		inJSON(control, `{"ptype":3,"uri":"/\u0000","body_codec":115,"body":"\u001f\b\f\ud83d\uDE00"}`), flags("Escape"))
	a.reads("meta-read", reqs("TP-JSON-007", "TP-META-011"), "Metadata that no sender writes: characters that are not escaped, and a lone percent sign.",
		inJSON(plain(0, oracle.Push, "", 0, "").withMeta("", pair("é", "a b"), pair("%", "\"")), `{"ptype":3,"meta":"é=a+b&%=\""}`), flags("Escape"))
}

// jsonForm are payloads that are not one JSON object.
func jsonForm(a *area) {
	for _, c := range []struct{ what, payload string }{
		{"An empty payload.", mark},
		{"White space alone.", " \n" + mark},
		{"A null.", mark + `null`},
		{"An array around the object.", mark + `[{"seq":"7"}]`},
		{"A byte order mark before the object.", mark + "\ufeff{}"},
		{"The object is not closed.", `{"seq":"7"` + mark},
		{"The text ends inside a string.", `{"seq":"7` + mark},
		{"The text ends inside an escape.", `{"uri":"\u00` + mark},
		{"The text ends behind a colon.", `{"seq":` + mark},
		{"A second object behind the first.", `{"seq":"7"}` + mark + `{}`},
		{"A zero byte behind the object.", `{"seq":"7"}` + mark + "\x00"},
		{"A comma behind the last member.", `{"seq":"7",` + mark + `}`},
		{"No comma between two members.", `{"seq":"7"` + mark + `"ptype":1}`},
		{"A name without quotes.", `{` + mark + `seq:"7"}`},
		{"A name without a value.", `{"seq"` + mark + `}`},
		{"Single quotes.", `{` + mark + `'seq':"7"}`},
		{"A comment.", `{` + mark + `/**/"seq":"7"}`},
		{"A raw line feed in a string.", "{\"uri\":\"/a" + mark + "\n\"}"},
		{"An escape that JSON does not have.", `{"uri":"/\` + mark + `x41"}`},
		{"A character's number with a letter that is no digit.", `{"uri":"/\u00` + mark + `g1"}`},
		{"A number with a leading zero.", `{"ptype":0` + mark + `1}`},
		{"A number with nothing behind its point, in an unknown member.", `{"x":1.` + mark + `}`},
		{"A misspelt word, in an unknown member.", `{"x":tru` + mark + `}`},
		{"Brackets that do not match, in an unknown member.", `{"x":[1` + mark + `}}`},
		{"NaN, in an unknown member.", `{"x":` + mark + `NaN}`},
	} {
		a.badJSON("form", "TP-JSON-011", oracle.Header, c.what, c.payload, flags("Form"))
	}
	for _, c := range []struct{ flag, what, payload string }{
		{"NoText", "A byte that is not UTF-8.", "{\"uri\":\"/" + mark + "\xff\"}"},
		{"NoText", "A character that is cut by the closing quote.", "{\"body\":\"" + mark + "\xe6\x97\"}"},
		{"NoText", "An over-long encoding of a solidus.", "{\"uri\":\"" + mark + "\xc0\xaf\"}"},
		{"NoText", "A byte that is not UTF-8, in an unknown name.", "{\"" + mark + "\x80\":1}"},
		{"Surrogate", "A surrogate encoded as if it were a character.", "{\"uri\":\"" + mark + "\xed\xa0\x80\"}"},
		{"Surrogate", "The first half of a pair alone.", `{"uri":"/` + mark + `\ud83d"}`},
		{"Surrogate", "The second half of a pair alone.", `{"uri":"/` + mark + `\ude00"}`},
		{"Surrogate", "Two first halves.", `{"uri":"/` + mark + `\ud83d\ud83d\ude00"}`},
		{"Surrogate", "A first half before a plain character, in an unknown member.", `{"x":"` + mark + `\ud83da"}`},
	} {
		a.badJSON("text", "TP-JSON-016", oracle.Header, c.what, c.payload, flags(c.flag))
	}
}
