package vectors_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/vectors"
)

func TestAll_LoadsEveryCase(t *testing.T) {
	files, err := vectors.Files()
	if err != nil {
		t.Fatal(err)
	}
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range files {
		n += len(f.Cases)
	}
	if n != len(all) || n == 0 {
		t.Errorf("%d cases in files, %d in all", n, len(all))
	}
	for _, c := range all {
		runs, err := c.Runs()
		if err != nil {
			t.Error(err)
		}
		wire, err := c.WireBytes()
		if err != nil {
			t.Error(err)
		}
		for _, r := range runs {
			if got := bytes.Join(r.Segments, nil); !bytes.HasPrefix(wire, got) || len(got) != r.Len() {
				t.Errorf("%s: a run gives other bytes than the wire", c.ID)
			}
		}
	}
}

func TestByID(t *testing.T) {
	c, err := vectors.ByID("fast-example-0004")
	if err != nil {
		t.Fatal(err)
	}
	if wire, err := c.WireBytes(); err != nil || len(wire) != 24 {
		t.Errorf("%x, %v", wire, err)
	}
	if _, err := vectors.ByID("fast-example-9999"); err == nil {
		t.Error("found a case that is not there")
	}
}

func TestBytes_JSON(t *testing.T) {
	for _, tt := range []struct{ json, want string }{
		{`{"text":""}`, ""},
		{`{"text":"a<b>&\u2028"}`, "a<b>&\u2028"},
		{`{"hex":"00ff"}`, "\x00\xff"},
		{`{"repeat":"6162","times":3}`, "ababab"},
		{`{"parts":[{"text":"x"},{"repeat":"00","times":2},{"hex":"ff"}]}`, "x\x00\x00\xff"},
	} {
		var b vectors.Bytes
		if err := json.Unmarshal([]byte(tt.json), &b); err != nil {
			t.Errorf("%s: %v", tt.json, err)
			continue
		}
		got, err := b.Expand()
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v", tt.json, got, err)
		}
		raw, err := json.Marshal(b)
		var again vectors.Bytes
		if err == nil {
			err = json.Unmarshal(raw, &again)
		}
		if back, err2 := again.Expand(); err != nil || err2 != nil || string(back) != tt.want {
			t.Errorf("%s: written as %s, read back as %q (%v, %v)", tt.json, raw, back, err, err2)
		}
	}
}

func TestBytes_Refused(t *testing.T) {
	for _, tt := range []struct{ json, want string }{
		{`{"hex":"0"}`, "odd length"},
		{`{"hex":"zz"}`, "invalid byte"},
		{`{"text":"a","hex":"00"}`, "more than one"},
		{`{"times":3}`, "times without repeat"},
		{`{"repeat":"00"}`, "at least 1"},
		{`{"repeat":"00","times":16777217}`, "more than 16777216"},
		{`{"repeat":"0000","times":9223372036854775807}`, "more than 16777216"},
		{`{"parts":[{"repeat":"00","times":16777216},{"hex":"00"}]}`, "more than 16777216"},
		{`{"parts":[{"text":"a"}],"text":"b"}`, "not both"},
		{`{"octal":"0"}`, "unknown field"},
	} {
		var b vectors.Bytes
		err := json.Unmarshal([]byte(tt.json), &b)
		if err == nil {
			_, err = b.Expand()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.json, err, tt.want)
		}
	}
}

func TestPipe_JSON(t *testing.T) {
	for _, tt := range []struct {
		json string
		n    int
	}{{"[]", 0}, {"[103,0,255]", 3}, {`{"repeat":103,"times":255}`, 255}} {
		var p vectors.Pipe
		if err := json.Unmarshal([]byte(tt.json), &p); err != nil || len(p) != tt.n {
			t.Errorf("%s: %d ids, %v", tt.json, len(p), err)
		}
		if raw, err := json.Marshal(p); err != nil || string(raw) != tt.json {
			t.Errorf("%s: written as %s, %v", tt.json, raw, err)
		}
	}
	for _, bad := range []string{"[256]", "[-1]", `{"repeat":103,"times":5000}`, `"g"`} {
		if err := new(vectors.Pipe).UnmarshalJSON([]byte(bad)); err == nil {
			t.Errorf("%s: accepted", bad)
		}
	}
}

func TestCase_Runs(t *testing.T) {
	at := int64(2)
	for _, tt := range []struct {
		name string
		c    vectors.Case
		want string // segments joined by |, runs by a space, each with its offset
	}{
		{"whole", vectors.Case{Wire: vectors.Hex([]byte("abcd"))}, "abcd@-1"},
		{"offset", vectors.Case{Wire: vectors.Hex([]byte("abcd")), Offset: &at}, "abcd@2"},
		{"segments", vectors.Case{Wire: vectors.Hex([]byte("abcd")), Segments: []int{1, 3}}, "a|bcd@-1"},
		{"last repeats", vectors.Case{Wire: vectors.Hex([]byte("abcde")), Segments: []int{1, 2}}, "a|bc|de@-1"},
		{"split", vectors.Case{Wire: vectors.Hex([]byte("abc")), Expand: vectors.ExpandSplit}, "a|bc@-1 ab|c@-1"},
		{"truncate", vectors.Case{Wire: vectors.Hex([]byte("abc")), Expand: vectors.ExpandTruncate, Segments: []int{1}}, "a@1 a|b@2"},
		{"nothing", vectors.Case{}, "@-1"},
	} {
		runs, err := tt.c.Runs()
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var got []string
		for _, r := range runs {
			raw, _ := json.Marshal(r.Offset)
			got = append(got, string(bytes.Join(r.Segments, []byte("|")))+"@"+string(raw))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, s, tt.want)
		}
	}
	bad := vectors.Case{ID: "x", Expand: "shuffle"}
	if _, err := bad.Runs(); err == nil {
		t.Error("an unknown expansion is accepted")
	}
}

func TestCase_EffectiveLimits(t *testing.T) {
	c := vectors.Case{Limits: &vectors.Limits{MaxUri: 5}}
	want := vectors.DefaultLimits()
	want.MaxUri = 5
	if got := c.EffectiveLimits(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestParseFile_OtherFormat(t *testing.T) {
	if _, err := vectors.ParseFile([]byte(`{"format":2}`)); err == nil {
		t.Error("format 2 is accepted")
	}
	if _, err := vectors.ParseFile([]byte(`{"format":1,"colour":"red"}`)); err == nil {
		t.Error("an unknown member is accepted")
	}
}
