package vectorgen

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/vectors"
)

// metaArea is the metadata: the tables recorded from the original whole, and what they do not show.
func metaArea() (*area, error) {
	a := newArea("meta", "Metadata in its url-encoding. The topics recorded-encode and recorded-decode are the tables recorded from the original, whole and in their order.", map[string]string{
		"EmptyPair":   "A pair has neither key nor value: it must not be written, and is skipped when read. The original wrote it.",
		"DelAll":      "Del must remove every pair with the key. The original skipped the second of two neighbours.",
		"NotUtf8":     "Keys and values are bytes: a text type that replaces bad UTF-8 changes them.",
		"BadEscape":   "A percent sign is not followed by two hexadecimal digits: it stays; a reader that fails the packet here ends a session over a percent sign.",
		"LowerCase":   "Escapes in lower case must be read, and are never written.",
		"ManyPairs":   "There are many pairs: order, repeats and the pair limit.",
		"UnknownKeys": "Keys that nobody knows must be carried, not rejected.",
		"LengthLie":   "The meta length runs past the payload.",
	})
	var table recordedMeta
	if err := recorded("meta-original.json", &table); err != nil {
		return nil, err
	}
	metaRecordedEncode(a, &table)
	metaRecordedDecode(a, &table)
	metaOps(a)
	metaDecode(a)
	metaBad(a)
	return a, nil
}

// metaFrame is the base packet with metadata.
func metaFrame(wire string, pairs []vectors.Pair) frame { return base().withMeta(wire, pairs...) }

func metaRecordedEncode(a *area, table *recordedMeta) {
	encode := reqs("TP-META-001", "TP-META-002", "TP-META-003", "TP-META-004", "TP-META-005", "TP-META-012", "TP-META-013", "TP-META-015")
	for _, row := range table.Encode {
		f := metaFrame(row.Query, row.Pairs)
		comment := "Recorded encoding: " + row.Name + "."
		var list []vectors.Op
		for _, op := range row.Ops {
			if op.Op == "del" {
				op.Value = nil
			}
			list = append(list, op)
		}
		switch row.Name {
		case "empty-pair":
			a.writes("recorded-encode", reqs("TP-META-018"), comment, f, ops(list...), flags("EmptyPair"), lost)
		case "empty-pair-first", "empty-pair-middle", "empty-pair-last":
			a.writes("recorded-encode", reqs("TP-META-018"), comment+" The original writes the empty pair; the standard leaves it out.",
				f, ops(list...), flags("EmptyPair"), quirk)
		case "del-dups-adjacent":
			a.writes("recorded-encode", reqs("TP-META-015"), comment+" The original leaves the second pair; the standard removes it, too.",
				f, ops(list...), flags("DelAll"), quirk)
		default:
			a.good("recorded-encode", encode, comment, f, ops(list...))
		}
	}
}

// lost marks an encode case whose packet has pairs that do not reach the wire: its bytes are right all the same.
func lost(c *vectors.Case) { c.Canonical = true }

func metaRecordedDecode(a *area, table *recordedMeta) {
	decode := reqs("TP-META-001", "TP-META-006", "TP-META-007", "TP-META-008", "TP-META-009", "TP-META-010", "TP-META-011")
	for _, row := range table.Decode {
		query, err := row.Query.Expand()
		if err != nil {
			continue // cannot be: the file is parsed, and the count of cases is tested
		}
		f := metaFrame(string(query), row.Pairs)
		comment := fmt.Sprintf("Recorded decoding of %.60q.", query)
		if string(query) == row.ReEncoded {
			a.good("recorded-decode", decode, comment, f)
		} else {
			a.reads("recorded-decode", decode, comment, f)
		}
	}
}

func metaOps(a *area) {
	op := func(name, key string, value ...string) vectors.Op {
		o := vectors.Op{Op: name, Key: text(key)}
		if len(value) > 0 {
			v := text(value[0])
			o.Value = &v
		}
		return o
	}
	a.writes("empty-pair", reqs("TP-META-018"), "An empty pair before another is not written.",
		metaFrame("a=1", []vectors.Pair{pair("a", "1")}), ops(op("add", "", ""), op("add", "a", "1")), flags("EmptyPair"))
	a.writes("empty-pair", reqs("TP-META-018"), "An empty pair between two is not written.",
		metaFrame("a=1&b=2", []vectors.Pair{pair("a", "1"), pair("b", "2")}), ops(op("add", "a", "1"), op("add", "", ""), op("add", "b", "2")), flags("EmptyPair"))
	a.writes("empty-pair", reqs("TP-META-018"), "An empty pair behind another is not written.",
		metaFrame("a=1", []vectors.Pair{pair("a", "1")}), ops(op("add", "a", "1"), op("add", "", "")), flags("EmptyPair"))
	a.good("del", reqs("TP-META-015"), "Del removes every pair with the key, neighbours included.",
		metaFrame("b=4", []vectors.Pair{pair("b", "4")}), ops(op("add", "a", "1"), op("add", "a", "2"), op("add", "a", "3"), op("add", "b", "4"), op("del", "a")), flags("DelAll"))
	a.good("del", reqs("TP-META-015"), "Del removes pairs at both ends and in the middle.",
		metaFrame("b=2&c=4", []vectors.Pair{pair("b", "2"), pair("c", "4")}),
		ops(op("add", "a", "1"), op("add", "b", "2"), op("add", "a", "3"), op("add", "c", "4"), op("add", "a", "5"), op("del", "a")), flags("DelAll"))
	a.good("del", reqs("TP-META-015", "TP-META-002"), "Del compares keys byte for byte.",
		metaFrame("A=1", []vectors.Pair{pair("A", "1")}), ops(op("add", "A", "1"), op("add", "a", "2"), op("del", "a")))
	a.good("del", reqs("TP-META-015", "TP-FAST-012"), "Del of all leaves an empty meta field.", metaFrame("", nil), ops(op("add", "a", "1"), op("add", "a", "2"), op("del", "a")))
	a.good("set", reqs("TP-META-012", "TP-META-001"), "Set replaces the first of two values, in its place.",
		metaFrame("a=9&b=2&a=3", []vectors.Pair{pair("a", "9"), pair("b", "2"), pair("a", "3")}),
		ops(op("add", "a", "1"), op("add", "b", "2"), op("add", "a", "3"), op("set", "a", "9")))
	a.good("set", reqs("TP-META-012", "TP-META-002"), "Set of another case of the key appends.",
		metaFrame("a=1&A=2", []vectors.Pair{pair("a", "1"), pair("A", "2")}), ops(op("add", "a", "1"), op("set", "A", "2")))
	a.good("peek", reqs("TP-META-014", "TP-META-002"), "Peek finds the first value of a key, and only that key.",
		metaFrame("b=0&a=1&a=2&A=3&e", []vectors.Pair{pair("b", "0"), pair("a", "1"), pair("a", "2"), pair("A", "3"), pair("e", "")}),
		ops(op("add", "b", "0"), op("add", "a", "1"), op("add", "a", "2"), op("add", "A", "3"), op("add", "e", ""),
			op("peek", "a", "1"), op("peek", "A", "3"), op("peek", "b", "0"), op("peek", "e", ""), op("peek", "B")))
	a.good("peek", reqs("TP-META-014", "TP-META-012", "TP-META-015"), "Peek follows what Set and Del did.",
		metaFrame("a=2", []vectors.Pair{pair("a", "2")}),
		ops(op("peek", "a"), op("set", "a", "1"), op("peek", "a", "1"), op("set", "a", "2"), op("peek", "a", "2"), op("add", "b", "1"), op("del", "b"), op("peek", "b")))
	a.good("unknown-keys", reqs("TP-CONF-004", "TP-META-011"), "Keys that no standard names.",
		metaFrame("X-Nobody-Knows=1&traceparent=00-ab&x", []vectors.Pair{pair("X-Nobody-Knows", "1"), pair("traceparent", "00-ab"), pair("x", "")}), flags("UnknownKeys"))
}

func metaDecode(a *area) {
	read := func(query string, names []string, pairs ...vectors.Pair) {
		a.reads("decode", reqs("TP-META-006", "TP-META-007", "TP-META-008", "TP-META-010", "TP-META-011"), fmt.Sprintf("Decoding of %.60q.", query), metaFrame(query, pairs), flags(names...))
	}
	read("%", []string{"BadEscape"}, pair("%", ""))
	read("%a&%", []string{"BadEscape"}, pair("%a", ""), pair("%", ""))
	read("%%%41%", []string{"BadEscape"}, pair("%%A%", ""))
	read("a=%4%31", []string{"BadEscape"}, pair("a", "%41"))
	read("a=%2541", nil, pair("a", "%41"))
	read("a=%3d%3D%26", []string{"LowerCase"}, pair("a", "==&"))
	read("%ff=%Fe", []string{"NotUtf8", "LowerCase"}, pair("\xff", "\xfe"))
	read("a=\x01\x1f\x7f\x80", []string{"NotUtf8"}, pair("a", "\x01\x1f\x7f\x80"))
	read("%00", nil, pair("\x00", ""))
	read("%=&=%", []string{"BadEscape"}, pair("%", ""), pair("", "%"))
	read("a=%\x30\x67", []string{"BadEscape"}, pair("a", "%0g"))
	read("a=%@0&b=%:0&c=%`0&d=%G0&e=%/0", []string{"BadEscape"}, pair("a", "%@0"), pair("b", "%:0"), pair("c", "%`0"), pair("d", "%G0"), pair("e", "%/0"))
	all := make([]byte, 0, 256)
	for c := range 256 {
		if c != '&' && c != '=' && c != '+' && c != '%' {
			all = append(all, byte(c))
		}
	}
	read("k="+string(all), []string{"NotUtf8"}, pair("k", string(all)))
	var upper, lower strings.Builder
	every := make([]byte, 256)
	for c := range 256 {
		fmt.Fprintf(&upper, "%%%02X", c)
		fmt.Fprintf(&lower, "%%%02x", c)
		every[c] = byte(c)
	}
	read("k="+upper.String(), []string{"NotUtf8"}, pair("k", string(every)))
	read("k="+lower.String(), []string{"NotUtf8", "LowerCase"}, pair("k", string(every)))
	many := make([]vectors.Pair, 1000)
	for i := range many {
		many[i] = pair("", "v")
	}
	a.good("many", reqs("TP-META-001", "TP-META-013"), "1,000 pairs, all with the empty key.", metaFrame(strings.TrimSuffix(strings.Repeat("=v&", 1000), "&"), many), flags("ManyPairs"))
}

func metaBad(a *area) {
	f := metaFrame("a=1&b=2", []vectors.Pair{pair("a", "1"), pair("b", "2")})
	w := f.wire() // meta length at 24, payload 18: 7, of 12 bytes that follow
	for _, n := range []uint32{13, 14, 1000, 0xffffffff} {
		a.bad("length", reqs("TP-FAST-007"), at(oracle.Header, oracle.StagePayload, 18),
			fmt.Sprintf("The meta length is %d; 12 bytes follow it.", n), w.setU32(24, n), flags("LengthLie"))
	}
	a.bad("length", reqs("TP-FAST-008"), at(oracle.Header, oracle.StagePayload, 34),
		"The meta length is 12 and takes codec and body, too.", w.setU32(24, 12), flags("LengthLie"))
	a.bad("limit", reqs("TP-META-016", "TP-LIM-004", "TP-LIM-005"), at(oracle.Limit, oracle.StagePayload, 18),
		"65,537 bytes of metadata; the default limit is 65,536.", metaFrame("k="+strings.Repeat("v", 65535), nil).wire())
	a.good("limit", reqs("TP-META-016", "TP-LIM-004", "TP-LIM-005"), "65,536 bytes of metadata, the default limit.",
		metaFrame("k="+strings.Repeat("v", 65534), []vectors.Pair{pair("k", strings.Repeat("v", 65534))}))
	pairs := make([]vectors.Pair, 1024)
	for i := range pairs {
		pairs[i] = pair("a", "")
	}
	a.good("pairs", reqs("TP-META-017", "TP-LIM-004", "TP-LIM-005"), "1,024 pairs, the default limit.", metaFrame(strings.Repeat("a&", 1023)+"a", pairs), flags("ManyPairs"))
	a.reads("pairs", reqs("TP-META-017", "TP-META-006"), "1,024 pairs and 1,024 empty ones, which are skipped and do not count.", metaFrame(strings.Repeat("a&&", 1024), pairs), flags("ManyPairs", "EmptyPair"))
	for _, n := range []int{1025, 2048, 32768} {
		a.bad("pairs", reqs("TP-META-017", "TP-LIM-004", "TP-LIM-005"), at(oracle.Limit, oracle.StagePayload, 18),
			fmt.Sprintf("%d pairs; the default limit is 1,024.", n), metaFrame(strings.Repeat("a&", n-1)+"a", nil).wire(), flags("ManyPairs"))
	}
	five := metaFrame("a=12345678901", []vectors.Pair{pair("a", "12345678901")}).packet
	a.refuses("refuse", reqs("TP-META-019"), at(oracle.Limit, oracle.StagePayload, 0), "A sender keeps to its own metadata limit of 12 bytes.", five, limits(vectors.Limits{MaxMeta: 12}))
	two := f.packet
	two.Meta = []vectors.Pair{pair("a", "1"), pair("b", "2"), pair("c", "3")}
	a.refuses("refuse", reqs("TP-META-019"), at(oracle.Limit, oracle.StagePayload, 0), "A sender keeps to its own limit of two pairs.", two, limits(vectors.Limits{MaxMetaPairs: 2}))
	spaces := metaFrame("", nil).packet
	spaces.Meta = []vectors.Pair{pair("k", "     ")}
	a.refuses("refuse", reqs("TP-META-019"), at(oracle.Limit, oracle.StagePayload, 0), "The limit counts the encoded bytes: five spaces are fifteen.", spaces, limits(vectors.Limits{MaxMeta: 12}))
}
