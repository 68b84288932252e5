package properties

import (
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
	"github.com/henrylee2cn/teleport/spec"
)

func TestCheck_RefusesOptionsThatMeanNothing(t *testing.T) {
	t.Setenv(envTests, "") // of this run: it would win over the option
	for name, o := range map[string]Option{
		"feature": Without("pipes"), "law": Only("round"), "tests": WithTests(-1), "limits": WithLimits(packet.Limits{MaxPacket: 1}),
	} {
		if r, err := Check(fast.New, o); err == nil || r != nil {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	t.Setenv(envSeed, "x")
	if _, err := Check(fast.New); err == nil || !strings.Contains(err.Error(), envSeed) {
		t.Errorf("a seed that is no number: %v", err)
	}
}

func TestCheck_CountsAndSeedsByTheEnvironment(t *testing.T) {
	for _, tt := range []struct{ variable, value string }{{envTests, "7"}, {envNightly, "1"}, {envLong, "1"}} {
		t.Setenv(tt.variable, tt.value)
		want := map[string]int{envTests: 7, envNightly: NightlyTests, envLong: LongTests}[tt.variable]
		if underRace && tt.variable == envLong {
			want = LongRaceTests
		}
		if got := newConfig(nil).tests; got != want {
			t.Errorf("with %s=%s: %d tests, expected %d", tt.variable, tt.value, got, want)
		}
		t.Setenv(tt.variable, "")
	}
	t.Setenv(envSeed, "42")
	if c := newConfig([]Option{WithSeed(1), WithTests(3)}); c.seed != 42 || c.tests != 3 {
		t.Errorf("seed %d and %d tests, expected 42 and 3", c.seed, c.tests)
	}
}

func TestCheck_SameSeedSameRun(t *testing.T) {
	broken := func(seed int64) Result {
		r, err := Check(fast.New, WithSeed(seed), WithTests(300), Only("size"))
		if err != nil {
			t.Fatal(err)
		}
		return r[0]
	}
	if a, b := broken(5), broken(5); !reflect.DeepEqual(a, b) {
		t.Errorf("two runs with one seed: %+v and %+v", a, b)
	}
	if lawSeed(1, "size") == lawSeed(1, "order") || lawSeed(1, "size") == lawSeed(2, "size") {
		t.Error("laws or seeds share what they draw")
	}
}

func TestReplay_NamesTestSeedAndPackage(t *testing.T) {
	got := replay("TestLaws/size", &config{seed: 7, tests: 9})
	if want := "TELEPORT_SEED=7 TELEPORT_TESTS=9 go test -count=1 -run '^TestLaws$/^size$' "; !strings.HasPrefix(got, want) || got == want {
		t.Errorf("the line is %q, expected %q and a package", got, want)
	}
}

func TestLaws_NameRequirementsOfTheStandard(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range Laws() {
		if seen[l.Name] || l.Title == "" || len(l.Requirements) == 0 {
			t.Errorf("law %q: named twice, or without title or requirements", l.Name)
		}
		seen[l.Name] = true
		for _, id := range l.Requirements {
			if _, ok := spec.Lookup(id); !ok {
				t.Errorf("law %s: the standard has no %s", l.Name, id)
			}
		}
	}
}

func TestCheck_PanickingProtoIsAFinding(t *testing.T) {
	r, err := Check(panics, WithTests(5), Only("size"), Without(conformance.FeatureFramer))
	if err != nil || len(r) != 1 || !strings.Contains(r[0].Detail, "not today") {
		t.Fatalf("%v, %v", r, err)
	}
}

func panics(io.ReadWriter) packet.Proto { panic("not today") }
