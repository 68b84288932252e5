package mutants

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/conformance/vectorgen"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/vectors"
)

// Fate is what became of a mutant.
type Fate string

// The fates. Only Killed is what a mutant is for.
const (
	// Killed: the declared case saw the fault, with the declared verdict.
	Killed Fate = "killed"
	// KilledByOther: the declared case passed, another one saw the fault. The declaration is wrong, or the
	// case is weaker than it says.
	KilledByOther Fate = "killed by another case"
	// KilledByCrash: the declared case ended in a panic or a hang, which is no verdict on the fault.
	KilledByCrash Fate = "killed by a crash alone"
	// Survived: nothing saw the fault. The suite has a hole.
	Survived Fate = "survived"
	// Undecided: the judge failed, or the base is not clean under the killer: nothing is known.
	Undecided Fate = "undecided"
)

// Outcome tells what became of one mutant.
type Outcome struct {
	Mutant Mutant
	Fate   Fate
	// Verdict and Detail are those of the declared case.
	Verdict runner.Verdict
	Detail  string
	// By names the cases that saw the fault; the first few, where there are many.
	By []string
	// Took is the time that the declared case needed.
	Took time.Duration
}

// OK reports whether the mutant was killed as it declares.
func (o Outcome) OK() bool { return o.Fate == Killed }

// Options say how to run mutants. The zero value puts each to its declared case alone.
type Options struct {
	// Whole puts a mutant that its declared case does not kill to every other case of its requirements.
	Whole bool
	// OnOutcome, where set, is called after each mutant, one call at a time.
	OnOutcome func(Outcome)
}

// hangLimit is the time limit of the killer of a mutant that hangs.
const hangLimit = 300 * time.Millisecond

// Run puts each mutant to the case that it declares, and that case to the mutant's base, which must pass it.
// The outcomes are in the order of the mutants. Mutants run one after the other, for their killers may
// measure memory; before them run those peers whose killers only wait, side by side. When ctx ends, those that have not run are Undecided.
func Run(ctx context.Context, mutants []Mutant, o Options) []Outcome {
	clean := newCleanliness()
	silent := runSilent(ctx, mutants, o, clean)
	var out []Outcome
	for i, m := range mutants {
		one, ran := silent[i]
		if !ran {
			one = runOne(ctx, m, o, clean)
		}
		out = append(out, one)
		if o.OnOutcome != nil {
			o.OnOutcome(one)
		}
	}
	return out
}

func runOne(ctx context.Context, m Mutant, o Options, clean *cleanliness) Outcome {
	out := Outcome{Mutant: m}
	if why := clean.fault(ctx, m); why != "" {
		out.Fate, out.Verdict, out.Detail = Undecided, runner.HarnessError, why
		return out
	}
	result := judge(ctx, subjectOf(m), m.KilledBy, m.limit())
	out.Verdict, out.Detail, out.Took = result.Verdict, result.Detail, result.Duration
	switch {
	case result.Verdict == runner.HarnessError || result.Verdict == runner.Skipped:
		out.Fate = Undecided
	case result.Verdict == m.Want():
		out.Fate, out.By = Killed, []string{m.KilledBy}
	case result.Verdict.Bad():
		out.Fate, out.By = KilledByCrash, []string{m.KilledBy}
	default:
		out.Fate = Survived
		if o.Whole {
			if out.By = killers(ctx, m); len(out.By) > 0 {
				out.Fate = KilledByOther
			}
		}
	}
	return out
}

// limit is the time limit of the mutant's killer, 0 for the suite's own.
func (m Mutant) limit() time.Duration {
	if m.Timeout == 0 && m.Want() == runner.Hang {
		return hangLimit
	}
	return m.Timeout
}

// subject is what is judged, a mutant or a base: check runs the cases that options select, one runs a case.
type subject struct {
	check func(ctx context.Context, opts ...conformance.Option) *conformance.Report
	one   func(ctx context.Context, id string, limit time.Duration) runner.Result
}

func subjectOf(m Mutant) subject {
	return newSubject(Base{Proto: m.Proto, Peer: m.Peer, Implementation: m.Implementation})
}

func newSubject(b Base) subject {
	switch b.Kind() {
	case KindProto:
		return subject{
			check: func(ctx context.Context, opts ...conformance.Option) *conformance.Report {
				return conformance.CheckProto(ctx, b.Proto, opts...)
			},
			one: func(ctx context.Context, id string, limit time.Duration) runner.Result {
				return judgeProto(ctx, b.Proto, id, limit)
			},
		}
	case KindPeer:
		check := func(ctx context.Context, opts ...conformance.Option) *conformance.Report {
			dial, stop := b.Peer()
			defer stop()
			return conformance.CheckPeer(ctx, dial, opts...)
		}
		return subject{check: check, one: func(ctx context.Context, id string, limit time.Duration) runner.Result {
			opts := []conformance.Option{conformance.Only(id)}
			if limit > 0 {
				opts = append(opts, conformance.WithTimeout(limit))
			}
			if r := check(ctx, opts...); len(r.Results) == 1 {
				return r.Results[0]
			}
			return noCase(id)
		}}
	}
	return subject{one: func(_ context.Context, id string, _ time.Duration) runner.Result {
		return judgeVector(b.Implementation, id)
	}}
}

// judge runs one case.
func judge(ctx context.Context, s subject, id string, limit time.Duration) runner.Result {
	if err := ctx.Err(); err != nil {
		return runner.Result{Case: id, Verdict: runner.HarnessError, Detail: err.Error()}
	}
	return s.one(ctx, id, limit)
}

// judgeProto runs one case of the batteries for Protos as CheckProto does, but makes only its battery.
func judgeProto(ctx context.Context, pf packet.ProtoFunc, id string, limit time.Duration) runner.Result {
	tg := &suite.Target{Proto: pf}
	var cases []runner.Case
	if strings.HasPrefix(id, "wire/") {
		cases = suite.WireCasesFor(tg, suite.Claims(pf))
	} else {
		cases = suite.ProtoCases(tg)
	}
	i := slices.IndexFunc(cases, func(c runner.Case) bool { return c.ID == id })
	if i < 0 {
		return noCase(id)
	}
	r, _ := runner.RunCase(ctx, cases[i], runner.Options{Timeout: limit}, 0)
	return r
}

func noCase(id string) runner.Result {
	return runner.Result{Case: id, Verdict: runner.HarnessError, Detail: fmt.Sprintf("no case that judges it has the id %q", id)}
}

// vectorPrefix marks the killer of an Implementation.
const vectorPrefix = "vectors/"

func judgeVector(imp vectorgen.Implementation, id string) runner.Result {
	start := time.Now()
	r := runner.Result{Case: id, Verdict: runner.Pass}
	v, err := vectors.ByID(strings.TrimPrefix(id, vectorPrefix))
	if err != nil {
		r.Verdict, r.Detail = runner.HarnessError, err.Error()
		return r
	}
	if err := vectorgen.Judge(&v, imp, nil); err != nil {
		r.Verdict, r.Detail = runner.Fail, err.Error()
		if strings.HasPrefix(r.Detail, "panic: ") {
			r.Verdict = runner.Panic
		}
	}
	r.Duration = time.Since(start)
	return r
}

// killers gives the cases of a mutant's requirements that see its fault.
func killers(ctx context.Context, m Mutant) []string {
	s := subjectOf(m)
	var out []string
	if m.Kind() == KindImplementation {
		all, _ := vectors.All() // a mutant that ran has shown that they load
		for _, v := range all {
			if shared(v.Reqs, m.Requirements) && judgeVector(m.Implementation, vectorPrefix+v.ID).Verdict.Bad() {
				out = append(out, vectorPrefix+v.ID)
			}
		}
		return out
	}
	var opts []conformance.Option
	for _, id := range m.Requirements {
		opts = append(opts, conformance.Only(id))
	}
	if m.limit() > 0 {
		opts = append(opts, conformance.WithTimeout(m.limit()))
	}
	if ctx.Err() != nil {
		return nil
	}
	for _, r := range s.check(ctx, opts...).Failures() {
		out = append(out, r.Case)
	}
	return out
}

func shared(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}

// cleanliness remembers which bases pass which cases.
type cleanliness struct {
	mu    sync.Mutex
	bases map[string]subject
	known map[string]string
}

func newCleanliness() *cleanliness {
	c := &cleanliness{bases: map[string]subject{}, known: map[string]string{}}
	for _, b := range Bases() {
		c.bases[b.Name] = newSubject(b)
	}
	return c
}

// fault says why the mutant's base does not pass the mutant's killer; "" where it does.
func (c *cleanliness) fault(ctx context.Context, m Mutant) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	base, ok := c.bases[m.Base]
	if !ok {
		return fmt.Sprintf("the base %q is not one of Bases", m.Base)
	}
	key := m.Base + "\x00" + m.KilledBy
	why, known := c.known[key]
	if !known {
		runtime.GC() // what earlier mutants have left behind is not the base's
		if r := judge(ctx, base, m.KilledBy, 0); r.Verdict != runner.Pass {
			why = fmt.Sprintf("the base %q gives %s: %s", m.Base, r.Verdict, r.Detail)
		}
		c.known[key] = why
	}
	return why
}
