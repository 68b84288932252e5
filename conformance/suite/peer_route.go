package suite

import (
	"strings"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerRouteCases: the ways of a uri to a handler, and metadata as others write them.
func peerRouteCases(tg *Target) []runner.Case {
	found := func(id, reqs, title string, uris ...string) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			for i, uri := range uris {
				l.success(l.ask(pull(uint64(i), uri, 's', uri)), 's', uri)
			}
		})
	}
	refused := func(id, reqs, title string, code int32, uris ...string) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			for i, uri := range uris {
				l.failure(l.ask(pull(uint64(i), uri, 's', "x")), code)
			}
			l.good()
		})
	}
	// meta sends metadata in an encoding that a sender may choose, and expects these pairs back.
	meta := func(id, reqs, title, sent string, want []oracle.Pair) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			c := pull(0, "/conformance/meta", 'j', "null")
			l.send(oracle.Frame(nil, oracle.Payload(c.seq, c.ptype, []byte(c.uri), []byte(sent), c.codec, []byte(c.body))))
			p := l.read()
			l.isReply(p, c)
			if !samePairs(p.Meta, want) {
				l.t.Fatalf("expected the metadata %q back as %q, got %q", sent, oracle.EncodeMeta(want), oracle.EncodeMeta(p.Meta))
			}
		})
	}
	return []runner.Case{
		found("route-forms", "TP-SESS-006 TP-SEQ-005", "a uri with a scheme, an authority or a fragment is routed by its path, and repeated whole",
			"tp://host"+echo, "//host"+echo, echo+"#top", "tp://host:80"+echo+"?a=b#c", "tp:"+echo),
		found("route-escapes", "TP-SESS-006 TP-SEQ-005", "escapes in the path are undone, in either case of their digits",
			"/%63onformance/ech%6F", "/conformance%2fecho", "/conformance%2Fecho?x"),
		found("route-queries", "TP-SESS-006 TP-SEQ-005 TP-FAST-011", "an odd query harms nothing, and comes back byte for byte",
			echo+"?", echo+"??", echo+"?%", echo+"?%zz&&=", echo+"?a b", echo+"?\xff\xfe", echo+"?日本"),
		refused("route-other-paths", "TP-SESS-006 TP-SESS-007", "a path that differs in one byte is another path", 404,
			"/conformance//echo", "/conformance/echo/", "/conformance/echo ", "/conformance/ech", "/conformance/echoo", "/CONFORMANCE/echo", "/", "conformance/echo", "/conformance/%2565cho", "/conformance+/echo"),
		refused("route-unparsable", "TP-SESS-009", "control characters and broken escapes in the path make a uri unparsable", 400,
			"/a%", "/a%1", "/%g0", "/a\x00b", "/a\nb", "/a\x7fb", "1:b/c"),
		refused("route-tables", "TP-SESS-007 TP-CONF-022", "a path that has a handler for PUSHes only has none for PULLs", 404, note, "/conformance/typed", "/conformance/case"),
		tg.service("route-tables-push", "TP-SESS-008 TP-CONF-022", "a path that has a handler for PULLs only has none for PUSHes", func(l *link) {
			for i, uri := range []string{echo, sum, "/conformance/count", pushback, "/conformance/error?code=1"} {
				l.send(push(uint64(i), uri, 'j', "[1,2]").frame())
			}
			l.send(push(9, note, 's', "x").frame())
			l.notes(1)
			l.good()
		}),
		meta("meta-plus", "TP-META-009 TP-SESS-032", "a + in metadata is a space", "a+b=c+d&e=%2B", metaPairs("a b", "c d", "e", "+")),
		meta("meta-empty-pairs", "TP-META-006", "empty pairs in metadata are skipped", "&&a=1&&&b=2&=&", metaPairs("a", "1", "b", "2")),
		meta("meta-key-alone", "TP-META-007", "a key without a value has an empty one", "a&b=&c=1", metaPairs("a", "", "b", "", "c", "1")),
		meta("meta-equals-in-value", "TP-META-008 TP-SESS-032", "only the first = parts key and value", "a=b=c&d==", metaPairs("a", "b=c", "d", "=")),
		meta("meta-escapes-either-case", "TP-META-008", "escapes are undone in either case of their digits", "%c3%A9=%2f%2F", metaPairs("é", "//")),
		tg.service("meta-error-key-in-pull", "TP-CONF-004 TP-ERR-015", "X-Reply-Error in a PULL is a pair like any other", func(l *link) {
			c := pull(0, echo, 's', "x")
			c.meta = metaPairs(errorKey, `{"code":404}`)
			l.success(l.ask(c), 's', "x")
			p := push(0, note, 's', "x")
			p.meta = metaPairs(errorKey, "oops")
			l.send(p.frame())
			l.notes(1)
		}),
		tg.service("meta-many", "TP-META-003 TP-SESS-032 TP-META-001", "three hundred pairs come back in their order", func(l *link) {
			c := pull(0, "/conformance/meta", 'j', "null")
			for i := range 300 {
				c.meta = append(c.meta, metaPairs("key"+strings.Repeat("k", i%7), strings.Repeat("v", i%11))...)
			}
			if p := l.ask(c); !samePairs(p.Meta, c.meta) {
				l.t.Fatalf("expected the metadata %q back, got %q", oracle.EncodeMeta(c.meta), oracle.EncodeMeta(p.Meta))
			}
		}),
	}
}
