package suite

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// peerAnswerCases: what a peer makes of the answers to its own PULLs.
func peerAnswerCases(tg *Target) []runner.Case {
	with := func(id, reqs, title string, do func(l *link), features ...runner.Feature) runner.Case {
		return tg.service(id, reqs, title, do, append([]runner.Feature{FeatureCallback}, features...)...)
	}
	passedOn := func(id, reqs, title, value string, code int32, message, detail string) runner.Case {
		return with(id, reqs, title, func(l *link) { l.passedOn(value, code, message, detail) })
	}
	// taken answers the peer's PULL with a REPLY made from a plain one, and expects success with that body.
	taken := func(id, reqs, title, body string, change func(*call), features ...runner.Feature) runner.Case {
		return with(id, reqs, title, func(l *link) {
			c := pull(1, pullback, 's', "question")
			r := replyTo(l.called(c, 0), 's', body)
			change(&r)
			l.send(r.frame())
			a := l.read()
			l.isReply(a, c)
			if e, failed := oracle.ReplyErrorOf(a.Meta); failed {
				l.t.Fatalf("expected the REPLY to be taken, got the error %d %q", e.Code, e.Message)
			}
			if string(a.Body) != body {
				l.t.Fatalf("expected the body %q to be passed on, got %q", body, a.Body)
			}
			l.good()
		}, features...)
	}
	return []runner.Case{
		taken("answer-unregistered-codec", "TP-CONF-015 TP-CODEC-006 TP-SEQ-006", "a REPLY under an unregistered codec reaches a caller that wants raw bytes", "opaque",
			func(r *call) { r.codec = unregistered }),
		taken("answer-piped", "TP-SEQ-006 TP-XFER-012", "a REPLY may come through another pipe than its PULL", "squeezed",
			func(r *call) { r.pipe = []byte("g") }, FeatureGzip),
		taken("answer-other-uri", "TP-SEQ-006", "a REPLY with the uri of something else is matched by its seq", "answer", func(r *call) { r.uri = "/somewhere/else" }),
		taken("answer-meta", "TP-CONF-004 TP-ERR-002", "metadata that nobody knows harm no REPLY", "answer", func(r *call) { r.meta = metaPairs("X-Unknown", "1", "a", "") }),
		taken("answer-error-empty", "TP-ERR-002", "an empty X-Reply-Error is a success", "answer", func(r *call) { r.meta = metaPairs(errorKey, "") }),
		taken("answer-error-other-case", "TP-ERR-015", "x-reply-error is a key like any other", "answer",
			func(r *call) { r.meta = metaPairs("x-reply-error", `{"code":1}`, "X-REPLY-ERROR", `{"code":2}`) }),
		with("answer-error-first", "TP-ERR-015 TP-META-014", "of several X-Reply-Error the first counts", func(l *link) {
			c := pull(1, pullback, 's', "question")
			r := replyTo(l.called(c, 0), 'j', "null")
			r.meta = metaPairs("a", "b", errorKey, `{"code":1}`, errorKey, `{"code":2}`)
			l.send(r.frame())
			a := l.read()
			l.isReply(a, c)
			l.failure(a, 1)
		}),
		passedOn("answer-error-empty-object", "TP-ERR-005 TP-ERR-007", "an error without members has code 0", `{}`, 0, "", ""),
		passedOn("answer-error-spaces", "TP-ERR-006", "white space around an error's tokens does not matter", " {\t\"code\" : 7 ,\n\"message\": \"m\" } ", 7, "m", ""),
		passedOn("answer-error-member-twice", "TP-ERR-018", "of a member that is there twice the first counts", `{"code":1,"message":"a","code":2,"message":"b"}`, 1, "a", ""),
		passedOn("answer-error-member-case", "TP-ERR-007", "members are known by their exact names", `{"Code":9,"MESSAGE":"m","code":3}`, 3, "", ""),
		passedOn("answer-error-code-text", "TP-ERR-017", "a code that is a string makes the whole value a text", `{"code":"404"}`, 0, `{"code":"404"}`, ""),
		passedOn("answer-error-code-range", "TP-ERR-017", "so does one that does not fit 32 bits", `{"code":2147483648}`, 0, `{"code":2147483648}`, ""),
		passedOn("answer-error-code-fraction", "TP-ERR-017", "so does one with a fraction", `{"code":4.0}`, 0, `{"code":4.0}`, ""),
		passedOn("answer-error-message-null", "TP-ERR-017", "so does a message that is no string", `{"code":1,"message":null}`, 0, `{"code":1,"message":null}`, ""),
		passedOn("answer-error-cut", "TP-ERR-006 TP-ERR-017", "JSON that is cut is a text", `{"code":1`, 0, `{"code":1`, ""),
		with("answer-reversed", "TP-SEQ-006 TP-SEQ-010 TP-SEQ-001 TP-SESS-034", "answers to ten PULLs of the peer, given in reverse, each reach their caller", func(l *link) {
			const calls = 10
			for i := range uint64(calls) {
				l.send(pull(i, pullback, 's', fmt.Sprint("question ", i)).frame())
			}
			seqs := map[uint64]bool{}
			var asked []oracle.Packet
			for range calls {
				p := l.read()
				if p.Ptype != oracle.Pull || string(p.Uri) != callback || p.Seq >= calls || seqs[p.Seq] {
					l.t.Fatalf("expected ten PULLs of %s with the seqs 0 to 9, got type %d, %q, seq %d", callback, p.Ptype, p.Uri, p.Seq)
				}
				seqs[p.Seq] = true
				asked = append(asked, p)
			}
			want := map[uint64]string{}
			for i := range uint64(calls) {
				want[i] = fmt.Sprint("answer to question ", i)
			}
			for i := range asked {
				p := asked[calls-1-i]
				l.send(replyTo(p, 's', "answer to "+string(p.Body)).frame())
			}
			l.answers(want)
			l.good()
		}),
		with("answer-same-seq-both-ways", "TP-SEQ-003 TP-SESS-002", "one seq can be in use in both directions at once", func(l *link) {
			c := pull(0, pullback, 's', "question")
			p := l.called(c, 0)
			l.success(l.ask(pull(0, echo, 's', "meanwhile")), 's', "meanwhile") // our seq 0, too
			l.send(replyTo(p, 's', "answer").frame())
			r := l.read()
			l.isReply(r, c)
			l.success(r, 's', "answer")
		}),
		with("answer-other-session", "TP-SEQ-003 TP-SEQ-007 TP-SESS-020", "an answer on another session is not taken", func(l *link) {
			c := pull(1, pullback, 's', "question")
			p := l.called(c, 0)
			other := l.another()
			defer other.close()
			other.send(replyTo(p, 's', "from elsewhere").frame())
			other.good()
			l.send(replyTo(p, 's', "from here").frame())
			r := l.read()
			l.isReply(r, c)
			l.success(r, 's', "from here")
		}),
		with("answer-never", "TP-SESS-020 TP-SESS-027", "a caller that goes before it has answered the peer's PULL disturbs nobody", func(l *link) {
			for range 3 {
				other := l.another()
				other.called(pull(1, pullback, 's', "question"), 0)
				other.close()
			}
			l.good()
		}),
		with("answer-cut", "TP-FRAME-012 TP-SESS-020", "an answer that is cut is none: the session ends and others go on", func(l *link) {
			other := l.another()
			defer other.close()
			p := other.called(pull(1, pullback, 's', "question"), 0)
			other.send(cut(replyTo(p, 's', "answer").frame(), 3))
			other.halfClose()
			for _, r := range other.readEnd() { // the call may be answered before the end: with the peer's own error
				if _, failed := oracle.ReplyErrorOf(r.Meta); r.Ptype != oracle.Reply || r.Seq != 1 || !failed {
					l.t.Fatalf("expected the end, or an error first, got a packet of type %d, seq %d, body %.40q", r.Ptype, r.Seq, r.Body)
				}
			}
			l.good()
		}),
		with("answer-push-meanwhile", "TP-CONF-014 TP-SEQ-002 TP-SESS-034", "PUSHes of the peer come while its PULL waits, counted for themselves", func(l *link) {
			c := pull(1, pullback, 's', "question")
			p := l.called(c, 0)
			for i := range uint64(3) {
				b := pull(50+i, pushback, 's', "x")
				l.send(b.frame())
				l.isCall(l.read(), oracle.Push, i, "/conformance/pushed")
				l.isReply(l.read(), b)
			}
			l.send(replyTo(p, 's', "answer").frame())
			r := l.read()
			l.isReply(r, c)
			l.success(r, 's', "answer")
		}),
	}
}
