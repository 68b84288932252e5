package mutants

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
)

// route is a handler. It runs under the peer's lock and answers now or later; a PUSH is not answered.
type route func(r *request)

// request is a PULL or a PUSH that is being handled.
type request struct {
	s     *naiveSession
	in    oracle.Packet
	query []oracle.Pair
	until time.Time // zero: the caller has set no deadline
	runs  bool      // counts as a handler in flight
	done  bool
}

// answer is what a handler gives. Without an error an empty body is success without a result.
type answer struct {
	codec byte // 0: the PULL's
	body  []byte
	meta  []oracle.Pair
	pipe  []byte // filters that come behind the PULL's
	err   *oracle.ReplyError
}

// newNaivePeer makes the clean peer.
func newNaivePeer() *naivePeer {
	p := &naivePeer{
		filters:     oracle.TestFilters(oracle.Judged),
		maxHandlers: 256,
		maxQueue:    1 << 20,
		codes:       naiveCodes{badURI: 400, noRoute: 404, overload: 503, late: 408, panicked: 500, unencodable: 500},
		callers: naiveCallers{
			pull: func(s *naiveSession, _ *request) uint64 { s.pullSeq++; return s.pullSeq - 1 },
			push: func(s *naiveSession, _ *request) uint64 { s.pushSeq++; return s.pushSeq - 1 },
		},
		arrived:   func(_ *naiveSession, b []byte) []byte { return b },
		path:      splitURI,
		timeout:   readTimeout,
		timeText:  writeTimeout,
		errorText: oracle.EncodeReplyError,
		errorOf:   func(in oracle.Packet) (oracle.ReplyError, bool) { return oracle.ReplyErrorOf(in.Meta) },
		ints:      decodeInts,
		alter:     func(_ *request, reply oracle.Packet) []oracle.Packet { return []oracle.Packet{reply} },
		match:     func(s *naiveSession, in oracle.Packet) (any, bool) { _, ok := s.pending[in.Seq]; return in.Seq, ok },
		unmatched: func(*naiveSession, oracle.Packet) {},
		odd:       func(s *naiveSession, _ oracle.Packet) { s.closeLocked() },
		fault:     func(s *naiveSession, _ *oracle.Error) { s.closeLocked() },
		eof:       (*naiveSession).drain,
		full:      func(s *naiveSession, _ []byte) { s.closeLocked() },
		sessions:  map[*naiveSession]bool{},
		gates:     map[string]*naiveGate{},
		earlier:   make(chan struct{}, 1),
		stopped:   make(chan struct{}),
	}
	p.take, p.decode = p.dispatch, p.undone
	p.encode, p.done = p.write, p.throughPipe
	p.pulls, p.pushes = servicePulls(), servicePushes()
	return p
}

// dispatch does with a packet what its type asks for.
func (p *naivePeer) dispatch(s *naiveSession, in oracle.Packet) {
	switch in.Ptype {
	case oracle.Pull:
		p.pull(s, in)
	case oracle.Push:
		p.push(s, in)
	case oracle.Reply:
		key, ok := p.match(s, in)
		if !ok {
			p.unmatched(s, in)
			return
		}
		done := s.pending[key]
		delete(s.pending, key)
		done(in)
		s.more.Signal()
	default:
		p.odd(s, in)
	}
}

// open parses what every call has in its header.
func (p *naivePeer) open(s *naiveSession, in oracle.Packet) (r *request, path string, ok bool) {
	r = &request{s: s, in: in}
	path, query, ok := p.path(in.Uri)
	r.query = oracle.DecodeMeta(query)
	if left, limited := p.timeout(in.Meta); limited {
		r.until = time.Now().Add(left)
	}
	return r, path, ok
}

// late tells whether the caller waits no more.
func (r *request) late() bool { return !r.until.IsZero() && !time.Now().Before(r.until) }

func (p *naivePeer) pull(s *naiveSession, in oracle.Packet) {
	r, path, ok := p.open(s, in)
	handler := p.pulls[path]
	switch {
	case !ok:
		r.fail(p.codes.badURI, "the uri cannot be parsed")
	case handler == nil:
		r.fail(p.codes.noRoute, "Not Found")
	case s.running >= p.maxHandlers:
		r.fail(p.codes.overload, "too many handlers are in flight")
	case r.late():
		r.fail(p.codes.late, "the deadline has passed")
	default:
		s.running++
		r.runs = true
		p.run(r, handler)
	}
}

func (p *naivePeer) push(s *naiveSession, in oracle.Packet) {
	r, path, ok := p.open(s, in)
	if path == "/teleport/closing" {
		s.leaving = true
		s.more.Signal()
		return
	}
	if handler := p.pushes[path]; ok && handler != nil && s.running < p.maxHandlers && !r.late() {
		r.done = true // there is nothing to answer
		p.run(r, handler)
	}
}

// run calls a handler, which may panic.
func (p *naivePeer) run(r *request, handler route) {
	defer func() {
		if recover() != nil {
			r.fail(p.codes.panicked, "the handler failed")
		}
	}()
	handler(r)
}

// answer sends the REPLY, once.
func (r *request) answer(a answer) {
	if r.done {
		return
	}
	r.done = true
	r.finish()
	p, in := r.s.peer, r.in
	reply := oracle.Packet{Seq: in.Seq, Ptype: oracle.Reply, Uri: in.Uri, Meta: a.meta, Codec: in.Codec, Body: a.body,
		Pipe: slices.Concat(in.Pipe, a.pipe)}
	if a.codec != 0 {
		reply.Codec = a.codec
	}
	if a.err != nil {
		reply.Meta = append(reply.Meta, oracle.Pair{Key: []byte(oracle.ErrorKey), Value: p.errorText(*a.err)})
		if a.body == nil {
			reply.Codec, reply.Body = 'j', []byte("null")
		}
	}
	for _, out := range p.alter(r, reply) {
		if r.s.send(out) != nil { // a pipe of unknown filters, or a limit
			out.Meta = []oracle.Pair{{Key: []byte(oracle.ErrorKey), Value: p.errorText(oracle.ReplyError{Code: p.codes.unencodable})}}
			out.Codec, out.Body, out.Pipe = 'j', []byte("null"), in.Pipe
			r.s.send(out)
		}
	}
}

// finish makes the handler one that is no longer in flight.
func (r *request) finish() {
	if r.runs {
		r.runs = false
		r.s.running--
		r.s.more.Signal()
	}
}

// fail answers an error.
func (r *request) fail(code int32, message string) {
	r.answer(answer{err: &oracle.ReplyError{Code: code, Message: []byte(message)}})
}

// param gives a parameter of the query, "" where there is none.
func (r *request) param(name string) string {
	v, _ := oracle.PeekMeta(r.query, []byte(name))
	return string(v)
}

// readTimeout reads the first X-Timeout-Ms: one to ten digits, or no deadline.
func readTimeout(meta []oracle.Pair) (time.Duration, bool) {
	v, ok := oracle.PeekMeta(meta, []byte("X-Timeout-Ms"))
	if !ok || len(v) < 1 || len(v) > 10 || slices.ContainsFunc(v, func(c byte) bool { return c < '0' || c > '9' }) {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	return time.Duration(n) * time.Millisecond, err == nil
}

// writeTimeout writes milliseconds, rounded up.
func writeTimeout(left time.Duration) string {
	return strconv.FormatInt(int64(max(0, (left+time.Millisecond-1)/time.Millisecond)), 10)
}

// decodeInts decodes the argument of the typed routes.
func decodeInts(in oracle.Packet) (n [2]int, code int32) {
	switch {
	case len(in.Body) == 0:
		return n, 0
	case in.Codec != oracle.CodecJSON && in.Codec != oracle.CodecString && in.Codec != oracle.CodecProtobuf:
		return n, 415
	case in.Codec != oracle.CodecJSON || json.Unmarshal(in.Body, &n) != nil:
		return n, 400
	}
	return n, 0
}
