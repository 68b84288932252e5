package fuzz

import (
	"bytes"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

func replyErrorSeeds() [][]byte {
	return distinct(texts("", "{}", "x", `{"code":404,"message":"Not Found"}`, `{"code":1,"code":2}`, `{"code":-2147483648}`,
		`{"code":2147483648}`, `{"message":"a\nb"}`, "{\"message\":\"a\nb\"}", `{"message":"\ud800\udc00\ud800"}`, `{"detail":[]}`,
		"{\"message\":\"\xff\"}", ` {"x":[{},[1,null]],"detail":"d"} `, `{"code":1e0}`, `{"code":-0}`,
		`{} x`, `{"x":1.}`, `{"x":1e+}`, `{"x":-1.5E-3,"y":true}`, `{"x":"\u00e"}`, `{"x":"\u00e`, `{"x":"\uABCD\uD83D\ude00\u00g0"}`,
		`{"x":{"a":1,"b":{},"c":[]},"code":1}`, `{"x":{"a":1,2:3}}`, `{"x":{"a":1,"b" 2}}`, `{"x":{1:2}}`, `{"x":{"a" 1}}`),
		recorded("rerror-original.json", "json"), recorded("rerror-original.json", "value"))
}

// nestedTooDeep is the depth at which the standard library, and so the oracle, gives up; the reference goes on.
const nestedTooDeep = 10_000

// runReplyError reads a value of X-Reply-Error both ways, and writes what it says both ways. A value that is over the
// depth of the standard library's JSON is not judged.
func runReplyError(t Reporter, value []byte) {
	if bytes.Count(value, []byte("["))+bytes.Count(value, []byte("{")) >= nestedTooDeep {
		return
	}
	var m packet.Meta
	m.Add(tp.MetaRerrorKey, string(value))
	want, is := oracle.ReplyErrorOf([]oracle.Pair{{Key: []byte(oracle.ErrorKey), Value: value}})
	got := tp.NewRerrorFromMeta(&m)
	if is != (got != nil) {
		t.Fatalf("of %q the oracle says that it is an error: %t; the reference reads %v", value, is, got)
	}
	if !is {
		return
	}
	sameRerror(t, want, got)
	m.Reset() // the error must not lie in the metadata's memory
	m.Add(tp.MetaRerrorKey, string(bytes.Repeat([]byte("#"), len(value))))
	sameRerror(t, want, got)

	got.SetToMeta(&m)
	written := bytes.Clone(m.Peek(tp.MetaRerrorKey))
	if m.Len() != 1 || string(written) != got.String() {
		t.Fatalf("SetToMeta leaves %s, String gives %s", m.String(), got)
	}
	sameRerror(t, oracle.DecodeReplyError(written), got)
	var theirs packet.Meta
	theirs.Add(tp.MetaRerrorKey, string(oracle.EncodeReplyError(want)))
	sameRerror(t, want, tp.NewRerrorFromMeta(&theirs))
	for _, c := range written {
		if c < 0x20 {
			t.Fatalf("a control character is not escaped in %q", written)
		}
	}
}

func sameRerror(t Reporter, want oracle.ReplyError, got *tp.Rerror) {
	t.Helper()
	if got == nil || want.Code != got.Code || string(want.Message) != got.Message || string(want.Detail) != got.Detail {
		t.Fatalf("the oracle reads %d %q %q, the reference %#v", want.Code, want.Message, want.Detail, got)
	}
}
