package mutants

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/vectors"
)

func TestCheck_DeclarationsHold(t *testing.T) {
	all := All()
	for _, p := range Check(all) {
		t.Error(p)
	}
	kinds := map[Kind]int{}
	for _, m := range all {
		kinds[m.Kind()]++
	}
	if kinds[KindProto] < 40 {
		t.Errorf("there are %d broken Protos, expected at least 40", kinds[KindProto])
	}
}

func TestCheck_FindsWrongDeclarations(t *testing.T) {
	good := at("two-writes", "writes twice", "proto/write-once", "PROTO-003")
	good.Base = basePlain
	for _, tt := range []struct {
		name   string
		change func(m *Mutant)
		want   string
	}{
		{"good", func(*Mutant) {}, ""},
		{"unknown requirement", func(m *Mutant) { m.Requirements = reqs("PROTO-999") }, "breaks TP-PROTO-999, which the standard does not have"},
		{"unknown case", func(m *Mutant) { m.KilledBy = "proto/none" }, "killed by proto/none, which is no case"},
		{"a case for another kind", func(m *Mutant) { m.KilledBy = "vectors/fast-example-0001" }, "which is no case that judges its kind"},
		{"a case that does not list it", func(m *Mutant) { m.Requirements = reqs("META-001") }, "killed by proto/write-once, which does not list TP-META-001"},
		{"no requirement", func(m *Mutant) { m.Requirements = nil }, "breaks no requirement"},
		{"no base", func(m *Mutant) { m.Base = "none" }, `base "none"`},
		{"a base of another kind", func(m *Mutant) { m.Base = baseOracle }, "is not one of its kind"},
		{"a verdict that kills nothing", func(m *Mutant) { m.Verdict = runner.Skipped }, "kills nothing"},
		{"an id of no kind", func(m *Mutant) { m.ID = "two-writes" }, "an id begins with"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := good
			tt.change(&m)
			got := strings.Join(Check([]Mutant{m}), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := Check([]Mutant{good, good}); len(got) != 1 || !strings.Contains(got[0], "used twice") {
		t.Errorf("an id used twice: got %q", got)
	}
}

// own are the mutants that are no peers: those have their own test.
func own() []Mutant {
	return slices.DeleteFunc(All(), func(m Mutant) bool { return m.Kind() == KindPeer })
}

func TestRun_KillsEachMutantAsDeclared(t *testing.T) {
	for _, o := range Run(t.Context(), own(), Options{}) {
		if !o.OK() {
			t.Errorf("%s (%s): %s: %s gave %s, want %s: %s", o.Mutant.ID, o.Mutant.Fault, o.Fate, o.Mutant.KilledBy, o.Verdict, o.Mutant.Want(), o.Detail)
		} else if o.Detail == "" {
			t.Errorf("%s: %s does not say why it failed", o.Mutant.ID, o.Mutant.KilledBy)
		}
	}
}

// long skips what is for TELEPORT_LONG=1 alone.
func long(t *testing.T) {
	t.Helper()
	if os.Getenv("TELEPORT_LONG") != "1" {
		t.Skip("the whole battery is for TELEPORT_LONG=1; TestRun_KillsEachMutantAsDeclared puts each killer to its base")
	}
}

func TestProtoBases_PassWholeBattery(t *testing.T) {
	long(t)
	for _, b := range protoBases() {
		if b.Kind() != KindProto {
			continue
		}
		t.Run(b.Name, func(t *testing.T) {
			r := conformance.CheckProto(t.Context(), b.Proto, conformance.WithLong(false))
			for _, f := range r.Failures() {
				t.Errorf("%s: %s: %s", f.Case, f.Verdict, f.Detail)
			}
		})
	}
}

func TestImplementationBase_PassesVectors(t *testing.T) {
	long(t)
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, v := range all {
		if v.ProtoName() != vectors.ProtoFast { // it speaks fast/1 alone
			continue
		}
		judged++
		if r := judgeVector(naiveImplementation(""), vectorPrefix+v.ID); r.Verdict != runner.Pass {
			t.Errorf("%s: %s", v.ID, r.Detail)
		}
	}
	if judged < 1000 {
		t.Errorf("judged by %d vectors only", judged)
	}
}

// TestRun_OneFaultLeavesInnocentCasesGreen shows that a mutant made to slip through one battery does not slip
// through the other, and fails there where its fault shows alone.
func TestRun_OneFaultLeavesInnocentCasesGreen(t *testing.T) {
	r := conformance.CheckProto(t.Context(), turnedType, conformance.Only("proto/roundtrip-*"), conformance.Only("proto/framer-*"))
	if !r.OK() {
		t.Errorf("a Proto with bytes of its own must pass the battery that judges any bytes: %+v", r.Failures())
	}
	r = conformance.CheckProto(t.Context(), turnedType, conformance.Only("wire/fast-*"))
	if n := len(r.Failures()); r.OK() || n == 0 || n == len(r.Results) {
		t.Errorf("%d of %d vectors failed, expected some", n, len(r.Results))
	}
}

func TestRun_TellsTheFatesApart(t *testing.T) {
	proto := func(bug, killer string, short ...string) Mutant {
		m := at(bug, "a fault", killer, short...)
		m.Base = basePlain
		return m
	}
	noBase := proto("two-writes", "proto/write-once", "PROTO-003")
	noBase.Base = "none"
	crashing := proto("panics-on-version", "proto/hostile-garbage", "PROTO-015")
	oracle := func(bug, killer string, short ...string) Mutant {
		return Mutant{ID: "proto-" + bug, Fault: "a fault", KilledBy: killer, Requirements: reqs(short...), Base: baseOracle, Implementation: naiveImplementation(bug)}
	}
	for _, tt := range []struct {
		name string
		m    Mutant
		want Fate
	}{
		{"killed", proto("two-writes", "proto/write-once", "PROTO-003"), Killed},
		{"killed by another", proto("two-writes", "proto/version-quiet", "PROTO-003"), KilledByOther},
		{"survived", proto("", "proto/write-once", "PROTO-002"), Survived},
		{"a crash that is not declared", crashing, KilledByCrash},
		{"a crash that is", crash(crashing), Killed},
		{"a crash that does not come", crash(proto("two-writes", "proto/write-once", "PROTO-003")), KilledByCrash},
		{"no base", noBase, Undecided},
		{"no case", proto("two-writes", "proto/none", "PROTO-003"), Undecided},
		{"a vector kills", oracle("meta-set-moves", "vectors/meta-recorded-encode-0006", "META-012"), Killed},
		{"another vector kills", oracle("meta-set-moves", "vectors/fast-example-0001", "META-012"), KilledByOther},
		{"no vector kills", oracle("", "vectors/fast-example-0001", "META-012"), Survived},
		{"no vector", oracle("", "vectors/none", "META-012"), Undecided},
	} {
		t.Run(tt.name, func(t *testing.T) {
			told := 0
			out := Run(t.Context(), []Mutant{tt.m}, Options{Whole: true, OnOutcome: func(Outcome) { told++ }})
			if len(out) != 1 || out[0].Fate != tt.want || told != 1 {
				t.Fatalf("got %+v, want %s", out, tt.want)
			}
			if (tt.want == Killed || tt.want == KilledByOther) != (len(out[0].By) > 0) && tt.want != KilledByCrash {
				t.Errorf("%s by %q", tt.want, out[0].By)
			}
			if OK(out) != (tt.want == Killed) {
				t.Errorf("OK is %v", OK(out))
			}
		})
	}
}

func TestRun_CancelledIsUndecided(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, o := range Run(ctx, own()[:3], Options{Whole: true}) {
		if o.Fate != Undecided {
			t.Errorf("%s: %s", o.Mutant.ID, o.Fate)
		}
	}
}
