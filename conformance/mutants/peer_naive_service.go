package mutants

import (
	"cmp"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// naiveGate holds PULLs back until its key is released.
type naiveGate struct {
	open    bool
	waiting []func()
}

// Bounds of the routes that wait, of 19.2.
const (
	naiveHold  = 10 * time.Second
	naiveCount = 5 * time.Second
)

// servicePulls are the PULL routes of 19.2 and 24.5.
func servicePulls() map[string]route {
	return map[string]route{
		"/conformance/echo":        (*request).echo,
		"/conformance/error":       errorRoute,
		"/conformance/partial":     partialRoute,
		"/conformance/hold":        holdRoute,
		"/conformance/release":     func(r *request) { r.release(); r.answer(answer{}) },
		"/conformance/meta":        func(r *request) { r.answer(answer{meta: r.in.Meta}) },
		"/conformance/count":       countRoute,
		"/conformance/pushback":    func(r *request) { r.pushed(r.echo) },
		"/conformance/pullback":    func(r *request) { r.called(r.passOn) },
		"/conformance/sum":         sumRoute,
		"/conformance/panic":       func(*request) { panic("asked to fail") },
		"/conformance/unencodable": unencodableRoute,
		"/conformance/null":        func(r *request) { r.answer(answer{}) },
		"/conformance/codec":       codecRoute,
		"/conformance/pipe":        pipeRoute,
		"/conformance/features":    featuresRoute,
		"/conformance/deadline":    func(r *request) { r.answer(answer{codec: 'j', body: []byte(r.left())}) },
	}
}

// servicePushes are the PUSH routes.
func servicePushes() map[string]route {
	return map[string]route{
		"/conformance/note":    func(r *request) { r.s.count(1) },
		"/conformance/typed":   typedRoute,
		"/conformance/panic":   func(*request) { panic("asked to fail") },
		"/conformance/release": (*request).release,
		"/conformance/case":    func(*request) {},
	}
}

func (r *request) echo() { r.answer(answer{body: r.in.Body}) }

func errorRoute(r *request) {
	code, err := strconv.ParseInt(cmp.Or(r.param("code"), "0"), 10, 32)
	if err != nil {
		r.fail(400, "code: expected a 32-bit integer")
		return
	}
	r.answer(answer{err: &oracle.ReplyError{Code: int32(code), Message: []byte(r.param("message")), Detail: []byte(r.param("detail"))}})
}

func partialRoute(r *request) {
	r.answer(answer{codec: 'j', body: []byte(`{"partial":true}`), err: &oracle.ReplyError{Code: 1006, Message: []byte("with body")}})
}

// gate gives the gate of the query's key.
func (r *request) gate() *naiveGate {
	gates, key := r.s.peer.gates, r.param("key")
	if gates[key] == nil {
		gates[key] = &naiveGate{}
	}
	return gates[key]
}

func holdRoute(r *request) {
	g := r.gate()
	if g.open {
		r.echo()
		return
	}
	g.waiting = append(g.waiting, r.echo)
	wait := naiveHold
	if !r.until.IsZero() {
		wait = min(wait, time.Until(r.until))
	}
	r.s.peer.after(wait, func() { r.fail(408, "nobody released the key") })
}

func (r *request) release() {
	g := r.gate()
	g.open = true
	for _, f := range g.waiting {
		f()
	}
	g.waiting = nil
}

// count adds notes, and answers who waited for them.
func (s *naiveSession) count(n int) {
	s.notes += n
	for _, w := range s.waiting {
		if s.notes >= w.least {
			w.r.answer(answer{codec: 'j', body: []byte(strconv.Itoa(s.notes))})
		}
	}
}

func countRoute(r *request) {
	least, _ := strconv.Atoi(r.param("min"))
	tell := func() { r.answer(answer{codec: 'j', body: []byte(strconv.Itoa(r.s.notes))}) }
	if r.s.notes >= least {
		tell()
		return
	}
	r.s.waiting = append(r.s.waiting, naiveWaiter{least, r})
	r.s.peer.after(naiveCount, tell)
}

func sumRoute(r *request) {
	n, code := r.s.peer.ints(r.in)
	if code != 0 {
		r.fail(code, "the body does not decode")
		return
	}
	r.answer(answer{codec: cmp.Or(r.in.Codec, oracle.CodecJSON), body: []byte(strconv.Itoa(n[0] + n[1]))})
}

func typedRoute(r *request) {
	if _, code := r.s.peer.ints(r.in); code == 0 {
		r.s.count(1)
	}
}

func unencodableRoute(r *request) {
	if _, err := json.Marshal(math.NaN()); err != nil {
		r.fail(r.s.peer.codes.unencodable, "the result cannot be encoded")
	}
}

func codecRoute(r *request) {
	text := string(r.in.Body)
	if r.in.Codec == oracle.CodecJSON && json.Unmarshal(r.in.Body, &text) != nil {
		r.fail(400, "the body does not decode")
		return
	}
	switch r.param("id") {
	case "115":
		r.answer(answer{codec: 's', body: []byte(text)})
	case "106":
		body, _ := json.Marshal(text)
		r.answer(answer{codec: 'j', body: body})
	default:
		r.fail(r.s.peer.codes.unencodable, "no such codec")
	}
}

func pipeRoute(r *request) {
	var ids []byte
	for text := range strings.SplitSeq(r.param("ids"), ",") {
		n, err := strconv.ParseUint(text, 10, 8)
		if err != nil {
			r.fail(400, "ids: expected numbers from 0 to 255")
			return
		}
		ids = append(ids, byte(n))
	}
	r.answer(answer{body: r.in.Body, pipe: ids})
}

func featuresRoute(r *request) {
	r.answer(answer{codec: 'j', body: []byte(`{"features":["callback","deadline","filter-c","filter-z","flood","gzip"]}`)})
}

// left gives the milliseconds that the caller still waits, "0" without a deadline.
func (r *request) left() string {
	if r.until.IsZero() {
		return "0"
	}
	return writeTimeout(time.Until(r.until))
}

// pushed sends the caller the PULL's body as a PUSH, then goes on.
func (r *request) pushed(then func()) {
	callers := r.s.peer.callers
	if callers.refuse != 0 {
		r.fail(callers.refuse, "the call was not made")
		return
	}
	r.s.send(oracle.Packet{Seq: callers.push(r.s, r), Ptype: oracle.Push, Uri: []byte("/conformance/pushed"), Codec: r.in.Codec, Body: r.in.Body})
	then()
}

// called asks the caller, and goes on with its REPLY.
func (r *request) called(then func(reply oracle.Packet)) {
	callers := r.s.peer.callers
	if callers.refuse != 0 {
		r.fail(callers.refuse, "the call was not made")
		return
	}
	out := oracle.Packet{Seq: callers.pull(r.s, r), Ptype: oracle.Pull, Uri: []byte("/conformance/callback"), Codec: r.in.Codec, Body: r.in.Body}
	if !r.until.IsZero() {
		left := time.Until(r.until)
		if text := r.s.peer.timeText(left); text != "" {
			out.Meta = []oracle.Pair{{Key: []byte("X-Timeout-Ms"), Value: []byte(text)}}
		}
		r.s.peer.after(left, func() {
			delete(r.s.pending, any(out.Seq))
			r.fail(408, "the deadline has passed")
		})
	}
	r.s.pending[out.Seq] = then
	r.s.send(out)
}

// passOn answers what a callback was answered.
func (r *request) passOn(reply oracle.Packet) {
	if e, failed := r.s.peer.errorOf(reply); failed {
		r.answer(answer{err: &e})
		return
	}
	r.answer(answer{body: reply.Body})
}
