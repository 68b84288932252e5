package oracle_test

import (
	"bytes"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

func pairs(kv ...string) []oracle.Pair {
	var out []oracle.Pair
	for i := 0; i < len(kv); i += 2 {
		out = append(out, oracle.Pair{Key: []byte(kv[i]), Value: []byte(kv[i+1])})
	}
	return out
}

func same(a, b []oracle.Pair) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !bytes.Equal(a[i].Key, b[i].Key) || !bytes.Equal(a[i].Value, b[i].Value) {
			return false
		}
	}
	return true
}

func TestMeta_Encoding(t *testing.T) {
	for _, tt := range []struct {
		wire      string
		pairs     []oracle.Pair
		canonical bool
	}{
		{"", nil, true},
		{"a=1&b=2&a=3", pairs("a", "1", "b", "2", "a", "3"), true},
		{"a&=v", pairs("a", "", "", "v"), true},
		{"a%20b=%26%3D%7E*-._", pairs("a b", "&=~*-._"), true},
		{"a=", pairs("a", ""), false},
		{"&=&a+b=%e9%&", pairs("a b", "\xe9%"), false},
		{"a=b=c", pairs("a", "b=c"), false},
		{"%=%4&%zz=%%41", pairs("%", "%4", "%zz", "%A"), false},
	} {
		if got := oracle.DecodeMeta([]byte(tt.wire)); !same(got, tt.pairs) {
			t.Errorf("decoding %q: %q, want %q", tt.wire, got, tt.pairs)
		}
		if got := string(oracle.EncodeMeta(tt.pairs)); (got == tt.wire) != tt.canonical {
			t.Errorf("encoding %q: %q", tt.pairs, got)
		}
	}
}

func TestMeta_EmptyPairIsNotWritten(t *testing.T) {
	if got := string(oracle.EncodeMeta(pairs("a", "1", "", "", "b", "2"))); got != "a=1&b=2" {
		t.Errorf("%q", got)
	}
}

func TestMeta_Operations(t *testing.T) {
	m := oracle.AddMeta(oracle.AddMeta(oracle.AddMeta(nil, []byte("a"), []byte("1")), []byte("A"), []byte("2")), []byte("a"), []byte("3"))
	m = oracle.SetMeta(m, []byte("a"), []byte("9"))
	m = oracle.SetMeta(m, []byte("b"), []byte("4"))
	if want := pairs("a", "9", "A", "2", "a", "3", "b", "4"); !same(m, want) {
		t.Errorf("%q, want %q", m, want)
	}
	if v, ok := oracle.PeekMeta(m, []byte("a")); !ok || string(v) != "9" {
		t.Errorf("%q, %v", v, ok)
	}
	if _, ok := oracle.PeekMeta(m, []byte("B")); ok {
		t.Error("found a key that is not there")
	}
	if got, want := oracle.DelMeta(m, []byte("a")), pairs("A", "2", "b", "4"); !same(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestReplyError_Reading(t *testing.T) {
	for _, tt := range []struct {
		value           string
		code            int32
		message, detail string
	}{
		{`{"code":404,"message":"Not Found"}`, 404, "Not Found", ""},
		{` {"detail":"d","x":{"code":1},"code":-7} `, -7, "", "d"},
		{`{"code":1,"code":2}`, 1, "", ""},
		{`{"Code":1}`, 0, "", ""},
		{"{\"code\":1,\"message\":\"a\nb\"}", 1, "a\nb", ""},
		{`{"code":1,"message":"\u4e16\ud83c\udf89\/\ud800x"}`, 1, "世🎉/\ufffdx", ""},
		{"{\"code\":1,\"message\":\"\xff\"}", 1, "\xff", ""},
		{`{"code":"1"}`, 0, `{"code":"1"}`, ""},
		{`{"code":1.0}`, 0, `{"code":1.0}`, ""},
		{`{"code":2147483648}`, 0, `{"code":2147483648}`, ""},
		{`{"code":1,"message":null}`, 0, `{"code":1,"message":null}`, ""},
		{`[1]`, 0, `[1]`, ""},
		{"oops\n", 0, "oops\n", ""},
	} {
		e := oracle.DecodeReplyError([]byte(tt.value))
		if e.Code != tt.code || string(e.Message) != tt.message || string(e.Detail) != tt.detail {
			t.Errorf("%s: %d %q %q", tt.value, e.Code, e.Message, e.Detail)
		}
	}
}

func TestReplyError_Writing(t *testing.T) {
	e := oracle.ReplyError{Code: -1, Message: []byte("a\"\\\n<\u2028\xff"), Detail: []byte("d")}
	want := "{\"code\":-1,\"message\":\"a\\\"\\\\\\u000a<\u2028\xff\",\"detail\":\"d\"}"
	got := oracle.EncodeReplyError(e)
	if string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
	if back := oracle.DecodeReplyError(got); back.Code != -1 || !bytes.Equal(back.Message, e.Message) || !bytes.Equal(back.Detail, e.Detail) {
		t.Errorf("read back as %+v", back)
	}
	if got := string(oracle.EncodeReplyError(oracle.ReplyError{})); got != `{"code":0}` {
		t.Error(got)
	}
}

func TestReplyErrorOf_FirstNonEmptyOnly(t *testing.T) {
	for _, tt := range []struct {
		meta []oracle.Pair
		ok   bool
	}{
		{pairs("X-Reply-Error", "x"), true}, {pairs("X-Reply-Error", ""), false}, {pairs("x-reply-error", "x"), false}, {nil, false},
		{pairs("X-Reply-Error", "", "X-Reply-Error", "x"), false},
	} {
		if _, ok := oracle.ReplyErrorOf(tt.meta); ok != tt.ok {
			t.Errorf("%q: %v", tt.meta, ok)
		}
	}
}
