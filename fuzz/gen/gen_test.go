package gen_test

import (
	"bytes"
	"io"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/leanovate/gopter"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/fuzz/gen"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// draws gives n values of a generator, the same in every run.
func draws[T any](t *testing.T, g gopter.Gen, n int) []T {
	t.Helper()
	p := gopter.DefaultGenParameters()
	p.Rng = rand.New(rand.NewSource(1))
	out := make([]T, n)
	for i := range out {
		v, ok := g(p).Retrieve()
		if !ok {
			t.Fatal("the generator gave nothing")
		}
		out[i] = v.(T)
	}
	return out
}

// covers demands that at least min of the values are of each class, and that all are valid.
func covers[T any](t *testing.T, values []T, valid func(T) bool, min int, classes map[string]func(T) bool) {
	t.Helper()
	for _, v := range values {
		if !valid(v) {
			t.Fatalf("this value is none of the generator's: %v", v)
		}
	}
	for name, is := range classes {
		n := 0
		for _, v := range values {
			if is(v) {
				n++
			}
		}
		if n < min {
			t.Errorf("%s: %d of %d values, expected at least %d", name, n, len(values), min)
		}
	}
}

var everything = gen.Profile{Filters: gen.FilterIds()}

func badUTF8(s string) bool { return !utf8.ValidString(s) }

func TestPackets_CoverTheEdges(t *testing.T) {
	values := draws[gen.Packet](t, gen.Packets(everything), 8_000)
	covers(t, values, func(p gen.Packet) bool {
		return len(p.Uri) <= packet.DefaultMaxUri && len(p.Meta.Encoded()) <= packet.DefaultMaxMeta && len(p.Meta) <= packet.DefaultMaxMetaPairs &&
			len(p.Pipe) <= 255 && len(p.Body) <= 80_000
	}, 12, map[string]func(gen.Packet) bool{
		"seq 0":                   func(p gen.Packet) bool { return p.Seq == 0 },
		"seq 2^64-1":              func(p gen.Packet) bool { return p.Seq == math.MaxUint64 },
		"seq beyond 2^53":         func(p gen.Packet) bool { return p.Seq > 1<<53 },
		"ptype 0":                 func(p gen.Packet) bool { return p.Ptype == 0 },
		"ptype ff":                func(p gen.Packet) bool { return p.Ptype == 0xff },
		"codec 0":                 func(p gen.Packet) bool { return p.Codec == 0 },
		"codec 0 with a body":     func(p gen.Packet) bool { return p.Codec == 0 && len(p.Body) > 0 },
		"codec ff":                func(p gen.Packet) bool { return p.Codec == 0xff },
		"no uri":                  func(p gen.Packet) bool { return p.Uri == "" },
		"uri of bytes":            func(p gen.Packet) bool { return badUTF8(p.Uri) },
		"uri with a NUL":          func(p gen.Packet) bool { return strings.Contains(p.Uri, "\x00") },
		"the longest uri":         func(p gen.Packet) bool { return len(p.Uri) == packet.DefaultMaxUri },
		"no metadata":             func(p gen.Packet) bool { return len(p.Meta) == 0 },
		"an empty pair":           func(p gen.Packet) bool { return slices.Contains(p.Meta, gen.Pair{}) },
		"the most pairs":          func(p gen.Packet) bool { return len(p.Meta) == packet.DefaultMaxMetaPairs },
		"the longest metadata":    func(p gen.Packet) bool { return len(p.Meta.Encoded()) == packet.DefaultMaxMeta },
		"no pipe":                 func(p gen.Packet) bool { return len(p.Pipe) == 0 },
		"255 filters":             func(p gen.Packet) bool { return len(p.Pipe) == 255 },
		"gzip":                    func(p gen.Packet) bool { return slices.Contains(p.Pipe, gen.Gzip) },
		"no body":                 func(p gen.Packet) bool { return len(p.Body) == 0 },
		"a body of bytes":         func(p gen.Packet) bool { return badUTF8(string(p.Body)) },
		"a body over 65,535":      func(p gen.Packet) bool { return len(p.Body) > 65_535 },
		"a body with white space": func(p gen.Packet) bool { return len(bytes.TrimSpace(p.Body)) < len(p.Body) },
	})
}

func TestMetas_CoverTheEdges(t *testing.T) {
	repeated := func(fold func(string) string) func(gen.Meta) bool {
		return func(m gen.Meta) bool {
			for i, p := range m {
				for _, q := range m[:i] {
					if p.Key != "" && fold(p.Key) == fold(q.Key) && (fold("A") == "A" || p.Key != q.Key) {
						return true
					}
				}
			}
			return false
		}
	}
	has := func(is func(gen.Pair) bool) func(gen.Meta) bool {
		return func(m gen.Meta) bool { return slices.ContainsFunc(m, is) }
	}
	covers(t, draws[gen.Meta](t, gen.Metas(gen.Profile{}), 5_000), func(gen.Meta) bool { return true }, 20, map[string]func(gen.Meta) bool{
		"none":              func(m gen.Meta) bool { return len(m) == 0 },
		"one pair":          func(m gen.Meta) bool { return len(m) == 1 },
		"a repeated key":    repeated(strings.Clone),
		"keys by case":      repeated(strings.ToLower),
		"an empty key":      has(func(p gen.Pair) bool { return p.Key == "" && p.Value != "" }),
		"an empty value":    has(func(p gen.Pair) bool { return p.Key != "" && p.Value == "" }),
		"an empty pair":     has(func(p gen.Pair) bool { return p == gen.Pair{} }),
		"ff":                has(func(p gen.Pair) bool { return strings.Contains(p.Key+p.Value, "\xff") }),
		"what is escaped":   has(func(p gen.Pair) bool { return strings.ContainsAny(p.Key, "&=%+") }),
		"an error's key":    has(func(p gen.Pair) bool { return p.Key == oracle.ErrorKey }),
		"values of 100 and": has(func(p gen.Pair) bool { return len(p.Value) > 100 }),
	})
}

func TestProfiles_AreKept(t *testing.T) {
	small := packet.Limits{MaxPacket: 400, MaxUri: 9, MaxMeta: 20, MaxMetaPairs: 2}
	f := gen.Profile{Text: true, Limits: small}
	for _, p := range draws[gen.Packet](t, gen.Packets(f), 5_000) {
		if !utf8.ValidString(p.Uri) || len(p.Uri) > 9 || len(p.Meta.Encoded()) > 20 || len(p.Meta) > 2 || len(p.Body) > 100 || p.Pipe != nil {
			t.Fatalf("beyond the profile: %v", p)
		}
		for _, kv := range p.Meta {
			if strings.ContainsFunc(kv.Key+kv.Value, func(r rune) bool { return r < ' ' || r == utf8.RuneError && r != '\uFFFD' }) {
				t.Fatalf("no text: %v", p)
			}
		}
	}
	for _, m := range draws[gen.Meta](t, gen.Metas(gen.Profile{NoMeta: true}), 200) {
		if len(m) != 0 {
			t.Fatalf("metadata there should not be: %v", m)
		}
	}
}

func TestPipes_CoverTheEdges(t *testing.T) {
	covers(t, draws[gen.Pipe](t, gen.Pipes(1, 2, 3, 4), 5_000), func(p gen.Pipe) bool {
		return len(p) <= 255 && !slices.ContainsFunc(p, func(id byte) bool { return id < 1 || id > 4 }) && (len(p) <= 8 || !slices.Contains(p, 4))
	}, 40, map[string]func(gen.Pipe) bool{
		"empty":     func(p gen.Pipe) bool { return len(p) == 0 },
		"one":       func(p gen.Pipe) bool { return len(p) == 1 },
		"some":      func(p gen.Pipe) bool { return len(p) > 1 && len(p) < 5 },
		"255":       func(p gen.Pipe) bool { return len(p) == 255 },
		"254":       func(p gen.Pipe) bool { return len(p) == 254 },
		"in a row":  func(p gen.Pipe) bool { return len(p) > 1 && p[0] == p[1] },
		"the dear":  func(p gen.Pipe) bool { return slices.Contains(p, 4) },
		"different": func(p gen.Pipe) bool { return len(p) == 2 && p[0] != p[1] },
	})
	for _, p := range draws[gen.Pipe](t, gen.Pipes(), 100) {
		if len(p) != 0 {
			t.Fatalf("a pipe of nothing: %v", p)
		}
	}
}

func TestURIs_CoverTheEdges(t *testing.T) {
	covers(t, draws[string](t, gen.URIs(gen.Profile{}), 10_000), func(s string) bool { return len(s) <= packet.DefaultMaxUri }, 30,
		map[string]func(string) bool{
			"empty":          func(s string) bool { return s == "" },
			"root":           func(s string) bool { return s == "/" },
			"a query":        func(s string) bool { return strings.Contains(s, "?") },
			"bad escapes":    func(s string) bool { return strings.Contains(s, "%zz") },
			"without slash":  func(s string) bool { return s != "" && s[0] != '/' },
			"ends in slash":  func(s string) bool { return len(s) > 1 && strings.HasSuffix(s, "/") },
			"bytes":          badUTF8,
			"other scripts":  func(s string) bool { return utf8.ValidString(s) && len(s) > utf8.RuneCountInString(s) },
			"longest":        func(s string) bool { return len(s) == packet.DefaultMaxUri },
			"longest less 1": func(s string) bool { return len(s) == packet.DefaultMaxUri-1 },
		})
}

func TestReplyErrors_CoverTheEdges(t *testing.T) {
	text := func(is func(string) bool) func(gen.ReplyError) bool {
		return func(e gen.ReplyError) bool { return is(e.Message) || is(e.Detail) }
	}
	covers(t, draws[gen.ReplyError](t, gen.ReplyErrors(gen.Profile{}), 5_000), func(gen.ReplyError) bool { return true }, 40,
		map[string]func(gen.ReplyError) bool{
			"code 0":     func(e gen.ReplyError) bool { return e.Code == 0 },
			"least":      func(e gen.ReplyError) bool { return e.Code == math.MinInt32 },
			"most":       func(e gen.ReplyError) bool { return e.Code == math.MaxInt32 },
			"404":        func(e gen.ReplyError) bool { return e.Code == 404 },
			"empty":      text(func(s string) bool { return s == "" }),
			"quotes":     text(func(s string) bool { return strings.Contains(s, `"`) }),
			"backslash":  text(func(s string) bool { return strings.Contains(s, `\`) }),
			"controls":   text(func(s string) bool { return strings.ContainsAny(s, "\x00\x01\x1f\n") }),
			"bytes":      text(badUTF8),
			"two-thirds": func(e gen.ReplyError) bool { return e.Message != "" && e.Detail != "" },
		})
	for _, e := range draws[gen.ReplyError](t, gen.ReplyErrors(gen.Profile{Text: true}), 1_000) {
		if badUTF8(e.Message+e.Detail) || strings.ContainsAny(e.Message+e.Detail, "\x00\n\x1f") {
			t.Fatalf("no text: %v", e)
		}
	}
}

func TestPlans_CoverTheEdges(t *testing.T) {
	covers(t, draws[gen.Plan](t, gen.Plans(), 5_000), func(p gen.Plan) bool {
		return !slices.ContainsFunc(p.Sizes, func(n int) bool { return n < 1 })
	}, 100, map[string]func(gen.Plan) bool{
		"at once":      func(p gen.Plan) bool { return len(p.Sizes) == 0 },
		"byte by byte": func(p gen.Plan) bool { return len(p.Sizes) == 1 && p.Sizes[0] == 1 },
		"in the head":  func(p gen.Plan) bool { return len(p.Sizes) > 0 && p.Sizes[0] < 6 },
		"pages":        func(p gen.Plan) bool { return len(p.Sizes) > 0 && p.Sizes[0] >= 4095 },
		"joint":        func(p gen.Plan) bool { return p.Joint },
		"idle":         func(p gen.Plan) bool { return p.Idle },
	})
}

func TestPlanReader_GivesEverything(t *testing.T) {
	in := []byte(strings.Repeat("0123456789", 30))
	for _, p := range draws[gen.Plan](t, gen.Plans(), 300) {
		r := p.Reader(in, nil)
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, in) || r.Len() != 0 {
			t.Fatalf("%v: %d bytes, %v", p, len(got), err)
		}
		if _, err := p.Reader(in[:0], iotest.ErrTimeout).Read(make([]byte, 1)); err != iotest.ErrTimeout {
			t.Fatalf("%v: at the end %v", p, err)
		}
	}
	b := make([]byte, 9)
	r := gen.Plan{Sizes: []int{2, 3}, Joint: true, Idle: true}.Reader(in[:7], nil)
	var sizes []int
	for range 6 {
		n, err := r.Read(b)
		sizes = append(sizes, n)
		if (err == io.EOF) != (len(sizes) == 6) {
			t.Fatalf("read %d: %v", len(sizes), err)
		}
	}
	if want := []int{0, 2, 0, 3, 0, 2}; !slices.Equal(sizes, want) {
		t.Fatalf("the reads gave %v bytes, expected %v", sizes, want)
	}
}

func TestLimitSets_CoverTheEdges(t *testing.T) {
	covers(t, draws[packet.Limits](t, gen.LimitSets(), 5_000), func(l packet.Limits) bool { return l.Validate() == nil }, 50,
		map[string]func(packet.Limits) bool{
			"default packet":  func(l packet.Limits) bool { return l.MaxPacket == 0 },
			"smallest packet": func(l packet.Limits) bool { return l.MaxPacket == packet.MinPacketLimit },
			"largest packet":  func(l packet.Limits) bool { return l.MaxPacket == math.MaxUint32 },
			"one pair":        func(l packet.Limits) bool { return l.MaxMetaPairs == 1 },
			"uri of 1":        func(l packet.Limits) bool { return l.MaxUri == 1 },
			"ordinary uri":    func(l packet.Limits) bool { return l.MaxUri > 5 && l.MaxUri < 400 },
		})
}

func TestDamages_CoverTheEdges(t *testing.T) {
	in := oracle.Frame(nil, oracle.Payload(1, 1, []byte("/a"), []byte("k=v"), 'j', []byte("{}")))
	covers(t, draws[gen.Damage](t, gen.Damages(), 10_000), func(gen.Damage) bool { return true }, 100, map[string]func(gen.Damage) bool{
		"none":    func(m gen.Damage) bool { return bytes.Equal(m.Apply(in), in) },
		"shorter": func(m gen.Damage) bool { return len(m.Apply(in)) < len(in) },
		"longer":  func(m gen.Damage) bool { return len(m.Apply(in)) > len(in) },
		"size":    func(m gen.Damage) bool { out := m.Apply(in); return len(out) > 4 && !bytes.Equal(out[:4], in[:4]) },
		"behind":  func(m gen.Damage) bool { out := m.Apply(in); return len(out) == len(in) && out[20] != in[20] },
	})
	if got := (gen.Damage{{Kind: gen.Cut, At: 0, N: 100}, {Kind: gen.Set}}).Apply([]byte("abc")); len(got) != 0 {
		t.Fatalf("cut to nothing: %q", got)
	}
}
