package suite

import (
	"github.com/henrylee2cn/teleport/conformance/runner"
)

const (
	echo = "/conformance/echo"
	sum  = "/conformance/sum"

	unregistered = 0xee // the codec id, and the filter id, that no testee has registered (19.1)
)

// peerPullCases: a PULL and its REPLY, the uri's way to a handler, bodies and codecs.
func peerPullCases(tg *Target) []runner.Case {
	answered := func(id, reqs, title string, c call, codec byte, body string) runner.Case {
		return tg.service(id, reqs, title, func(l *link) { l.success(l.ask(c), codec, body) })
	}
	refused := func(id, reqs, title string, c call, code int32) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			l.failure(l.ask(c), code)
			l.good()
		})
	}
	return []runner.Case{
		answered("pull-echo", "TP-CONF-006 TP-SESS-001 TP-SESS-003 TP-SEQ-004 TP-SEQ-005 TP-FAST-002",
			"a PULL is answered by one REPLY with its seq, its whole uri, and the echoed body and codec",
			pull(0, echo+"?peer_id=call-1", 'j', `{"a":1}`), 'j', `{"a":1}`),
		answered("pull-echo-string", "TP-CONF-006 TP-CODEC-003 TP-CODEC-013",
			"a body under codec s comes back under codec s, byte for byte",
			pull(1, echo, 's', "\x00\xff text"), 's', "\x00\xff text"),
		answered("pull-echo-unregistered-codec", "TP-SESS-015 TP-CODEC-006 TP-FAST-014",
			"a handler of raw bytes gets a body whose codec nobody has registered",
			pull(2, echo, unregistered, "opaque"), unregistered, "opaque"),
		answered("pull-empty-body", "TP-SESS-011 TP-CODEC-005 TP-FAST-013",
			"a PULL with codec 0 and an empty body is routed and answered", pull(3, echo, 0, ""), 0, ""),
		tg.service("pull-null-result", "TP-CONF-019 TP-SESS-003 TP-ERR-002",
			"a handler without a result is answered for: an empty body, or null", func(l *link) {
				p := l.ask(pull(4, "/conformance/null", 'j', "1"))
				if string(p.Body) == "null" {
					p.Body = nil // what peers send that serve deployed v3 clients
				}
				l.success(p, 'j', "")
			}),
		answered("pull-typed", "TP-CONF-016 TP-CODEC-001",
			"a JSON body is decoded for the handler and its result encoded", pull(5, sum, 'j', "[40, 2]"), 'j', "42"),
		answered("pull-typed-empty-body", "TP-SESS-011 TP-CODEC-005",
			"an empty body binds like any other: the handler's argument keeps its zero value",
			pull(6, sum, 'j', ""), 'j', "0"),
		answered("pull-path-decoded", "TP-SESS-006",
			"the path is percent-decoded before it is matched",
			pull(7, "/conformance/%65cho?x=%zz", 's', "found"), 's', "found"),
		refused("pull-path-case", "TP-SESS-006 TP-SESS-007",
			"the path is matched case-sensitively", pull(8, "/conformance/Echo", 's', "x"), 404),
		refused("pull-path-slash", "TP-SESS-006 TP-SESS-007",
			"the path is matched exactly: a slash at the end is another path", pull(9, echo+"/", 's', "x"), 404),
		refused("pull-unknown-uri", "TP-CONF-022 TP-SESS-007 TP-ERR-001",
			"a PULL that no handler matches is answered with 404", pull(10, "/conformance/no_such_route", 'j', "{}"), 404),
		refused("pull-unknown-uri-empty-body", "TP-SESS-007 TP-SESS-011",
			"so is one with an empty body", pull(11, "/conformance/no_such_route", 0, ""), 404),
		refused("pull-empty-uri", "TP-SESS-007 TP-FAST-012",
			"a PULL with an empty uri is answered with 404", pull(12, "", 'j', "{}"), 404),
		refused("pull-bad-uri", "TP-SESS-009",
			"a PULL whose uri cannot be parsed is answered with 400", pull(13, "/%zz", 'j', "{}"), 400),
		refused("pull-undecodable-body", "TP-SESS-012 TP-CODEC-009 TP-ERR-014",
			"a PULL whose body does not decode is answered with 400", pull(14, sum, 'j', `[1,`), 400),
		refused("pull-wrong-type-body", "TP-SESS-012 TP-CODEC-009",
			"so is one whose body is of another type", pull(15, sum, 'j', `{"a":"b"}`), 400),
		refused("pull-trailing-body", "TP-CODEC-011 TP-SESS-012",
			"so is one with bytes behind the JSON value", pull(16, sum, 'j', `[1,2] x`), 400),
		refused("pull-unregistered-codec", "TP-SESS-015 TP-CODEC-010 TP-ERR-014",
			"a body under an unregistered codec is answered with 415 where it has to be decoded",
			pull(17, sum, unregistered, "[1,2]"), 415),
		refused("pull-handler-fails", "TP-CONF-017 TP-SESS-016",
			"a PULL whose handler fails is answered with 500", pull(18, "/conformance/panic", 'j', "{}"), 500),
		refused("pull-result-unencodable", "TP-CONF-018 TP-SESS-017",
			"a PULL whose result cannot be encoded is answered with 500", pull(19, "/conformance/unencodable", 'j', "{}"), 500),
		answered("pull-codec-chosen", "TP-CONF-020 TP-CODEC-013",
			"a handler's choice of codec is the reply's", pull(20, "/conformance/codec?id=115", 'j', `"plain"`), 's', "plain"),
	}
}
