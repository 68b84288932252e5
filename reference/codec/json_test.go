package codec_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/codec"
)

func TestJSON_RecordedBodies(t *testing.T) {
	tests := []struct {
		name string
		v    any
		want string
	}{
		{"typed nil", (*int)(nil), `null`},
		{"nil map", map[string]int(nil), `null`},
		{"empty string", "", `""`},
		{"string", "t\"", `"t\""`},
		{"int", 1, `1`},
		{"float", 1e21, `1e+21`},
		{"empty struct", struct{}{}, `{}`},
		{"sorted keys, escaped", map[string]any{"b": 1, "a": "<>&\u2028", "c": []int{1, 2}},
			`{"a":"\u003c\u003e\u0026\u2028","b":1,"c":[1,2]}`},
		{"bytes", []byte("teleport"), `"dGVsZXBvcnQ="`},
		{"raw message", json.RawMessage(`{ "x" : 1 }`), `{"x":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := codec.JSON{}.Marshal(tt.v)
			if err != nil || string(got) != tt.want {
				t.Errorf("Marshal = %s, %v; want %s", got, err, tt.want)
			}
			got, err = codec.JSON{}.AppendMarshal([]byte("x"), tt.v)
			if err != nil || string(got) != "x"+tt.want {
				t.Errorf("AppendMarshal = %s, %v; want x%s", got, err, tt.want)
			}
		})
	}
}

func TestJSON_AppendMarshalError(t *testing.T) {
	dst := []byte("keep")
	got, err := codec.JSON{}.AppendMarshal(dst, map[string]any{"a": 1, "b": make(chan int)})
	if err == nil || string(got) != "keep" {
		t.Fatalf("got %q, %v; want the old slice and an error", got, err)
	}
	// The pooled encoder must have forgotten the failure.
	got, err = codec.JSON{}.AppendMarshal(nil, 7)
	if err != nil || string(got) != "7" {
		t.Errorf("after a failure: %q, %v", got, err)
	}
}

func TestJSON_Unmarshal(t *testing.T) {
	tests := []struct {
		data string
		ok   bool
	}{
		{`1`, true}, {" 1 \r\n\t", true}, {`1 2`, false}, {`1x`, false}, {``, false}, {`{`, false}, {"1\x00", false},
	}
	for _, tt := range tests {
		var v any
		if err := (codec.JSON{}).Unmarshal([]byte(tt.data), &v); (err == nil) != tt.ok {
			t.Errorf("%q: %v, want ok=%t", tt.data, err, tt.ok)
		}
	}
}

func TestJSON_DecodedValuesOwnTheirMemory(t *testing.T) {
	data := []byte(`{"s":"abc","r":{"x":1}}`)
	var v struct {
		S string
		R json.RawMessage
	}
	if err := (codec.JSON{}).Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if v.S != "abc" || string(v.R) != `{"x":1}` {
		t.Errorf("after the input was overwritten: %q %s", v.S, v.R)
	}
}

func TestJSON_AppendMarshalConcurrent(t *testing.T) {
	done := make(chan string)
	for i := range 8 {
		go func() {
			v := strings.Repeat(string(rune('a'+i)), 100)
			for range 100 {
				b, err := codec.JSON{}.AppendMarshal(nil, v)
				if err != nil || string(b) != `"`+v+`"` {
					done <- "a value of another goroutine: " + string(b)
					return
				}
			}
			done <- ""
		}()
	}
	for range 8 {
		if s := <-done; s != "" {
			t.Error(s)
		}
	}
}
