package suite

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerCodeCases: the codes of replies and the codecs of results, chosen by the peer or by its handler.
func peerCodeCases(tg *Target) []runner.Case {
	refused := func(id, reqs, title string, c call, code int32) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			l.failure(l.ask(c), code)
			l.good()
		})
	}
	answered := func(id, reqs, title string, c call, codec byte, body string) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			l.success(l.ask(c), codec, body)
			l.good()
		})
	}
	of := func(id, title string, codes ...int32) runner.Case {
		return tg.service(id, "TP-CONF-007 TP-ERR-001 TP-ERR-005 TP-ERR-012", title, func(l *link) {
			for i, code := range codes {
				q := url.Values{"code": {strconv.Itoa(int(code))}, "message": {fmt.Sprint("message ", i)}}
				e := l.failure(l.ask(pull(uint64(i), "/conformance/error?"+q.Encode(), 'j', "null")), code)
				if want := fmt.Sprint("message ", i); string(e.Message) != want || len(e.Detail) > 0 {
					l.t.Fatalf("expected the message %q and no detail, got %q and %q", want, e.Message, e.Detail)
				}
			}
			l.good()
		})
	}
	return []runner.Case{
		of("code-registered", "a handler may answer with every code of the registry", 102, 103, 104, 105, 400, 401, 404, 408, 413, 415, 500, 501, 502, 503),
		of("code-of-applications", "and with codes of its own, negative ones too", 1000, 1001, 65535, 65536, 1<<31-1, -1, -1<<31, 1, 0),
		refused("code-400-parameter", "TP-CONF-007", "a code that is no number is answered with 400", pull(1, "/conformance/error?code=much", 'j', "null"), 400),
		refused("code-400-parameter-range", "TP-CONF-007", "so is one that does not fit 32 bits", pull(2, "/conformance/error?code=2147483648", 'j', "null"), 400),
		refused("code-404-undecodable", "TP-SESS-007", "a PULL that no handler matches is answered with 404, its body unread", pull(3, "/conformance/no_such_route", 'j', "[1,"), 404),
		refused("code-404-unregistered", "TP-SESS-007", "whatever the codec of its body", pull(4, "/conformance/no_such_route", unregistered, "x"), 404),
		refused("code-400-before-404", "TP-SESS-009 TP-SESS-007", "a uri that cannot be parsed is answered with 400, whatever else is wrong", pull(5, "/%", unregistered, "x"), 400),
		refused("code-415-codec-0", "TP-SESS-015 TP-CODEC-010", "codec 0 with a body is an unregistered codec", pull(6, sum, 0, "[1,2]"), 415),
		refused("code-415-highest", "TP-SESS-015 TP-CODEC-010", "so is 255", pull(7, sum, 255, "[1,2]"), 415),
		answered("codec-0-empty", "TP-CODEC-005 TP-CODEC-013 TP-SESS-011", "an empty body of codec 0 binds, and the result goes back under the peer's default", pull(8, sum, 0, ""), 'j', "0"),
		tg.service("codec-unregistered-empty", "TP-CODEC-005 TP-SESS-011", "the codec of an empty body does not matter: a PUSH with one is handled", func(l *link) {
			l.send(push(0, "/conformance/typed", unregistered, "").frame())
			l.notes(1)
			l.good()
		}),
		answered("codec-chosen-json", "TP-CONF-020 TP-CODEC-013 TP-CODEC-001", "a string under codec j is a JSON string", pull(9, "/conformance/codec?id=106", 'j', `"plain"`), 'j', `"plain"`),
		answered("codec-argument-string", "TP-CONF-020 TP-CODEC-003", "a body under codec s is decoded as the string that it is", pull(10, "/conformance/codec?id=106", 's', "plain"), 'j', `"plain"`),
		answered("codec-follows", "TP-CODEC-013", "a result goes back under the codec of its argument", pull(11, sum, 'j', " [ 2 , 3 ] "), 'j', "5"),
		tg.service("code-then-result", "TP-SESS-012 TP-SESS-016 TP-SESS-003", "errors of every kind leave the session as it was: results follow them", func(l *link) {
			for i, c := range []struct {
				call call
				code int32
			}{
				{pull(0, sum, 'j', "{"), 400},
				{pull(0, "/nowhere", 'j', "{}"), 404},
				{pull(0, sum, unregistered, "1"), 415},
				{pull(0, "/conformance/panic", 'j', "{}"), 500},
				{pull(0, "/conformance/unencodable", 'j', "{}"), 500},
				{pull(0, "/%zz", 0, ""), 400},
			} {
				c.call.seq = uint64(i)
				l.failure(l.ask(c.call), c.code)
				l.success(l.ask(pull(uint64(i), sum, 'j', fmt.Sprintf("[%d,1]", i))), 'j', fmt.Sprint(i+1))
			}
		}),
	}
}
