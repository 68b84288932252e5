package codec_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/reference/codec"
)

type benchArgs struct {
	Id    int               `json:"id"`
	Name  string            `json:"name"`
	Tags  []string          `json:"tags"`
	Extra map[string]string `json:"extra"`
	Text  string            `json:"text"`
}

// Benchmarks of what is done for each call. Decoder is what Unmarshal could use
// instead: it stays here to show why it does not.
func BenchmarkJSON(b *testing.B) {
	v := &benchArgs{7, "somebody", []string{"a", "b", "c"}, map[string]string{"k": "v"}, strings.Repeat("text ", 80)}
	c := codec.JSON{}
	data, err := c.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 2*len(data))
	tests := []struct {
		name string
		run  func() error
	}{
		{"AppendMarshal", func() error { _, err := c.AppendMarshal(dst[:20], v); return err }},
		{"Marshal", func() error { _, err := c.Marshal(v); return err }},
		{"Unmarshal", func() error { return c.Unmarshal(data, new(benchArgs)) }},
		{"Decoder", func() error { return json.NewDecoder(bytes.NewReader(data)).Decode(new(benchArgs)) }},
	}
	for _, test := range tests {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := test.run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
