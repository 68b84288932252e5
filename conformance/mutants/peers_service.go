package mutants

import (
	"strconv"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// peerDeadlines: chapter 24.
func peerDeadlines() []Mutant {
	timeout := func(f func(value string) (int64, bool)) func(p *naivePeer) {
		return func(p *naivePeer) {
			p.timeout = func(meta []oracle.Pair) (time.Duration, bool) {
				v, ok := oracle.PeekMeta(meta, []byte("X-Timeout-Ms"))
				if !ok {
					return 0, false
				}
				ms, ok := f(string(v))
				return time.Duration(ms) * time.Millisecond, ok
			}
		}
	}
	text := func(f func(left time.Duration) string) func(p *naivePeer) {
		return func(p *naivePeer) { p.timeText = f }
	}
	return []Mutant{
		broken("deadline-not-sent", "a PULL whose caller has a deadline goes without X-Timeout-Ms", "TP-DEAD-001 TP-DEAD-011", "deadline-passed-on",
			text(func(time.Duration) string { return "" })),
		broken("deadline-absolute", "X-Timeout-Ms is sent as a time of day", "TP-DEAD-001 TP-DEAD-002", "deadline-passed-on",
			text(func(left time.Duration) string { return strconv.FormatInt(time.Now().Add(left).UnixMilli(), 10) })),
		broken("deadline-fraction", "X-Timeout-Ms is sent with a fraction", "TP-DEAD-002", "deadline-passed-on",
			text(func(left time.Duration) string { return strconv.FormatFloat(left.Seconds()*1000, 'f', 3, 64) })),
		broken("deadline-with-unit", "X-Timeout-Ms is sent as a duration with its unit", "TP-DEAD-002", "deadline-passed-on",
			text(func(left time.Duration) string { return left.String() })),
		broken("deadline-anew", "the handler's own PULL gets two minutes, whatever is left", "TP-DEAD-011 TP-DEAD-001", "deadline-passed-on",
			text(func(time.Duration) string { return "120000" })),
		broken("deadline-read-leniently", "X-Timeout-Ms is read by a parser of signed numbers of any length", "TP-DEAD-003", "deadline-malformed",
			timeout(func(value string) (int64, bool) {
				n, err := strconv.ParseInt(value, 10, 64)
				return n, err == nil
			})),
		broken("deadline-eleven-digits", "X-Timeout-Ms may have eleven digits", "TP-DEAD-003", "deadline-malformed",
			timeout(func(value string) (int64, bool) {
				n, err := strconv.ParseUint(value, 10, 63)
				return int64(n), err == nil && len(value) <= 11
			})),
		broken("deadline-malformed-passed", "a value that is no number is a deadline that has passed", "TP-DEAD-003", "deadline-malformed",
			timeout(func(value string) (int64, bool) {
				n, _ := strconv.ParseUint(value, 10, 32)
				return int64(n), true
			})),
		broken("deadline-last", "of several X-Timeout-Ms the last counts", "TP-DEAD-003", "deadline-first", func(p *naivePeer) {
			p.timeout = func(meta []oracle.Pair) (left time.Duration, ok bool) {
				for i := range meta {
					if ms, limited := readTimeout(meta[i : i+1]); limited {
						left, ok = ms, true
					}
				}
				return left, ok
			}
		}),
		broken("deadline-passed-runs", "a PULL whose deadline has passed is handled", "TP-DEAD-005", "deadline-passed",
			func(p *naivePeer) {
				p.timeout = func(meta []oracle.Pair) (time.Duration, bool) {
					left, ok := readTimeout(meta)
					return left, ok && left > 0
				}
			}),
		broken("deadline-passed-503", "a PULL whose deadline has passed is answered with 503", "TP-DEAD-005", "deadline-passed-typed",
			func(p *naivePeer) { p.codes.late = 503 }),
		broken("deadline-passed-push-runs", "a PUSH whose deadline has passed is handled", "TP-DEAD-006", "deadline-push-passed",
			seen(func(s *naiveSession, in oracle.Packet) bool {
				if in.Ptype == oracle.Push {
					in.Meta = oracle.DelMeta(in.Meta, []byte("X-Timeout-Ms"))
					s.peer.dispatch(s, in)
				}
				return in.Ptype == oracle.Push
			})),
		broken("deadline-kept-from-handlers", "a handler does not learn its caller's deadline", "TP-DEAD-007 TP-DEAD-009", "deadline-left",
			func(p *naivePeer) {
				p.timeout = func(meta []oracle.Pair) (time.Duration, bool) {
					left, ok := readTimeout(meta)
					return left, ok && left == 0
				}
			}),
		silent("deadline-does-not-end-hold", "a handler that waits does not learn when the deadline passes", "TP-DEAD-007 TP-DEAD-010", "deadline-ends-hold",
			rerouted("hold", func(r *request) {
				r.until = time.Time{}
				holdRoute(r)
			})),
		broken("deadline-hold-503", "the wait of hold ends with 503 when the deadline passes", "TP-DEAD-010", "deadline-ends-hold",
			rerouted("hold", func(r *request) {
				if !r.until.IsZero() {
					r.s.peer.after(time.Until(r.until), func() { r.fail(503, "the deadline has passed") })
					r.until = time.Time{}
				}
				holdRoute(r)
			})),
		broken("deadline-route-absolute", "the route deadline answers a time of day", "TP-DEAD-009", "deadline-left",
			rerouted("deadline", func(r *request) {
				r.answer(answer{codec: 'j', body: strconv.AppendInt(nil, r.until.UnixMilli(), 10)})
			})),
		broken("deadline-route-none", "the route deadline answers -1 where there is none", "TP-DEAD-009", "deadline-none",
			rerouted("deadline", func(r *request) {
				left := r.left()
				if r.until.IsZero() {
					left = "-1"
				}
				r.answer(answer{codec: 'j', body: []byte(left)})
			})),
	}
}

// peerService: each route of the conformance service, answered wrongly.
func peerService() []Mutant {
	answering := func(path string, a answer) func(p *naivePeer) {
		return rerouted(path, func(r *request) { r.answer(a) })
	}
	return []Mutant{
		broken("echo-upper-case", "echo answers its body in upper case", "TP-CONF-006", "pull-echo",
			rerouted("echo", func(r *request) { r.answer(answer{body: []byte(strings.ToUpper(string(r.in.Body)))}) })),
		broken("error-route-detail-first", "error answers the query's message as detail and its detail as message", "TP-CONF-007", "error-members",
			wording(func(e oracle.ReplyError) string {
				e.Message, e.Detail = e.Detail, e.Message
				return string(oracle.EncodeReplyError(e))
			})),
		broken("error-route-detail-missing", "error answers without the detail", "TP-CONF-007", "error-members",
			wording(func(e oracle.ReplyError) string {
				e.Detail = nil
				return string(oracle.EncodeReplyError(e))
			})),
		broken("partial-other-result", "partial answers another result", "TP-CONF-008", "error-with-result",
			answering("partial", answer{codec: 'j', body: []byte(`{"partial":false}`), err: &oracle.ReplyError{Code: 1006, Message: []byte("with body")}})),
		broken("hold-does-not-wait", "hold answers at once", "TP-CONF-009", "order-overtaken", rerouted("hold", (*request).echo)),
		broken("hold-empty", "hold answers without its body", "TP-CONF-009", "order-overtaken", func(p *naivePeer) {
			p.pulls["/conformance/hold"] = func(r *request) {
				r.in.Body = nil
				holdRoute(r)
			}
		}),
		silent("hold-never-released", "hold answers when its ten seconds are over, not when its key is released", "TP-CONF-009", "order-overtaken",
			rerouted("hold", func(r *request) { r.s.peer.after(naiveHold, func() { r.fail(408, "nobody released the key") }) })),
		silent("release-does-nothing", "release answers and releases nothing", "TP-CONF-010", "order-overtaken", answering("release", answer{})),
		broken("release-with-a-result", "release answers a result", "TP-CONF-010", "order-overtaken",
			rerouted("release", func(r *request) { r.release(); r.answer(answer{codec: 'j', body: []byte("true")}) })),
		silent("release-push-dropped", "a PUSH of release is dropped", "TP-CONF-010", "push-release",
			func(p *naivePeer) { delete(p.pushes, "/conformance/release") }),
		broken("meta-with-result", "meta answers the pairs without their values", "TP-CONF-011", "meta-order",
			rerouted("meta", func(r *request) {
				var keys []oracle.Pair
				for _, kv := range r.in.Meta {
					keys = append(keys, oracle.Pair{Key: kv.Key})
				}
				r.answer(answer{meta: keys})
			})),
		broken("note-counted-twice", "each note counts as two", "TP-CONF-012", "push-counted", repushed("note", func(r *request) { r.s.count(2) })),
		broken("note-counted-for-all", "notes are counted across all sessions", "TP-CONF-012", "load-notes-apart",
			repushed("note", func(r *request) {
				for s := range r.s.peer.sessions {
					s.count(1)
				}
			})),
		broken("count-as-text", "count answers a JSON string", "TP-CONF-013", "push-counted",
			rerouted("count", func(r *request) {
				r.answer(answer{codec: 'j', body: strconv.AppendQuote(nil, strconv.Itoa(r.s.notes))})
			})),
		broken("count-does-not-wait", "count answers at once, however many notes were asked for", "TP-CONF-013", "push-count-waits",
			rerouted("count", func(r *request) { r.answer(answer{codec: 'j', body: []byte(strconv.Itoa(r.s.notes))}) })),
		broken("pushback-late", "pushback sends its PUSH after the REPLY", "TP-CONF-014", "callback-push",
			rerouted("pushback", func(r *request) {
				r.echo()
				r.pushed(func() {})
			})),
		broken("pushback-empty", "pushback sends a PUSH without a body", "TP-CONF-014", "callback-push",
			rerouted("pushback", func(r *request) {
				body := r.in.Body
				r.in.Body = nil
				r.pushed(func() { r.in.Body = body; r.echo() })
			})),
		broken("pullback-own-answer", "pullback answers its own body, whatever comes back", "TP-CONF-015", "callback-pull",
			rerouted("pullback", func(r *request) { r.called(func(oracle.Packet) { r.echo() }) })),
		broken("pullback-error-hidden", "pullback answers 500 for every error that comes back", "TP-CONF-015", "callback-error",
			rerouted("pullback", func(r *request) {
				r.called(func(reply oracle.Packet) {
					if _, bad := r.s.peer.errorOf(reply); bad {
						r.fail(500, "the callback failed")
						return
					}
					r.passOn(reply)
				})
			})),
		broken("sum-difference", "sum answers the difference", "TP-CONF-016", "pull-typed",
			rerouted("sum", func(r *request) {
				n, _ := r.s.peer.ints(r.in)
				r.answer(answer{body: []byte(strconv.Itoa(n[0] - n[1]))})
			})),
		broken("panic-caught", "the handler of panic answers an empty success", "TP-CONF-017", "pull-handler-fails", answering("panic", answer{})),
		broken("panic-ends", "a handler that fails ends the session of its PULL", "TP-SESS-016", "pull-handler-fails", rerouted("panic", (*request).end)),
		broken("panic-400", "a PULL whose handler fails is answered with 400", "TP-SESS-016", "pull-handler-fails",
			func(p *naivePeer) { p.codes.panicked = 400 }),
		broken("panic-push-ends", "a handler that fails ends the session of its PUSH", "TP-SESS-016", "push-handler-fails", repushed("panic", (*request).end)),
		broken("panic-push-is-a-note", "the handler of a PUSH of panic counts a note instead of failing", "TP-CONF-024", "push-handler-fails",
			repushed("panic", func(r *request) { r.s.count(1) })),
		broken("unencodable-encoded", "unencodable answers a result that can be encoded", "TP-CONF-018", "pull-result-unencodable",
			answering("unencodable", answer{codec: 'j', body: []byte("{}")})),
		broken("unencodable-ends", "a result that cannot be encoded ends the session", "TP-SESS-017", "pull-result-unencodable", rerouted("unencodable", (*request).end)),
		broken("unencodable-empty", "a result that cannot be encoded is sent as an empty success", "TP-SESS-017", "pull-result-unencodable",
			answering("unencodable", answer{})),
		broken("null-with-result", "null answers a result", "TP-CONF-019", "pull-null-result", answering("null", answer{codec: 'j', body: []byte("0")})),
		broken("null-is-an-error", "null answers an error", "TP-CONF-019", "pull-null-result", rerouted("null", func(r *request) { r.fail(404, "nothing") })),
		broken("codec-always-json", "codec answers JSON text, whatever codec the query names", "TP-CONF-020", "pull-codec-chosen",
			rerouted("codec", func(r *request) { r.answer(answer{codec: 's', body: r.in.Body}) })),
		broken("pipe-not-a-handler", "pipe answers without its body", "TP-CONF-021", "pipe-added",
			rerouted("pipe", func(r *request) { r.answer(answer{pipe: []byte("g")}) })),
		broken("typed-counted-twice", "a PUSH of typed counts as two notes", "TP-CONF-023", "push-typed",
			repushed("typed", func(r *request) { r.s.count(2) })),
		broken("case-counted", "the announcement of a case counts as a note", "TP-CONF-025", "testee-case",
			repushed("case", func(r *request) { r.s.count(1) })),
		broken("features-a-list", "features answers a list of names", "TP-CONF-026", "testee-features",
			answering("features", answer{codec: 'j', body: []byte(`["gzip"]`)})),
	}
}
