package bounds_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// family is a kind of input that grows with n, and should cost as it grows.
type family struct {
	name string
	only string // the room that it is for; none: all
	make func(t testing.TB, r room, n int) []byte
}

// of builds frames of packets.
func of(build func(n int) oracle.Packet) func(testing.TB, room, int) []byte {
	return func(t testing.TB, r room, n int) []byte { return r.encode(t, build(n)) }
}

// text builds frames of payloads.
func text(build func(n int) string) func(testing.TB, room, int) []byte {
	return func(_ testing.TB, r room, n int) []byte { return r.frame("", []byte(build(n))) }
}

func many(s string, n int) []byte { return bytes.Repeat([]byte(s), n) }

var families = []family{
	{"body", "", of(func(n int) oracle.Packet { return oracle.Packet{Codec: 's', Body: many("b", n)} })},
	{"body-binary", "", of(func(n int) oracle.Packet { return oracle.Packet{Codec: 's', Body: many("\xff\x00", n)} })},
	{"uri", "", of(func(n int) oracle.Packet { return oracle.Packet{Uri: many("%41", n)} })},
	{"pairs", "", func(_ testing.TB, r room, n int) []byte { return r.rawMeta(many("a=b&", n)) }},
	{"pairs-of-nothing", "", func(_ testing.TB, r room, n int) []byte { return r.rawMeta(many("&=", n)) }},
	{"escapes", "", func(_ testing.TB, r room, n int) []byte { return r.rawMeta(many("%zz%4", n)) }},
	{"one-long-pair", "", func(_ testing.TB, r room, n int) []byte { return r.rawMeta(many("=", n)) }},
	{"packets", "", func(t testing.TB, r room, n int) []byte {
		return bytes.Repeat(r.encode(t, oracle.Packet{Uri: []byte("/a"), Codec: 'j', Body: []byte("1")}), n/10)
	}},
	{"cut-short", "", func(t testing.TB, r room, n int) []byte {
		return r.encode(t, oracle.Packet{Codec: 's', Body: many("b", 2*n)})[:n]
	}},
	{"gzip", "", func(t testing.TB, r room, n int) []byte {
		plain := r.encode(t, oracle.Packet{Codec: 's', Body: many("b", n)})[6:]
		return r.frame("g", oracle.Gzip(plain))
	}},
	{"gzip-bad", "", func(t testing.TB, r room, n int) []byte {
		return r.frame("g", append(oracle.Gzip(many("b", n)), 0))
	}},
	{"crc", "", func(t testing.TB, r room, n int) []byte {
		f, err := r.o.With(oracle.TestFilters(oracle.Judged)).Encode(oracle.Packet{Codec: 's', Body: many("b", n), Pipe: []byte("cccc")}, wide)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}},

	{"members", "json", text(func(n int) string { return `{"a":0` + strings.Repeat(`,"a":0`, n) + `}` })},
	{"elements", "json", text(func(n int) string { return `{"a":[0` + strings.Repeat(`,0`, n) + `]}` })},
	{"brackets", "json", text(func(n int) string {
		return `{"a":` + strings.Repeat(strings.Repeat("[", 31)+strings.Repeat("]", 31), 1) + strings.Repeat(" ", n) + `}`
	})},
	{"deep", "json", text(func(n int) string { return `{"a":` + strings.Repeat("[", n) })},
	{"escaped-name", "json", text(func(n int) string { return `{"` + strings.Repeat(`\u0061`, n) + `":1}` })},
	{"escaped-body", "json", text(func(n int) string { return `{"body":"` + strings.Repeat(`\ud83d\ude00`, n) + `"}` })},
	{"digits", "json", text(func(n int) string { return `{"a":1` + strings.Repeat("0", n) + `}` })},
	{"digits-of-seq", "json", text(func(n int) string { return `{"seq":"1` + strings.Repeat("0", n) + `"}` })},
	{"base64-lines", "json", text(func(n int) string { return `{"body_base64":"` + strings.Repeat(`QQ==\n`, n) + `"}` })},
	{"base64", "json", text(func(n int) string { return `{"body_base64":"` + strings.Repeat("QUFB", n) + `"}` })},

	{"unknown-fields", "pb", text(func(n int) string { return strings.Repeat("\x78\x01", n) })},
	{"groups", "pb", text(func(n int) string { return strings.Repeat("\x7b", n) })},
	{"many-bodies", "pb", text(func(n int) string { return strings.Repeat("\x32\x02ab", n) })},
	{"many-uris", "pb", text(func(n int) string { return strings.Repeat("\x1a\x02/a", n) })},
	{"empty-fields", "pb", text(func(n int) string { return strings.Repeat("\x7a\x00", n) })},
	{"long-numbers", "pb", text(func(n int) string { return strings.Repeat("\x78\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", n) })},
}

// roomy lets all families in whole.
func roomy(t testing.TB) *packet.Env {
	return &packet.Env{Filters: filters(t), Limits: packet.Limits{
		MaxPacket: 64 << 20, MaxPayload: 64 << 20, MaxUri: 64 << 20, MaxMeta: 64 << 20, MaxMetaPairs: 64 << 20}}
}

// each calls f with every family of every room that it is for.
func each(f func(name string, fam family, r room)) {
	for _, fam := range families {
		for _, r := range rooms {
			if fam.only == "" || fam.only == r.name {
				f(fam.name+"/"+r.name, fam, r)
			}
		}
	}
}
