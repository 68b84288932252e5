package gen_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"

	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// minimal runs a property that bad values break, and gives what is left of the first.
func minimal[T any](t *testing.T, seed int64, g gopter.Gen, bad func(T) bool) T {
	t.Helper()
	parameters := gopter.DefaultTestParametersWithSeed(seed)
	parameters.MinSuccessfulTests = 20_000
	r := prop.ForAll(func(v T) bool { return !bad(v) }, g).Check(parameters)
	if r.Status != gopter.TestFailed || len(r.Args) != 1 {
		t.Fatalf("nothing broke the property in %d tests", r.Succeeded)
	}
	return r.Args[0].Arg.(T)
}

func TestPackets_ShrinkToTheSmallest(t *testing.T) {
	tests := []struct {
		name string
		bad  func(gen.Packet) bool
		want gen.Packet
	}{
		{"a uri over three bytes", func(p gen.Packet) bool { return len(p.Uri) > 3 }, gen.Packet{Uri: "aaaa"}},
		{"a body over three bytes", func(p gen.Packet) bool { return len(p.Body) > 3 }, gen.Packet{Body: []byte("aaaa")}},
		{"a body with a zero byte", func(p gen.Packet) bool { return slices.Contains(p.Body, 0) }, gen.Packet{Body: []byte{0}}},
		{"more than three pairs", func(p gen.Packet) bool { return len(p.Meta) > 3 }, gen.Packet{Meta: make(gen.Meta, 4)}},
		{"more than 100 filters", func(p gen.Packet) bool { return len(p.Pipe) > 100 }, gen.Packet{Pipe: slices.Repeat(gen.Pipe{gen.MarkA}, 101)}},
		{"seq from 1,000", func(p gen.Packet) bool { return p.Seq >= 1000 }, gen.Packet{Seq: 1000}},
		{"an odd codec with metadata", func(p gen.Packet) bool { return p.Codec%2 == 1 && len(p.Meta) > 0 },
			gen.Packet{Codec: 1, Meta: make(gen.Meta, 1)}},
		{"a value that ends in &", func(p gen.Packet) bool { return len(p.Meta) > 0 && strings.HasSuffix(p.Meta[0].Value, "&") },
			gen.Packet{Meta: gen.Meta{{Value: "&"}}}},
		{"anything", func(gen.Packet) bool { return true }, gen.Packet{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for seed := range int64(3) {
				if d := tt.want.Diff(minimal(t, seed, gen.Packets(everything), tt.bad)); d != "" {
					t.Errorf("seed %d: not the smallest\n%s", seed, d)
				}
			}
		})
	}
}

func TestOthers_ShrinkToTheSmallest(t *testing.T) {
	check := func(name string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v is left, expected %v", name, got, want)
		}
	}
	for seed := range int64(3) {
		check("text", minimal(t, seed, gen.Texts(100), func(s string) bool { return strings.Contains(s, "é") }), "é")
		check("uri", minimal(t, seed, gen.URIs(gen.Profile{}), func(s string) bool { return strings.Contains(s, "?") }), "?")
		check("error", minimal(t, seed, gen.ReplyErrors(gen.Profile{}), func(e gen.ReplyError) bool { return e.Code < -5 || len(e.Detail) > 9 && e.Code < 0 }).Code < 0, true)
		check("code", minimal(t, seed, gen.ReplyErrors(gen.Profile{}), func(e gen.ReplyError) bool { return e.Code < -5 }), gen.ReplyError{Code: -6})
		check("plan", minimal(t, seed, gen.Plans(), func(p gen.Plan) bool { return len(p.Sizes) > 1 && p.Idle }), gen.Plan{Sizes: []int{1, 1}, Idle: true})
		check("limits", minimal(t, seed, gen.LimitSets(), func(l packet.Limits) bool { return l.MaxMetaPairs == 3 }), packet.Limits{MaxMetaPairs: 3})
		damage := minimal(t, seed, gen.Damages(), func(m gen.Damage) bool { return len(m) > 2 })
		check("damage", len(damage) == 3 && damage[0].At == 0 && damage[2].N == 0, true)
		check("operations", minimal(t, seed, gen.MetaScripts(gen.Profile{}), func(l []gen.MetaOp) bool { return len(l) > 3 && l[3].Do == gen.DelPairs })[3],
			gen.MetaOp{Do: gen.DelPairs})
		check("stream", len(minimal(t, seed, gen.Streams(everything, 6), func(l []gen.Packet) bool { return len(l) > 2 })), 3)
		check("body", minimal(t, seed, gen.Bodies(100), func(b []byte) bool { return len(b) > 20 }), []byte(strings.Repeat("a", 21)))
	}
}
