package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// rerrorArea is the error that a REPLY carries in its metadata.
func rerrorArea() (*area, error) {
	a := newArea("rerror", "The error of a REPLY, in metadata X-Reply-Error. The topics recorded-encode and recorded-decode are the tables recorded from the original, whole and in their order; packet.error is what the standard reads.", map[string]string{
		"OriginalReads":     "The original reads something else here, as the comment says; the standard does not ask for that.",
		"OriginalWrites":    "The original does not escape backslashes and control characters, so that these bytes are no JSON.",
		"RawControl":        "Raw control characters stand inside the strings, as the original writes them: a strict reader must try again with them escaped.",
		"RawText":           "The value is not the JSON that it should be: code 0, and the whole value as message. It is an error all the same.",
		"Escapes":           "The strings need escapes, or have them.",
		"NotUtf8":           "The strings are no UTF-8: bytes are kept.",
		"CaseSensitive":     "Names differ in the case of a letter: libraries that match without regard to it read another error.",
		"Duplicate":         "A name comes twice: the first counts; most libraries take the last.",
		"CodeZero":          "The code is 0, and it is an error: a reader that tests the code takes it for success.",
		"Integer":           "The code is no 32-bit integer: languages with one number type, or with lenient conversions, take it.",
		vectors.FlagSuccess: "The REPLY is a success, whatever its metadata looks like.",
	})
	var table recordedErrors
	if err := recorded("rerror-original.json", &table); err != nil {
		return nil, err
	}
	rerrorRecordedEncode(a, &table)
	rerrorRecordedDecode(a, &table)
	rerrorEncode(a)
	rerrorDecode(a)
	rerrorRaw(a)
	rerrorNone(a)
	return a, nil
}

// replyFrame is a REPLY with metadata, and what it is read as.
func replyFrame(meta string, e *vectors.ReplyError, pairs ...vectors.Pair) frame {
	f := plain(7, oracle.Reply, "/echo", 'j', "null").withMeta(meta, pairs...)
	f.packet.Error = e
	return f
}

// errorFrame is a REPLY with a value of X-Reply-Error, and what it is read as.
func errorFrame(value string, e *vectors.ReplyError) frame {
	return replyFrame("X-Reply-Error="+percent(value), e, pair("X-Reply-Error", value))
}

// percent escapes a value as metadata is written.
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("*-._", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

var errorWrites = []string{"TP-ERR-001", "TP-ERR-003", "TP-ERR-004", "TP-ERR-012"}

func rerrorRecordedEncode(a *area, table *recordedErrors) {
	for i, row := range table.Encode {
		x := expander{}
		json, original := x.bytes(row.JSON), row.Decoded
		value := &vectors.ReplyError{Code: row.Code, Message: row.Message, Detail: row.Detail}
		f := replyFrame(row.MetaQuery, value, vectors.Pair{Key: text(oracle.ErrorKey), Value: vectors.Text(json)})
		comment := fmt.Sprintf("Recorded error %d.", i+1)
		switch i + 1 {
		case 13, 14: // backslashes
			f.packet.Error = &vectors.ReplyError{Message: vectors.Text(json)}
			a.reads("recorded-encode", reqs("TP-ERR-004", "TP-ERR-006"), comment+" The original writes backslashes unescaped, and reads "+inWords(original)+".", f, flags("OriginalWrites"), quirk)
		case 15, 16: // control characters
			a.reads("recorded-encode", reqs("TP-ERR-004", "TP-ERR-006"), comment+" The original writes control characters raw; they must be read.", f, flags("OriginalWrites", "RawControl"))
		case 18: // no UTF-8: must be written so, should be read so
			a.writes("recorded-encode", errorWrites, comment, f, flags("NotUtf8"))
		default:
			a.good("recorded-encode", append(reqs("TP-ERR-005"), errorWrites...), comment, f)
		}
	}
}

func inWords(e vectors.ReplyError) string {
	x := expander{}
	return fmt.Sprintf("code %d, message %q, detail %q", e.Code, x.bytes(e.Message), x.bytes(e.Detail))
}

// standardReads is what the standard reads in each row of the recorded decode table; nil is what the original reads.
var standardReads = []*vectors.ReplyError{
	nil, nil, nil, nil,
	replyError(0, "[]", ""),
	replyError(0, "null", ""),
	replyError(0, "oops", ""),
	replyError(0, `{"code":"404"}`, ""),
	replyError(0, `{"code":4.9}`, ""),
	replyError(0, `{"code":-4.9}`, ""),
	replyError(0, `{"code":1e2}`, ""),
	replyError(0, `{"code":4294967297}`, ""),
	replyError(0, `{"code":true}`, ""),
	replyError(0, `{"code":null}`, ""),
	replyError(0, `{"code":1,"message":5,"detail":{"a":1}}`, ""),
	replyError(0, `{"code":1,"message":null}`, ""),
	replyError(0, `{"code":1,"message":true}`, ""),
	replyError(0, `{"code":1,"message":["a"]}`, ""),
	nil, nil, nil, nil,
	replyError(0, `{"code":1,"message":"unterminated`, ""),
	replyError(0, `{"code":1`, ""),
	nil, nil,
	replyError(0, `{"code":1,"message":"x\"}`, ""),
}

func rerrorRecordedDecode(a *area, table *recordedErrors) {
	for i, row := range table.Decode {
		x := expander{}
		json := string(x.bytes(row.JSON))
		comment := fmt.Sprintf("Recorded reading of %s", json)
		if i < len(standardReads) && standardReads[i] != nil {
			a.reads("recorded-decode", reqs("TP-ERR-006"), comment+": the original reads "+inWords(row.Decoded)+".", errorFrame(json, standardReads[i]), flags("OriginalReads", "RawText"), quirk)
			continue
		}
		e := row.Decoded
		a.reads("recorded-decode", reqs("TP-ERR-005", "TP-ERR-006", "TP-ERR-007", "TP-ERR-018"), comment+".", errorFrame(json, &e))
	}
}

func rerrorEncode(a *area) {
	canonical := func(comment, json string, e *vectors.ReplyError, names ...string) {
		a.good("encode", errorWrites, comment, errorFrame(json, e), flags(names...))
	}
	canonical("Backslashes are escaped.", `{"code":5,"message":"back\\slash","detail":"end\\"}`, replyError(5, `back\slash`, `end\`), "Escapes")
	canonical("A backslash before a quote, and one before an n.", `{"code":5,"message":"\\\"","detail":"\\n literal"}`, replyError(5, `\"`, `\n literal`), "Escapes")
	canonical("A custom code, message and detail.", `{"code":1001,"message":"a","detail":"b"}`, replyError(1001, "a", "b"))
	canonical("DEL and slashes are not escaped.", "{\"code\":5,\"message\":\"\x7f/\"}", replyError(5, "\x7f/", ""), "Escapes")
	canonical("A message that looks like JSON.", `{"code":5,"message":"{\"code\":9}"}`, replyError(5, `{"code":9}`, ""), "Escapes")
	canonical("A message that is white space.", `{"code":5,"message":" "}`, replyError(5, " ", ""))
	loosely := func(comment, json string, e *vectors.ReplyError) {
		a.good("encode-controls", errorWrites, comment+" Another writer may use short escapes.", errorFrame(json, e), flags("Escapes"), loose)
	}
	loosely("Line breaks and a tab are escaped.", `{"code":5,"message":"line\u000abreak","detail":"tab\u0009cr\u000d"}`, replyError(5, "line\nbreak", "tab\tcr\r"))
	loosely("A zero byte and other control characters are escaped.", "{\"code\":5,\"message\":\"nul\\u0000\",\"detail\":\"\\u0001\\u001f\x7f\"}", replyError(5, "nul\x00", "\x01\x1f\x7f"))
	a.good("result", reqs("TP-ERR-016"), "An error and a result beside it.", func() frame {
		f := plain(7, oracle.Reply, "/echo", 'j', `{"partial":true}`).
			withMeta("X-Reply-Error=%7B%22code%22%3A1006%7D", pair("X-Reply-Error", `{"code":1006}`))
		f.packet.Error = replyError(1006, "", "")
		return f
	}())
}

func rerrorDecode(a *area) {
	read := func(req, comment, json string, e *vectors.ReplyError, names ...string) {
		a.reads("decode", reqs(req, "TP-ERR-006"), comment, errorFrame(json, e), flags(names...))
	}
	read("TP-ERR-007", "Unknown members of every kind.", `{"x":1,"code":7,"y":[{}],"message":"m","z":null,"detail":"d","w":{"code":1}}`, replyError(7, "m", "d"))
	read("TP-ERR-007", "Members in the opposite order.", `{"detail":"d","message":"m","code":7}`, replyError(7, "m", "d"))
	read("TP-ERR-007", "Members without a code: code 0.", `{"message":"m"}`, replyError(0, "m", ""), "CodeZero")
	read("TP-ERR-007", "Names in another case are unknown members.", `{"CODE":1,"code":2,"Message":"x","MESSAGE":"y"}`, replyError(2, "", ""), "CaseSensitive")
	read("TP-ERR-007", "A name written with an escape.", `{"\u0063ode":9}`, replyError(9, "", ""), "Escapes")
	read("TP-ERR-007", "White space of every kind around the tokens.", "\n\t{ \"code\"\r:\n3 , \"message\" : \"m\" }\n", replyError(3, "m", ""))
	read("TP-ERR-018", "The code twice.", `{"code":8,"message":"m","code":9}`, replyError(8, "m", ""), "Duplicate")
	read("TP-ERR-018", "The message and the detail twice.", `{"code":8,"message":"a","detail":"b","detail":"c","message":"d"}`, replyError(8, "a", "b"), "Duplicate")
	read("TP-ERR-012", "The largest code.", `{"code":2147483647}`, replyError(2147483647, "", ""))
	read("TP-ERR-012", "The smallest code.", `{"code":-2147483648}`, replyError(-2147483648, "", ""))
	read("TP-ERR-005", "Code 0 is an error.", `{"code":0,"message":"none"}`, replyError(0, "none", ""), "CodeZero")
	read("TP-ERR-005", "An empty object is an error.", `{ }`, replyError(0, "", ""), "CodeZero")
	read("TP-ERR-006", "Every escape of JSON.", `{"code":1,"message":"\"\\\/\b\f\n\r\t\u00e9\uD83C\uDF89"}`, replyError(1, "\"\\/\b\f\n\r\té🎉", ""), "Escapes")
	for _, c := range []string{"\n", "\t", "\r", "\x00", "\x1f", "\r\n"} {
		read("TP-ERR-006", fmt.Sprintf("A raw %q inside the message.", c), `{"code":6,"message":"a`+c+`b","detail":"c"}`, replyError(6, "a"+c+"b", "c"), "RawControl")
	}
	read("TP-ERR-006", "A raw line break between the members and another inside the message.", "{\n\"code\":6,\n\"message\":\"a\nb\"}", replyError(6, "a\nb", ""), "RawControl")
	read("TP-ERR-006", "A raw line break behind an escaped quote.", "{\"code\":6,\"message\":\"a\\\"\nb\"}", replyError(6, "a\"\nb", ""), "RawControl", "Escapes")
}

func rerrorRaw(a *area) {
	raw := func(req, comment, value string, names ...string) {
		a.reads("raw", reqs(req, "TP-ERR-005", "TP-ERR-006"), comment, errorFrame(value, replyError(0, value, "")), flags(append(names, "RawText")...))
	}
	raw("TP-ERR-006", "Plain text.", "Internal Server Error")
	raw("TP-ERR-006", "One space.", " ")
	raw("TP-ERR-006", "A number.", "404")
	raw("TP-ERR-006", "A JSON string.", `"oops"`)
	raw("TP-ERR-006", "A JSON array.", `[{"code":1}]`)
	raw("TP-ERR-006", "The word false.", "false")
	raw("TP-ERR-006", "A cut object.", `{"code":2,"message":"m"`)
	raw("TP-ERR-006", "Text behind the object.", `{"code":2} x`)
	raw("TP-ERR-006", "Two objects.", `{"code":2}{"code":3}`)
	raw("TP-ERR-006", "A comma too many.", `{"code":2,}`)
	raw("TP-ERR-006", "Single quotes.", `{'code':2}`)
	raw("TP-ERR-006", "A name without quotes.", `{code:2}`)
	raw("TP-ERR-006", "An unknown escape.", `{"code":2,"message":"\x"}`)
	raw("TP-ERR-006", "A string that does not end.", `{"code":2,"message":"m}`)
	raw("TP-ERR-006", "Several lines of text.", "first line\nsecond line\n")
	for _, c := range []struct{ what, code string }{{"a string", `"2"`}, {"a fraction", "2.5"}, {"a fraction of zero", "2.0"}, {"an exponent", "2e1"}, {"one too large", "2147483648"},
		{"one too small", "-2147483649"}, {"far too large", "18446744073709551618"}, {"a word", "true"}, {"nothing", "null"}, {"a list", "[2]"}, {"an object", "{}"}} {
		raw("TP-ERR-017", "The code is "+c.what+".", `{"code":`+c.code+`,"message":"m"}`, "Integer")
	}
	raw("TP-ERR-017", "The code has a leading zero, which is no JSON.", `{"code":02}`, "Integer")
	for _, v := range []string{"2", "null", "true", `["m"]`, `{"m":1}`} {
		raw("TP-ERR-017", "The message is "+v+".", `{"code":2,"message":`+v+`}`)
		raw("TP-ERR-017", "The detail is "+v+".", `{"code":2,"message":"m","detail":`+v+`}`)
	}
	raw("TP-ERR-006", "A backslash before a raw zero byte.", "{\"code\":2,\"message\":\"\\\x00\"}", "RawControl")
	raw("TP-ERR-006", "A backslash before a raw line break.", "{\"code\":2,\"message\":\"\\\n\"}", "RawControl")
}

func rerrorNone(a *area) {
	none := func(req, comment, meta string, pairs ...vectors.Pair) {
		a.reads("none", reqs("TP-ERR-002", req), comment, replyFrame(meta, nil, pairs...), flags(vectors.FlagSuccess))
	}
	none("TP-META-004", "No value.", "X-Reply-Error", pair("X-Reply-Error", ""))
	none("TP-META-007", "An empty value.", "X-Reply-Error=", pair("X-Reply-Error", ""))
	none("TP-ERR-015", "Keys in another case.", "x-reply-error=%7B%22code%22%3A1%7D&X-REPLY-ERROR=x", pair("x-reply-error", `{"code":1}`), pair("X-REPLY-ERROR", "x"))
	none("TP-ERR-015", "A key with something behind it.", "X-Reply-Error-2=%7B%22code%22%3A1%7D", pair("X-Reply-Error-2", `{"code":1}`))
	none("TP-ERR-015", "Twice, the first one empty.", "X-Reply-Error&X-Reply-Error=%7B%22code%22%3A1%7D", pair("X-Reply-Error", ""), pair("X-Reply-Error", `{"code":1}`))
	none("TP-CONF-004", "Other keys.", "a=1&error=%7B%22code%22%3A1%7D", pair("a", "1"), pair("error", `{"code":1}`))
	a.reads("first", reqs("TP-ERR-015", "TP-META-014"), "Twice: the first counts.",
		replyFrame("X-Reply-Error=%7B%22code%22%3A1%7D&X-Reply-Error=%7B%22code%22%3A2%7D", replyError(1, "", ""), pair("X-Reply-Error", `{"code":1}`), pair("X-Reply-Error", `{"code":2}`)))
	a.reads("first", reqs("TP-ERR-015", "TP-META-002"), "Behind a key in another case.",
		replyFrame("x-reply-error=no&a=b&X-Reply-Error=%7B%22code%22%3A2%7D", replyError(2, "", ""), pair("x-reply-error", "no"), pair("a", "b"), pair("X-Reply-Error", `{"code":2}`)))
	a.reads("first", reqs("TP-META-009", "TP-ERR-006"), "A plus in the metadata is a space in the JSON.",
		replyFrame(`X-Reply-Error={"code":404,"message":"Not+Found"}`, replyError(404, "Not Found", ""), pair("X-Reply-Error", `{"code":404,"message":"Not Found"}`)))
	a.reads("not-utf8", reqs("TP-ERR-019"), "Bytes that are no UTF-8 should be kept: nobody is failed on it.",
		errorFrame("{\"code\":5,\"message\":\"\xff\xfe\",\"detail\":\"\xc3\x28\"}", replyError(5, "\xff\xfe", "\xc3\x28")), flags("NotUtf8"), quirk)
	a.reads("empty-body", reqs("TP-ERR-005", "TP-CODEC-005"), "An error in a REPLY with an empty body, as the original's own 404.", func() frame {
		f := errorFrame(`{"code":404,"message":"Not Found"}`, replyError(404, "Not Found", ""))
		f.body, f.packet.Body = nil, nil
		return f
	}())
}
