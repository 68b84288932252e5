package suite

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/vectors"
)

// Exec judges a testee in another process by the cases for Protos, and by those for a peer where it has one. It
// keeps which case is running, so its cases run one at a time.
type Exec struct {
	session *testee.Session
	intro   testee.Introduction

	mu      sync.Mutex // guards below
	current *asker     // of the case that is running
}

// NewExec gives the judge of a testee.
func NewExec(s *testee.Session) *Exec { return &Exec{session: s, intro: s.Introduction()} }

// ExecFeatures lists what a testee may declare as its features, sorted.
func ExecFeatures() []runner.Feature {
	all := []runner.Feature{FeatureBinary, FeatureHeaderLimits, FeatureMeta, FeaturePipe, FeatureInterop,
		FeatureService, FeatureCallback, FeatureGzip, FeatureFlood, FeatureDeadline}
	slices.Sort(all)
	return all
}

// Without gives the features that the testee does without: what it could have declared and has not, and what no
// process can show.
func (x *Exec) Without() []runner.Feature {
	out := []runner.Feature{FeatureGoAPI, FeatureFramer, FeatureConcurrency, FeatureMemory, FeatureProtobuf}
	for _, f := range ExecFeatures() {
		if !slices.Contains(x.intro.Features, string(f)) {
			out = append(out, f)
		}
	}
	return out
}

// Cases gives the cases for the testee: the golden vectors of every Proto, of which those for Protos and filters
// that it does not declare are skipped; the Proto battery, for the first Proto that it declares; the packets
// recorded from the original for fast/1; the peer battery where it has a server.
func (x *Exec) Cases(tg *Target) []runner.Case {
	tg.exec = x
	tg.Proto = x.proto
	var out []runner.Case
	if len(x.intro.Protos) > 0 {
		for _, c := range append(ProtoCases(tg), InteropCases(tg)...) {
			out = append(out, x.guarded(c, x.first(c), nil))
		}
		filters := x.vectorNeeds()
		for _, c := range WireCases(tg) {
			v := filters[c.ID]
			out = append(out, x.guarded(c, v.ProtoName(), v.Filters))
		}
	}
	if x.intro.Server != "" {
		tg.Dial = x.dial
		for _, c := range PeerCases(tg) {
			out = append(out, x.guarded(c, "", nil))
		}
	}
	slices.SortFunc(out, func(a, b runner.Case) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// first gives the Proto by which a case that is for no certain one is run.
func (x *Exec) first(c runner.Case) string {
	if strings.HasPrefix(c.ID, "interop/") {
		return vectors.ProtoFast
	}
	name, _, _ := strings.Cut(x.intro.Protos[0], "/")
	return name
}

// vectorNeeds gives the vectors by the ids of their cases.
func (x *Exec) vectorNeeds() map[string]vectors.Case {
	out := map[string]vectors.Case{}
	all, _ := vectors.All() // an error is a case of the wire battery
	for _, v := range all {
		out["wire/"+v.ID] = v
	}
	return out
}

// guarded makes the case the running one while it runs, and skips what the testee has not declared.
func (x *Exec) guarded(c runner.Case, proto string, filters []byte) runner.Case {
	run := c.Run
	c.Features = slices.DeleteFunc(slices.Clone(c.Features), func(f runner.Feature) bool { return strings.HasPrefix(string(f), "filter-") })
	c.Run = func(ctx context.Context, t *runner.T) {
		if proto != "" && !slices.Contains(x.intro.Protos, proto+"/1") {
			t.Skipf("the testee does not declare the Proto %s/1", proto)
		}
		for _, id := range filters {
			if !slices.Contains(x.intro.Filters, int(id)) {
				t.Skipf("the testee does not declare the filter %d (%q)", id, id)
			}
		}
		a := &asker{x: x, ctx: ctx, t: t, id: c.ID, proto: proto + "/1", filters: x.known(filters)}
		x.mu.Lock()
		x.current = a
		x.mu.Unlock()
		run(ctx, t)
	}
	return c
}

// known gives the ids of the filters that are known in a case: gzip where the testee has it, and those the case
// needs.
func (x *Exec) known(more []byte) []int {
	out := []int{}
	if slices.Contains(x.intro.Filters, 'g') {
		out = append(out, 'g')
	}
	for _, id := range more {
		out = append(out, int(id))
	}
	return out
}

func (x *Exec) asker() *asker {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.current
}

func (x *Exec) dial(ctx context.Context) (net.Conn, error) {
	network, address, err := x.session.Server(ctx)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

// asker puts the questions of one case.
type asker struct {
	x       *Exec
	ctx     context.Context
	t       *runner.T
	id      string
	proto   string
	filters []int

	mu  sync.Mutex // guards run
	run int
}

// ask puts a question. It comes back with an answer of status ok or rejected; anything else ends the case with the
// verdict that it deserves.
func (a *asker) ask(q testee.Request) testee.Result {
	a.mu.Lock()
	a.run++
	q.Run = a.run
	a.mu.Unlock()
	q.ID, q.Proto, q.Filters = a.id, a.proto, a.filters
	r, err := a.x.session.Ask(a.ctx, q)
	crash, crashed := errors.AsType[*testee.Crash](err)
	silence, silent := errors.AsType[*testee.Silence](err)
	switch {
	case crashed:
		a.t.Crashf("%v\nthe question was run %d of the case", crash, q.Run)
	case silent:
		a.t.Hangf("%v\nthe question was run %d of the case", silence, q.Run)
	case err != nil:
		a.t.Harnessf("%v", err)
	case r.Status == testee.StatusUnimplemented:
		a.t.Skipf("the testee says: unimplemented (%s of %s) %s", q.Op, q.Proto, r.Message)
	case r.Status == testee.StatusHarness:
		a.t.Harnessf("the testee says: harness-error: %s", r.Message)
	}
	return r
}

// decode has the testee read packets out of segments. packets is how many at most, 0: all. end says that the stream
// ends behind them.
func (a *asker) decode(segments [][]byte, end bool, packets int, l packet.Limits) testee.Result {
	q := testee.Request{Op: testee.OpDecode, End: end, Packets: packets, Limits: testeeLimits(l), Segments: []string{}}
	for _, s := range segments {
		q.Segments = append(q.Segments, hex.EncodeToString(s))
	}
	a.t.Trace(runner.Sent, fmt.Sprintf("to be decoded, in %d pieces", len(segments)), slices.Concat(segments...))
	return a.ask(q)
}

// encode has the testee write a packet; wire is what it wrote, nil where it refused.
func (a *asker) encode(p testee.Packet, ops []testee.Op, l packet.Limits) (r testee.Result, wire []byte) {
	r = a.ask(testee.Request{Op: testee.OpEncode, Packet: &p, Ops: ops, Limits: testeeLimits(l)})
	if r.Status != testee.StatusOK {
		return r, nil
	}
	wire, err := hex.DecodeString(r.Wire)
	if err != nil {
		a.t.Harnessf("the testee breaks the contract: its wire is no hex: %v", err)
	}
	a.t.Trace(runner.Received, "encoded", wire)
	return r, wire
}

func testeeLimits(l packet.Limits) testee.Limits {
	return testee.Limits{MaxPacket: l.MaxPacket, MaxPayload: l.MaxPayload, MaxUri: l.MaxUri, MaxMeta: l.MaxMeta, MaxMetaPairs: l.MaxMetaPairs}
}
