package suite

import (
	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

const (
	pushback = "/conformance/pushback"
	pullback = "/conformance/pullback"
	callback = "/conformance/callback" // where the peer's own PULL goes
)

// isCall expects a packet that the peer sends of its own accord.
func (l *link) isCall(p oracle.Packet, ptype byte, seq uint64, uri string) {
	if p.Ptype != ptype || string(p.Uri) != uri {
		l.t.Fatalf("expected a packet of type %d for %s, got type %d for %q", ptype, uri, p.Ptype, p.Uri)
	}
	if p.Seq != seq {
		l.t.Fatalf("expected it to carry seq %d, the next of the peer's own counter, got %d", seq, p.Seq)
	}
}

// called sends a PULL of pullback and gives the PULL that the peer sends for it.
func (l *link) called(c call, seq uint64) oracle.Packet {
	l.send(c.frame())
	p := l.read()
	l.isCall(p, oracle.Pull, seq, callback)
	if p.Codec != c.codec || string(p.Body) != c.body {
		l.t.Fatalf("expected the peer's PULL to carry codec %q and body %q, got %q and %q", c.codec, c.body, p.Codec, p.Body)
	}
	return p
}

func replyTo(p oracle.Packet, codec byte, body string) call {
	return call{seq: p.Seq, ptype: oracle.Reply, uri: string(p.Uri), codec: codec, body: body}
}

// peerCallbackCases: the peer calls us over the same connection.
func peerCallbackCases(tg *Target) []runner.Case {
	with := func(id, reqs, title string, run func(l *link)) runner.Case {
		return tg.service(id, reqs, title, run, FeatureCallback)
	}
	return []runner.Case{
		with("callback-push", "TP-CONF-014 TP-SESS-034 TP-SESS-002 TP-SEQ-002 TP-SEQ-003", "a handler pushes to its caller over the same connection, with a counter of its own", func(l *link) {
			for i := range uint64(3) {
				c := pull(100, pushback, 's', "there and back")
				l.send(c.frame())
				p := l.read()
				l.isCall(p, oracle.Push, i, "/conformance/pushed")
				if p.Codec != 's' || string(p.Body) != c.body {
					l.t.Fatalf("expected the PUSH to carry codec 's' and body %q, got %q and %q", c.body, p.Codec, p.Body)
				}
				r := l.read()
				l.isReply(r, c)
				l.success(r, 's', c.body)
			}
		}),
		with("callback-pull", "TP-CONF-015 TP-SESS-034 TP-SESS-002 TP-SEQ-001 TP-SEQ-003", "a handler pulls from its caller over the same connection, with a counter of its own", func(l *link) {
			for i := range uint64(3) {
				c := pull(7, pullback, 's', "question")
				p := l.called(c, i)
				l.send(replyTo(p, 's', "answer").frame())
				r := l.read()
				l.isReply(r, c)
				l.success(r, 's', "answer")
			}
		}),
		with("callback-counters", "TP-SEQ-001 TP-SEQ-002", "PULLs and PUSHes are counted apart", func(l *link) {
			l.send(pull(1, pushback, 's', "x").frame())
			l.isCall(l.read(), oracle.Push, 0, "/conformance/pushed")
			l.read()
			c := pull(2, pullback, 's', "x")
			p := l.called(c, 0)
			l.send(replyTo(p, 's', "y").frame())
			l.isReply(l.read(), c)
		}),
		with("callback-matched-by-seq", "TP-SEQ-006", "a REPLY is matched by its seq: its uri and codec do not matter", func(l *link) {
			c := pull(1, pullback, 's', "question")
			p := l.called(c, 0)
			l.send(call{seq: p.Seq, ptype: oracle.Reply, uri: "", codec: 'j', body: `"answer"`}.frame())
			r := l.read()
			l.isReply(r, c)
			if e, failed := oracle.ReplyErrorOf(r.Meta); failed {
				l.t.Fatalf("expected the REPLY to be taken, got the error %d %q", e.Code, e.Message)
			}
		}),
		with("callback-unknown-first", "TP-SEQ-007", "a REPLY with another seq is not taken for the one that is awaited", func(l *link) {
			c := pull(1, pullback, 's', "question")
			p := l.called(c, 0)
			wrong := replyTo(p, 's', "not this one")
			wrong.seq += 1000
			l.send(wrong.frame(), replyTo(p, 's', "this one").frame())
			r := l.read()
			l.isReply(r, c)
			l.success(r, 's', "this one")
		}),
		with("callback-first-counts", "TP-SEQ-008 TP-SESS-024", "of two REPLYs with one seq the first counts", func(l *link) {
			c := pull(1, pullback, 's', "question")
			p := l.called(c, 0)
			l.send(replyTo(p, 's', "first").frame(), replyTo(p, 's', "second").frame())
			r := l.read()
			l.isReply(r, c)
			l.success(r, 's', "first")
			l.good()
		}),
		with("callback-empty-reply", "TP-SESS-033 TP-ERR-002", "a REPLY with an empty body and no error is a success", func(l *link) {
			c := pull(1, pullback, 's', "question")
			p := l.called(c, 0)
			l.send(replyTo(p, 0, "").frame())
			r := l.read()
			l.isReply(r, c)
			if e, failed := oracle.ReplyErrorOf(r.Meta); failed {
				l.t.Fatalf("expected a success, got the error %d %q", e.Code, e.Message)
			}
		}),
		with("callback-error", "TP-CONF-015 TP-ERR-005 TP-ERR-007", "an error REPLY reaches the caller, whatever the order of its members", func(l *link) {
			l.passedOn(`{"extra":[1],"detail":"d","message":"m","code":1234}`, 1234, "m", "d")
		}),
		with("callback-error-zero", "TP-ERR-005", "code 0 is an error", func(l *link) {
			l.passedOn(`{"code":0}`, 0, "", "")
		}),
		with("callback-error-control-characters", "TP-ERR-006", "raw control characters in an error are read all the same", func(l *link) {
			l.passedOn("{\"code\":7,\"message\":\"a\nb\"}", 7, "a\nb", "")
		}),
		with("callback-error-no-json", "TP-ERR-006 TP-ERR-017", "an error that is no JSON is code 0 with the text as its message", func(l *link) {
			l.passedOn("oops", 0, "oops", "")
		}),
		with("callback-error-undecoded-body", "TP-ERR-009", "the body beside an error is not decoded: it cannot spoil the error", func(l *link) {
			c := pull(1, pullback, 's', "question")
			p := l.called(c, 0)
			r := replyTo(p, 'j', "{broken")
			r.meta = metaPairs(errorKey, `{"code":1234}`)
			l.send(r.frame())
			a := l.read()
			l.isReply(a, c)
			l.failure(a, 1234)
			if body := string(a.Body); body != "" && body != "null" {
				l.t.Fatalf("expected no result beside the error, got the body %q", body)
			}
			l.good()
		}),
	}
}

// passedOn answers the peer's PULL with that X-Reply-Error and expects the service to pass the error on.
func (l *link) passedOn(value string, code int32, message, detail string) {
	c := pull(1, pullback, 's', "question")
	p := l.called(c, 0)
	r := replyTo(p, 'j', "null")
	r.meta = metaPairs(errorKey, value)
	l.send(r.frame())
	a := l.read()
	l.isReply(a, c)
	e := l.failure(a, code)
	if string(e.Message) != message || string(e.Detail) != detail {
		l.t.Fatalf("expected message %q and detail %q, got %q and %q", message, detail, e.Message, e.Detail)
	}
}
