package judge

import (
	"context"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
)

// Proto is one Proto to judge.
type Proto struct {
	// Name names it in files and tables.
	Name string
	// New makes it.
	New NativeFunc
	// Relief is for the second look.
	Relief Relief
	// Confined names the cases (globs, without "proto/") that run in a process of their own with little memory,
	// because the Proto takes the process down with it.
	Confined string
	// Varies names the cases, in the same way, whose verdict differs from run to run: it hangs on what the Proto's
	// pools held before, or on how its goroutines were scheduled. They are run and counted apart.
	Varies string
}

// seqCase is the case that judges seq: it alone sees that erpc's has 32 bits.
const seqCase = "proto/roundtrip-seq"

// missing are the features that no Proto of erpc has: a Framer is Teleport's own, and erpc knows no limits on
// the uri and the metadata.
var missing = []conformance.Feature{conformance.FeatureFramer, conformance.FeatureHeaderLimits}

// unhidden are cases that no fault of a field hides: the second look leaves them out.
const unhidden = "memory-*"

// verdicts are the two looks at one Proto.
type verdicts struct {
	id     byte
	name   string
	first  *conformance.Report
	second map[string]conformance.Result // of the cases that the first look failed
	varied []conformance.Result          // of the cases that Varies names, which are not in first
}

// setApart takes the results out of first that no two runs need have in common.
func (v *verdicts) setApart(varies string) {
	var stay []conformance.Result
	for _, r := range v.first.Results {
		if matches(varies, r.Case) {
			v.varied = append(v.varied, r)
		} else {
			stay = append(stay, r)
		}
	}
	v.first.Results = stay
}

// look judges p with the battery for any Proto. The golden vectors are left out: erpc's "json" has the id and
// the name of json/1 by chance, and never claimed to be it.
func (h *Host) look(ctx context.Context, p Proto) verdicts {
	h.relieve(Relief{})
	v := verdicts{first: &conformance.Report{}, second: map[string]conformance.Result{}}
	v.id, v.name = p.New(nothing{}).Version()
	var ids, confined []string
	for _, c := range conformance.Select("proto/*") {
		switch {
		case c.ID == seqCase:
		case matches(p.Confined, c.ID):
			confined = append(confined, c.ID)
		default:
			ids = append(ids, c.ID)
		}
	}
	v.first.Results = append(v.first.Results, h.runApart(ctx, p, ids)...)
	h.handles.set(true, false)
	v.first.Results = append(v.first.Results, h.run(ctx, p, []string{seqCase})...)
	for _, id := range confined {
		v.first.Add(confine(ctx, p, id))
	}
	v.first.Sort()
	v.setApart(p.Varies)
	if p.Relief == (Relief{}) {
		return v
	}
	h.relieve(p.Relief)
	defer h.relieve(Relief{})
	var again []string
	for _, r := range v.first.Failures() {
		if slices.Contains(ids, r.Case) && !matches(unhidden, r.Case) {
			again = append(again, r.Case)
		}
	}
	for _, r := range h.runApart(ctx, p, again) {
		v.second[r.Case] = r
	}
	return v
}

// runApart judges p by the named cases, those on garbage apart from the others: whether a length that is believed
// runs past a buffer depends on how large a pooled buffer comes along, which differs from run to run. With the pool
// empty it is as large as the frame.
func (h *Host) runApart(ctx context.Context, p Proto, ids []string) []conformance.Result {
	var garbage, others []string
	for _, id := range ids {
		if matches("hostile-* memory-garbage", id) {
			garbage = append(garbage, id)
		} else {
			others = append(others, id)
		}
	}
	out := h.run(ctx, p, others)
	h.draining.Store(true)
	defer h.draining.Store(false)
	return append(out, h.run(ctx, p, garbage)...)
}

// run judges p by the named cases. Pools are emptied between them, so that what one case leaves there does not
// change the verdict of the next.
func (h *Host) run(ctx context.Context, p Proto, ids []string) []conformance.Result {
	if len(ids) == 0 {
		return nil
	}
	opts := []conformance.Option{conformance.Without(missing...), conformance.WithLong(false),
		conformance.WithTimeout(30 * time.Second), conformance.WithTarget(p.Name),
		conformance.OnResult(func(conformance.Result) { runtime.GC(); runtime.GC() })}
	for _, id := range ids {
		opts = append(opts, conformance.Only(id))
	}
	return conformance.CheckProto(ctx, h.Proto(p.New), opts...).Results
}

// matches tells whether one of the globs, separated by blanks, matches a case id without its "proto/".
func matches(globs, id string) bool {
	return slices.ContainsFunc(strings.Fields(globs), func(glob string) bool {
		ok, err := path.Match(glob, strings.TrimPrefix(id, "proto/"))
		return ok && err == nil
	})
}
