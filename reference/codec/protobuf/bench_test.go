package protobuf_test

import (
	"testing"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/henrylee2cn/teleport/perf/message"
	"github.com/henrylee2cn/teleport/reference/codec/protobuf"
)

// Benchmarks of what is done for each call: a message of vtprotobuf, one
// without its methods, and one with a map.
func BenchmarkCodec(b *testing.B) {
	m, err := structpb.NewStruct(map[string]any{"a": 1, "b": "two", "c": []any{true}})
	if err != nil {
		b.Fatal(err)
	}
	tests := []struct {
		name string
		v    any
		make func() any
	}{
		{"vt", message.New(), func() any { return new(message.BenchmarkMessage) }},
		{"plain", wrapperspb.String("a string of some length"), func() any { return new(wrapperspb.StringValue) }},
		{"map", m, func() any { return new(structpb.Struct) }},
		{"empty", struct{}{}, func() any { return new(struct{}) }},
	}
	c := protobuf.Codec{}
	for _, test := range tests {
		data, err := c.Marshal(test.v)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("AppendMarshal/"+test.name, func(b *testing.B) {
			dst := make([]byte, 0, 64+len(data))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.AppendMarshal(dst[:20], test.v); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Unmarshal/"+test.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Unmarshal(data, test.make()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
