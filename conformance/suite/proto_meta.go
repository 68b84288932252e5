package suite

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// metaCases prove that metadata travels as the ordered multimap it is.
func metaCases(tg *Target) []runner.Case {
	// travels wants each list of pairs to come back as it went.
	travels := func(b *bench, lists ...[]pair) {
		for i, list := range lists {
			s := basic(i)
			s.meta = list
			b.roundTrip(s, "metadata "+shortPairs(list))
		}
	}
	return []runner.Case{
		tg.proto("meta-order", "TP-META-001 TP-META-003 TP-META-013", "pairs come back in their order, repeated keys and pairs too", func(b *bench) {
			travels(b,
				[]pair{{"b", "1"}, {"a", "2"}, {"c", "3"}},
				[]pair{{"k", "1"}, {"k", "2"}, {"x", ""}, {"k", "1"}},
				[]pair{{"same", "pair"}, {"same", "pair"}, {"same", "pair"}},
			)
		}, FeatureMeta),
		tg.proto("meta-case", "TP-META-002", "keys that differ in case only stay apart", func(b *bench) {
			travels(b, []pair{{"X-Reply-Error", "1"}, {"x-reply-error", "2"}, {"X-REPLY-ERROR", "3"}})
		}, FeatureMeta),
		tg.proto("meta-empty-parts", "TP-META-004 TP-META-007", "an empty value and an empty key come back", func(b *bench) {
			travels(b,
				[]pair{{"key", ""}}, []pair{{"", "value"}}, []pair{{"a", ""}, {"", "b"}, {"c", ""}},
			)
		}, FeatureMeta),
		tg.proto("meta-nothing-left-out", "TP-META-018 TP-META-006", "a pair with key and value both empty is left out, its neighbours stay", func(b *bench) {
			s := basic(1)
			s.meta = []pair{{"", ""}, {"a", "1"}, {"", ""}, {"b", ""}, {"", ""}}
			want := s
			want.meta = []pair{{"a", "1"}, {"b", ""}}
			b.open(&stream{in: b.frame(s)}).unpackWant(want, "empty pairs among others")
			s.meta, want.meta = []pair{{"", ""}}, nil
			b.open(&stream{in: b.frame(s)}).unpackWant(want, "an empty pair alone")
		}, FeatureMeta),
		tg.proto("meta-special", "TP-META-005 TP-META-007 TP-META-009 TP-META-010", "separators, plus, blank and percent signs come back as they are", func(b *bench) {
			travels(b,
				[]pair{{"a=b", "c=d"}, {"e&f", "g&h"}, {"+", "+ +"}, {" ", "  "}, {"%", "%%"}, {"%41", "%zz"}, {"a%2", "%2"}},
				[]pair{{"\"'", "<>;:,"}, {"\r\n", "\t\x00"}, {"{}", "[1]"}},
				[]pair{{"日本", "🙂"}, {"ü", "é"}},
			)
		}, FeatureMeta),
		tg.proto("meta-every-byte", "TP-META-005 TP-META-008", "every byte comes back in a key and in a value", func(b *bench) {
			for c := range 256 {
				x := string([]byte{byte(c)})
				s := basic(c)
				s.meta = []pair{{x, "v"}, {"k", x}, {"a" + x + "b", "c" + x + "d"}}
				b.roundTrip(s, fmt.Sprintf("byte 0x%02x in metadata", c))
			}
		}, FeatureMeta, FeatureBinary),
		tg.proto("meta-many", "TP-META-001 TP-LIM-004", "hundreds of pairs and a long value come back", func(b *bench) {
			l := b.limit()
			var list []pair
			for i := range min(1000, l.MaxMetaPairs, int(l.MaxMeta)/32) {
				list = append(list, pair{fmt.Sprintf("key-%03d", i%400), fmt.Sprint(i)})
			}
			travels(b, list, []pair{{"long", string(make([]byte, int(l.MaxMeta)/8))}})
		}, FeatureMeta),
		tg.proto("meta-peek", "TP-META-014 TP-META-012 TP-META-015", "received metadata answers Peek with the first of its key, Set and Del work on it", func(b *bench) {
			s := basic(1)
			s.meta = []pair{{"k", "1"}, {"other", "x"}, {"k", "2"}}
			p := b.open(&stream{in: b.frame(s)}).unpackWant(s, "a repeated key")
			if got := string(p.Meta().Peek("k")); got != "1" {
				b.Errorf("Peek of a repeated key: expected the first value %q, got %q", "1", got)
			}
			p.Meta().Set("k", "3")
			if got := shortPairs(pairs(p.Meta())); got != `["k"="3" "other"="x" "k"="2"]` {
				b.Errorf("Set on received metadata gave %s", got)
			}
			p.Meta().Del("k")
			if got := shortPairs(pairs(p.Meta())); got != `["other"="x"]` {
				b.Errorf("Del on received metadata gave %s", got)
			}
		}, FeatureMeta, FeatureGoAPI),
	}
}
