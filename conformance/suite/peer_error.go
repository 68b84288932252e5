package suite

import (
	"net/url"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// errorKey is the metadata key of a REPLY that reports an error.
const errorKey = "X-Reply-Error"

// peerErrorCases: the error that a REPLY carries.
func peerErrorCases(tg *Target) []runner.Case {
	written := func(id, reqs, title string, code int32, message, detail, want string) runner.Case {
		return tg.service(id, reqs, title, func(l *link) {
			q := url.Values{"code": {strconv.Itoa(int(code))}, "message": {message}, "detail": {detail}}
			p := l.ask(pull(0, "/conformance/error?"+q.Encode(), 'j', "null"))
			if got, ok := oracle.PeekMeta(p.Meta, []byte(errorKey)); !ok || string(got) != want {
				l.t.Fatalf("expected %s to be\n%s\ngot\n%s", errorKey, want, got)
			}
		})
	}
	nullBody := tg.service("error-body-null", "TP-ERR-008",
		"an error without a result has codec j and the body null", func(l *link) {
			p := l.ask(pull(0, "/conformance/error?code=1002&message=simple", 's', "x"))
			l.failure(p, 1002)
			if p.Codec != 'j' || string(p.Body) != "null" {
				l.t.Errorf("expected codec j and the body null, got codec %q and the body %q", p.Codec, p.Body)
			}
		})
	unrouted := tg.peer("error-body-null-unrouted", "TP-ERR-008",
		"so has the 404 to a PULL that no handler matches", func(l *link) {
			p := l.ask(pull(0, "/no/such/route/here", 's', "x"))
			l.failure(p, 404)
			if p.Codec != 'j' || string(p.Body) != "null" {
				l.t.Errorf("expected codec j and the body null, got codec %q and the body %q", p.Codec, p.Body)
			}
		})
	return []runner.Case{
		written("error-members", "TP-CONF-007 TP-ERR-001 TP-ERR-003", "an error is code, message, detail in this order without white space",
			1001, "bind error", "unexpected end", `{"code":1001,"message":"bind error","detail":"unexpected end"}`),
		written("error-empty-members", "TP-ERR-003", "an empty message and an empty detail are left out",
			1002, "", "", `{"code":1002}`),
		written("error-only-detail", "TP-ERR-003", "an empty message is left out beside a detail",
			1, "", "only detail", `{"code":1,"detail":"only detail"}`),
		written("error-zero", "TP-ERR-001 TP-ERR-005", "an error with code 0 is an error",
			0, "", "", `{"code":0}`),
		written("error-lowest", "TP-ERR-012", "the lowest code is written whole", -1<<31, "min", "", `{"code":-2147483648,"message":"min"}`),
		written("error-highest", "TP-ERR-012", "the highest code is written whole", 1<<31-1, "max", "", `{"code":2147483647,"message":"max"}`),
		written("error-escapes", "TP-ERR-004", "quotes, backslashes and control characters are escaped, and nothing else",
			5, `say "hi" \`, "<>&'\u2028 é", `{"code":5,"message":"say \"hi\" \\","detail":"<>&'`+"\u2028"+` é"}`),
		tg.service("error-control-characters", "TP-ERR-004", "every control character is escaped, in any of JSON's forms", func(l *link) {
			text := "\x00\x01\b\t\n\f\r\x1f\x7f"
			q := url.Values{"code": {"5"}, "message": {text}}
			p := l.ask(pull(0, "/conformance/error?"+q.Encode(), 'j', "null"))
			raw, _ := oracle.PeekMeta(p.Meta, []byte(errorKey))
			for _, c := range raw {
				if c < 0x20 {
					l.t.Fatalf("%s holds the raw control character %#02x: %q", errorKey, c, raw)
				}
			}
			if e := l.failure(p, 5); string(e.Message) != text {
				l.t.Fatalf("expected the message %q back, got %q", text, e.Message)
			}
		}),
		should(nullBody),
		should(unrouted),
		tg.service("error-with-result", "TP-CONF-008 TP-ERR-016", "a result beside an error is sent", func(l *link) {
			p := l.ask(pull(0, "/conformance/partial", 'j', "null"))
			if e := l.failure(p, 1006); string(e.Message) != "with body" {
				l.t.Fatalf("expected the message \"with body\", got %q", e.Message)
			}
			if string(p.Body) != `{"partial":true}` {
				l.t.Fatalf(`expected the body {"partial":true} beside the error, got %q`, p.Body)
			}
		}),
	}
}
