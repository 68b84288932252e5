package tp

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The rows are those recorded from the original, but for the escapes of
// backslash and control characters, which it left out.
func TestRerror_WrittenAsRecorded(t *testing.T) {
	tests := []struct {
		code            int32
		message, detail string
		json            string
		query           string // "" where the escapes differ from the recorded row
	}{
		{0, "", "", `{"code":0}`, "X-Reply-Error=%7B%22code%22%3A0%7D"},
		{404, "Not Found", "", `{"code":404,"message":"Not Found"}`, "X-Reply-Error=%7B%22code%22%3A404%2C%22message%22%3A%22Not%20Found%22%7D"},
		{1, "", "only detail", `{"code":1,"detail":"only detail"}`, "X-Reply-Error=%7B%22code%22%3A1%2C%22detail%22%3A%22only%20detail%22%7D"},
		{-1, "neg", "d", `{"code":-1,"message":"neg","detail":"d"}`, "X-Reply-Error=%7B%22code%22%3A-1%2C%22message%22%3A%22neg%22%2C%22detail%22%3A%22d%22%7D"},
		{2147483647, "max", "", `{"code":2147483647,"message":"max"}`, "X-Reply-Error=%7B%22code%22%3A2147483647%2C%22message%22%3A%22max%22%7D"},
		{-2147483648, "min", "", `{"code":-2147483648,"message":"min"}`, "X-Reply-Error=%7B%22code%22%3A-2147483648%2C%22message%22%3A%22min%22%7D"},
		{102, "Connection Closed", "", `{"code":102,"message":"Connection Closed"}`, "X-Reply-Error=%7B%22code%22%3A102%2C%22message%22%3A%22Connection%20Closed%22%7D"},
		{104, "Write Failed", "connection is closed", `{"code":104,"message":"Write Failed","detail":"connection is closed"}`, "X-Reply-Error=%7B%22code%22%3A104%2C%22message%22%3A%22Write%20Failed%22%2C%22detail%22%3A%22connection%20is%20closed%22%7D"},
		{105, "Dial Failed", "dial tcp: x", `{"code":105,"message":"Dial Failed","detail":"dial tcp: x"}`, ""},
		{400, "Bad Packet", "x", `{"code":400,"message":"Bad Packet","detail":"x"}`, ""},
		{501, "Not Implemented", "", `{"code":501,"message":"Not Implemented"}`, ""},
		{5, `say "hi"`, `a "b" c`, `{"code":5,"message":"say \"hi\"","detail":"a \"b\" c"}`, "X-Reply-Error=%7B%22code%22%3A5%2C%22message%22%3A%22say%20%5C%22hi%5C%22%22%2C%22detail%22%3A%22a%20%5C%22b%5C%22%20c%22%7D"},
		{5, `back\slash`, `end\`, `{"code":5,"message":"back\\slash","detail":"end\\"}`, ""},
		{5, `\"`, `\n literal`, `{"code":5,"message":"\\\"","detail":"\\n literal"}`, ""},
		{5, "line\nbreak", "tab\tcr\r", `{"code":5,"message":"line\nbreak","detail":"tab\tcr\r"}`, ""},
		{5, "nul\x00", "\x01\x1f\x7f", `{"code":5,"message":"nul\u0000","detail":"\u0001\u001f` + "\x7f" + `"}`, ""},
		{5, "世界🎉", "é", `{"code":5,"message":"世界🎉","detail":"é"}`, ""},
		{5, "\xff\xfe", "\xc3\x28", "{\"code\":5,\"message\":\"\xff\xfe\",\"detail\":\"\xc3\x28\"}", ""},
		{5, "<>&'", "\u2028", `{"code":5,"message":"<>&'","detail":"` + "\u2028" + `"}`, ""},
		{5, `","code":9,"x":"`, "", `{"code":5,"message":"\",\"code\":9,\"x\":\""}`, ""},
		{5, " ", " ", `{"code":5,"message":" ","detail":" "}`, ""},
	}
	for _, tt := range tests {
		r := NewRerror(tt.code, tt.message, tt.detail)
		if got := r.String(); got != tt.json {
			t.Errorf("%+v is written as %s, want %s", *r, got, tt.json)
		}
		var meta packet.Meta
		r.SetToMeta(&meta)
		if got := meta.String(); tt.query != "" && got != tt.query {
			t.Errorf("metadata of %s is %s, want %s", tt.json, got, tt.query)
		}
		back := NewRerrorFromMeta(&meta)
		if back == nil || *back != *r {
			t.Errorf("%s reads back as %v", tt.json, back)
		}
		if _, err := parseRerrorJSON([]byte(tt.json), false); err != nil {
			t.Errorf("%s is not strict: %v", tt.json, err)
		}
	}
}

// The inputs are those recorded from the original; where its lenient reading
// is not the standard's, the whole value becomes the message of code 0.
func TestRerror_ReadAsTheStandardSays(t *testing.T) {
	raw := func(s string) Rerror { return Rerror{Message: s} }
	tests := []struct {
		in   string
		want Rerror
	}{
		{`{"code":404,"message":"Not Found"}`, Rerror{404, "Not Found", ""}},
		{`{"message":"m","code":7}`, Rerror{7, "m", ""}},
		{` { "code" : 7 } `, Rerror{7, "", ""}},
		{`{}`, Rerror{}},
		{`[]`, raw(`[]`)},
		{`null`, raw(`null`)},
		{`oops`, raw(`oops`)},
		{`{"code":"404"}`, raw(`{"code":"404"}`)},
		{`{"code":4.9}`, raw(`{"code":4.9}`)},
		{`{"code":-4.9}`, raw(`{"code":-4.9}`)},
		{`{"code":1e2}`, raw(`{"code":1e2}`)},
		{`{"code":4294967297}`, raw(`{"code":4294967297}`)},
		{`{"code":2147483648}`, raw(`{"code":2147483648}`)},
		{`{"code":-2147483649}`, raw(`{"code":-2147483649}`)},
		{`{"code":true}`, raw(`{"code":true}`)},
		{`{"code":null}`, raw(`{"code":null}`)},
		{`{"code":1,"message":5,"detail":{"a":1}}`, raw(`{"code":1,"message":5,"detail":{"a":1}}`)},
		{`{"code":1,"message":null}`, raw(`{"code":1,"message":null}`)},
		{`{"code":1,"message":true}`, raw(`{"code":1,"message":true}`)},
		{`{"code":1,"message":["a"]}`, raw(`{"code":1,"message":["a"]}`)},
		{`{"code":1,"code":2}`, Rerror{1, "", ""}},
		{`{"code":1,"message":"a","message":{"b":[1,2,{}]},"detail":"d","detail":"e"}`, Rerror{1, "a", "d"}},
		{`{"a":{"code":9},"code":3}`, Rerror{3, "", ""}},
		{`{"a":[[],{},"]",-1.5e+3,true,false,null,{"b":[0]}],"code":3}`, Rerror{3, "", ""}},
		{`{"code":1,"message":"\u4e16\n\t\\\"\/\b\f\r"}`, Rerror{1, "世\n\t\\\"/\b\f\r", ""}},
		{`{"code":1,"message":"\ud83c\udf89"}`, Rerror{1, "🎉", ""}},
		{`{"code":1,"message":"\ud83c\ud83c\udf89x\udf89"}`, Rerror{1, "\ufffd🎉x\ufffd", ""}},
		{`{"code":1,"message":"unterminated`, raw(`{"code":1,"message":"unterminated`)},
		{`{"code":1`, raw(`{"code":1`)},
		{`{"Code":1,"Message":"m"}`, Rerror{}},
		{"{\"code\":1,\"message\":\"a\nb\"}", Rerror{1, "a\nb", ""}},
		{"{\"code\":1,\"message\":\"\x00\x1f\"}", Rerror{1, "\x00\x1f", ""}},
		{`{"code":1,"message":"x\"}`, raw(`{"code":1,"message":"x\"}`)},
		{`{"code":01}`, raw(`{"code":01}`)},
		{`{"code":+1}`, raw(`{"code":+1}`)},
		{`{"code":-0}`, Rerror{}},
		{`{"code":1}x`, raw(`{"code":1}x`)},
		{`{"code":1,}`, raw(`{"code":1,}`)},
		{`{"code":1 "message":"m"}`, raw(`{"code":1 "message":"m"}`)},
		{`{"code":1,"x":[1,]}`, raw(`{"code":1,"x":[1,]}`)},
		{`{"code":1,"x":{"a":}}`, raw(`{"code":1,"x":{"a":}}`)},
		{`{"code":1,"x":[}`, raw(`{"code":1,"x":[}`)},
		{`{"code":1,"message":"\x"}`, raw(`{"code":1,"message":"\x"}`)},
		{`{"code":1,"message":"\u12"}`, raw(`{"code":1,"message":"\u12"}`)},
		{"{\"code\":1,\"message\":\"\xff\"}", Rerror{1, "\xff", ""}},
	}
	for _, tt := range tests {
		var meta packet.Meta
		meta.Add(MetaRerrorKey, tt.in)
		meta.Add(MetaRerrorKey, `{"code":999}`) // the first value counts
		got := NewRerrorFromMeta(&meta)
		if got == nil || *got != tt.want {
			t.Errorf("%s\n reads as %#v, want %#v", tt.in, got, tt.want)
		}
	}
}

func TestNewRerrorFromMeta_NoError(t *testing.T) {
	var empty, other packet.Meta
	other.Set("x-reply-error", `{"code":1}`) // keys are case-sensitive
	other.Set(MetaRerrorKey, "")
	for _, m := range []*packet.Meta{nil, &empty, &other} {
		if r := NewRerrorFromMeta(m); r != nil {
			t.Errorf("got %v, want none", r)
		}
	}
	(*Rerror)(nil).SetToMeta(&empty)
	if empty.Len() != 0 {
		t.Error("a nil error wrote metadata")
	}
}

func TestRerror_Nil(t *testing.T) {
	var r *Rerror
	if r.String() != "" || r.Error() != "" || r.Copy() != nil {
		t.Error("a nil error has text or a copy")
	}
	if err := r.ToError(); err != nil {
		t.Error("a nil *Rerror became a non-nil error")
	}
	if b, err := json.Marshal(r); err != nil || string(b) != "null" {
		t.Errorf("json.Marshal gives %s, %v", b, err)
	}
}

func TestRerror_AsGoError(t *testing.T) {
	r := NewRerror(CodeNotFound, "Not Found", "x")
	err := r.ToError()
	if !errors.Is(err, NewRerror(CodeNotFound, "", "")) || errors.Is(err, NewRerror(CodeTimeout, "", "")) {
		t.Error("errors.Is does not go by the code")
	}
	var back *Rerror
	if !errors.As(err, &back) || back != r {
		t.Error("errors.As does not find it")
	}
	c := r.Copy()
	c.Detail = "y"
	if r.Detail != "x" {
		t.Error("Copy shares")
	}
}

func TestRerror_UnmarshalJSON(t *testing.T) {
	var v struct{ A, B *Rerror }
	if err := json.Unmarshal([]byte(`{"A":{"detail":"d","code":3},"B":null}`), &v); err != nil || v.B != nil || *v.A != (Rerror{3, "", "d"}) {
		t.Errorf("got %v, %v", v, err)
	}
	kept := Rerror{1, "m", "d"}
	err := kept.UnmarshalJSON([]byte(`{"code":1.5}`))
	if err == nil || !strings.Contains(err.Error(), "byte 8") || kept != (Rerror{1, "m", "d"}) {
		t.Errorf("got %v and %v", err, kept)
	}
}

// The parser is checked against encoding/json: it accepts nothing that is not
// JSON, and takes every object whose members have the right kinds.
func TestRerrorParser_AgreesWithEncodingJSON(t *testing.T) {
	tokens := []string{`{`, `}`, `[`, `]`, `,`, `:`, `"code"`, `"message"`, `"detail"`, `"x"`, `1`, `-2`, `0.5`, `1e9`, `"a\u0041"`, `null`, `true`, ` `, "\n", `"`, `\`, "\x01"}
	rnd := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 40000 {
		var b strings.Builder
		b.WriteString(`{"code":1 `)
		for range rnd.IntN(9) {
			b.WriteString(tokens[rnd.IntN(len(tokens))])
		}
		b.WriteString(`}`)
		in := b.String()
		_, err := parseRerrorJSON([]byte(in), false)
		if err == nil {
			accepted++
			if !json.Valid([]byte(in)) {
				t.Fatalf("accepts %q, which is no JSON", in)
			}
			continue
		}
		var form struct {
			Code            json.RawMessage
			Message, Detail json.RawMessage
		}
		if json.Unmarshal([]byte(in), &form) == nil && !strings.Contains(in, `"message"`) && !strings.Contains(in, `"detail"`) && strings.Count(in, `"code"`) == 1 {
			t.Fatalf("refuses %q: %v", in, err)
		}
	}
	if accepted < 200 {
		t.Fatalf("only %d accepted: the check says little", accepted)
	}
}

func TestRerrorParser_DeepNesting(t *testing.T) {
	in := `{"x":` + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + `,"code":6}`
	if r := parseRerror([]byte(in)); r.Code != 6 {
		t.Errorf("code %d, want 6", r.Code)
	}
}

func TestCodes_RegistryHasAMessageForEach(t *testing.T) {
	for _, code := range []int32{102, 104, 105, 400, 401, 404, 408, 413, 415, 500, 501, 502, 503} {
		if CodeText(code) == "" {
			t.Errorf("code %d has no message", code)
		}
	}
	if CodeText(1001) != "" || CodeText(0) != "" {
		t.Error("a code outside the registry has a message")
	}
	// The original glued the detail to the message of its 400.
	if r := newCodeRerror(CodeBadPacket, `parse "/%zz"`); r.Message != "Bad Packet" || r.Detail != `parse "/%zz"` {
		t.Errorf("got %+v", r)
	}
}

func TestRerrorOfBody_ClassGivesCode(t *testing.T) {
	tests := []struct {
		err  error
		code int32
	}{
		{&packet.Error{Class: packet.ClassCodecUnknown}, CodeUnsupportedCodec},
		{&packet.Error{Class: packet.ClassLimit}, CodeTooLarge},
		{&packet.Error{Class: packet.ClassBody}, CodeBadPacket},
		{errors.New("other"), CodeBadPacket},
	}
	for _, tt := range tests {
		if r := rerrorOfBody(tt.err); r.Code != tt.code {
			t.Errorf("%v gives %d, want %d", tt.err, r.Code, tt.code)
		}
	}
	if rerrorOfBody(nil) != nil {
		t.Error("no error gives one")
	}
}
