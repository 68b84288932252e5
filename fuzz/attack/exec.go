package attack

import (
	"context"
	"encoding/hex"
	"errors"
	"hash/fnv"
	"slices"
	"unicode/utf8"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/vectors"
)

// Exec attacks a testee: a decoder and encoder in a process of its own, in any language. An input is the bytes of a
// stream. The oracle says which packets are on it, and which fault ends it; the testee has to say the same. A stream of
// one packet without filters is also to be encoded again.
//
// Limits and the cuts of the stream follow from the bytes of the input alone, so that an input can be tried again.
type Exec struct {
	session *testee.Session
	intro   testee.Introduction
	proto   oracle.Proto
	filters []int
	known   oracle.Filters // besides gzip
	judged  int64
}

// OpenExec starts a testee for the Proto of that name ("fast", "json", "pb"); "" takes the first that it declares.
// Its time limits are those of o; o.Standard and o.Features are filled in. The error is a *testee.StartError, or says
// that the testee does not declare the Proto.
func OpenExec(ctx context.Context, o testee.Options, proto string) (*Exec, error) {
	o.Standard = vectors.Standard
	for _, f := range suite.ExecFeatures() {
		o.Features = append(o.Features, string(f))
	}
	s, err := testee.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	x := &Exec{session: s, intro: s.Introduction(), known: oracle.Filters{}, filters: []int{}}
	if err := x.choose(proto); err != nil {
		return nil, errors.Join(err, x.Close())
	}
	all := oracle.TestFilters(oracle.Judged)
	for _, id := range x.intro.Filters {
		if f, ok := all[byte(id)]; ok && x.has(suite.FeaturePipe) {
			x.known[byte(id)] = f
			x.filters = append(x.filters, id)
		}
	}
	if slices.Contains(x.intro.Filters, oracle.FilterGzip) {
		x.filters = append(x.filters, oracle.FilterGzip)
	}
	x.proto = x.proto.With(x.known)
	return x, nil
}

// choose finds the Proto to attack.
func (x *Exec) choose(name string) error {
	for _, declared := range x.intro.Protos {
		short := declared[:len(declared)-len("/1")]
		if pr, ok := oracle.ProtoByName(short); ok && (name == "" || name == short) {
			x.proto = pr
			return nil
		}
	}
	if name == "" {
		return errors.New("the testee declares no Proto: there is nothing to attack")
	}
	return errors.New("the testee does not declare the Proto " + name + "/1")
}

// Name is the Proto and the name of the testee.
func (x *Exec) Name() string { return x.intro.Name + " " + x.proto.Name + "/1" }

// Proto is the name of the Proto under attack.
func (x *Exec) Proto() string { return x.proto.Name }

// Judged counts the inputs that the testee answered with a verdict, "unimplemented" not among them.
func (x *Exec) Judged() int64 { return x.judged }

// Restarts gives how often another process had to be started.
func (x *Exec) Restarts() int { return x.session.Restarts() }

// Close ends the process.
func (x *Exec) Close() error {
	x.session.Close()
	return nil
}

func (x *Exec) has(f runner.Feature) bool { return slices.Contains(x.intro.Features, string(f)) }

// Try has the testee decode the stream and judges its answer.
func (x *Exec) Try(ctx context.Context, data []byte) Outcome {
	limits := x.limits(data)
	want, werr, judged := x.ask(data, limits)
	out := Outcome{Shape: outcomeShape(want, werr)}
	if !judged || !x.apt(want, werr) {
		out.Shape = "unjudged" // neither asked nor kept
		return out
	}
	r, fault, err := x.put(ctx, testee.Request{Op: testee.OpDecode, Segments: segments(data), End: true, Limits: limits})
	if fault != nil || err != nil {
		out.Fault, out.Err = fault, err
		return out
	}
	if r.Status == testee.StatusUnimplemented {
		out.Shape += " unimplemented"
		return out
	}
	x.judged++
	if out.Fault = decoded(want, werr, r); out.Fault == nil && len(want) == 1 && werr == nil && len(want[0].Pipe) == 0 {
		out.Fault, out.Err = x.encode(ctx, want[0], limits)
	}
	return out
}

// ask asks the oracle; judged is false where it met what it cannot undo.
func (x *Exec) ask(data []byte, l testee.Limits) (packets []oracle.Packet, err *oracle.Error, judged bool) {
	judged = true
	filters := oracle.Filters{}
	for id, f := range x.known {
		filters[id] = oracle.Filter{Do: f.Do, Undo: func(b []byte, limit int) ([]byte, error) {
			out, err := f.Undo(b, limit)
			judged = judged && !errors.Is(err, oracle.ErrBeyond)
			return out, err
		}}
	}
	packets, err = x.proto.With(filters).DecodeStream(data, oracleLimits(l))
	return packets, err, judged
}

// apt tells whether the testee has declared what the stream needs.
func (x *Exec) apt(want []oracle.Packet, err *oracle.Error) bool {
	for _, p := range want {
		if len(p.Meta) > 0 && !x.has(suite.FeatureMeta) || len(p.Pipe) > 0 && !x.has(suite.FeaturePipe) {
			return false
		}
		if !x.has(suite.FeatureBinary) && !textual(p) {
			return false
		}
	}
	if err == nil {
		return true
	}
	pipe := err.Class == oracle.FilterData || err.Class == oracle.FilterUnknown
	header := err.Class == oracle.Limit && err.Stage == oracle.StagePayload
	return (!pipe || x.has(suite.FeaturePipe)) && (!header || x.has(suite.FeatureHeaderLimits))
}

func textual(p oracle.Packet) bool {
	ok := utf8.Valid(p.Uri)
	for _, m := range p.Meta {
		ok = ok && utf8.Valid(m.Key) && utf8.Valid(m.Value)
	}
	return ok
}

// put puts one question. Crashes, silence and garbage are faults; the process is started again for the next question.
func (x *Exec) put(ctx context.Context, q testee.Request) (testee.Result, *Fault, error) {
	q.ID, q.Run, q.Proto, q.Filters = "fuzz/"+q.Op, 1, x.proto.Name+"/1", x.filters
	r, err := x.session.Ask(ctx, q)
	crash, crashed := errors.AsType[*testee.Crash](err)
	_, silent := errors.AsType[*testee.Silence](err)
	broken, garbage := errors.AsType[*testee.Fault](err)
	switch {
	case crashed:
		cause := q.Op + " " + crash.Exit
		if n := len(crash.Last); n > 0 {
			cause += " " + crash.Last[n-1]
		}
		return r, &Fault{Kind: KindPanic, Detail: crash.Error(), Cause: cause}, nil
	case silent:
		return r, &Fault{Kind: KindHang, Detail: err.Error(), Cause: q.Op}, nil
	case garbage:
		return r, &Fault{Kind: KindGarbage, Detail: err.Error(), Cause: q.Op + " " + broken.Why}, nil
	case err != nil:
		return r, nil, err
	case r.Status == testee.StatusHarness:
		return r, &Fault{Kind: KindGarbage, Detail: "the testee says: harness-error: " + r.Message, Cause: q.Op + " " + r.Message}, nil
	}
	return r, nil, nil
}

// limits are the standard's, or small ones, as the bytes say.
func (x *Exec) limits(data []byte) testee.Limits {
	d := vectors.DefaultLimits()
	l := testee.Limits{MaxPacket: d.MaxPacket, MaxPayload: d.MaxPayload, MaxUri: d.MaxUri, MaxMeta: d.MaxMeta, MaxMetaPairs: d.MaxMetaPairs}
	if sum(data)%2 == 0 && x.has(suite.FeatureHeaderLimits) {
		l = testee.Limits{MaxPacket: shapeLimits.MaxPacket, MaxPayload: shapeLimits.MaxPayload,
			MaxUri: shapeLimits.MaxUri, MaxMeta: shapeLimits.MaxMeta, MaxMetaPairs: shapeLimits.MaxMetaPairs}
	}
	return l
}

// segments cuts the stream in one, two or many pieces, as its bytes say.
func segments(data []byte) []string {
	n := max(len(data), 1)
	switch h := int(sum(data) >> 1); h % 3 {
	case 1:
		n = 1 + h%n
	case 2:
		n = max(1+h%7, len(data)/64)
	}
	out := []string{}
	for piece := range slices.Chunk(data, n) {
		out = append(out, hex.EncodeToString(piece))
	}
	return out
}

func sum(data []byte) uint32 {
	h := fnv.New32a()
	h.Write(data)
	return h.Sum32() >> 4
}

func oracleLimits(l testee.Limits) oracle.Limits {
	return oracle.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}
}
