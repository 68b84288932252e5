package suite

import (
	"slices"
	"strconv"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
)

// FeatureDeadline is the extension of chapter 24; the cases that need it are skipped on request.
const FeatureDeadline runner.Feature = "deadline"

const (
	deadline = "/conformance/deadline"
	timeout  = "X-Timeout-Ms"
	minute   = 60_000 // a time that no case uses up, in milliseconds
)

// under gives the call a deadline, or several.
func (c call) under(values ...string) call {
	for _, v := range values {
		c.meta = append(c.meta, metaPairs(timeout, v)...)
	}
	return c
}

// left expects a number of milliseconds from 1 to most.
func (l *link) left(what, text string, most int) {
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > most {
		l.t.Fatalf("expected %s of 1 to %d milliseconds, got %q", what, most, text)
	}
}

// peerDeadlineCases: how long a caller waits, known to the other side.
func peerDeadlineCases(tg *Target) []runner.Case {
	with := func(id, reqs, title string, run func(l *link)) runner.Case {
		return tg.service(id, reqs, title, run, FeatureDeadline)
	}
	refused := func(id, reqs, title string, c call) runner.Case {
		return with(id, reqs, title, func(l *link) {
			l.failure(l.ask(c), 408)
			l.good()
		})
	}
	return []runner.Case{
		with("deadline-none", "TP-DEAD-009", "a PULL without a deadline has none", func(l *link) {
			l.success(l.ask(pull(0, deadline, 'j', "null")), 'j', "0")
		}),
		with("deadline-left", "TP-DEAD-007 TP-DEAD-009", "a handler knows how long its caller still waits", func(l *link) {
			p := l.ask(pull(0, deadline, 'j', "null").under(strconv.Itoa(minute)))
			l.left("a rest", string(p.Body), minute)
			l.success(p, 'j', string(p.Body))
		}),
		with("deadline-first", "TP-DEAD-003 TP-META-014", "of several values the first counts", func(l *link) {
			p := l.ask(pull(0, deadline, 'j', "null").under(strconv.Itoa(minute), "0"))
			l.left("a rest", string(p.Body), minute)
		}),
		with("deadline-malformed", "TP-DEAD-003", "a value that is no number of one to ten digits is no deadline", func(l *link) {
			for _, v := range []string{"", "x", "-1", "+1", " 1", "1.5", "1e3", "0x1", "12345678901", "00000000000", "１"} {
				l.success(l.ask(pull(0, deadline, 'j', "null").under(v)), 'j', "0")
			}
		}),
		refused("deadline-passed", "TP-DEAD-005", "a PULL whose deadline has passed is answered with 408", pull(0, echo, 's', "x").under("0")),
		refused("deadline-passed-typed", "TP-DEAD-005", "so is one whose body is decoded", pull(0, sum, 'j', "[1,2]").under("0000000000")),
		with("deadline-ends-hold", "TP-DEAD-007 TP-DEAD-010 TP-SESS-003", "a handler that waits learns of the deadline, and its PULL is answered once", func(l *link) {
			l.failure(l.ask(pull(0, "/conformance/hold?key="+l.gate, 's', "x").under("20")), 408)
			l.ask(pull(1, "/conformance/release?key="+l.gate, 'j', "null"))
			l.good()
		}),
		with("deadline-push-passed", "TP-DEAD-006", "a PUSH whose deadline has passed is dropped", func(l *link) {
			for seq := range uint64(20) {
				l.send(push(seq, note, 's', "x").under("0").frame())
			}
			l.good()
			l.send(push(20, note, 's', "x").under(strconv.Itoa(minute)).frame())
			l.notes(1)
		}),
		with("deadline-passed-on", "TP-DEAD-001 TP-DEAD-002 TP-DEAD-008 TP-DEAD-011", "a handler's own PULL carries the time that is left", func(l *link) {
			p := l.called(pull(0, pullback, 's', "x").under(strconv.Itoa(minute)), 0)
			i := slices.IndexFunc(p.Meta, func(m oracle.Pair) bool { return string(m.Key) == timeout })
			if i < 0 {
				l.t.Fatalf("expected the peer's PULL to carry %s, got the metadata %q", timeout, oracle.EncodeMeta(p.Meta))
			}
			l.left("a deadline", string(p.Meta[i].Value), minute)
			l.send(replyTo(p, 's', "y").frame())
			l.success(l.read(), 's', "y")
		}),
	}
}
