package mutants

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// outcomes are two killed mutants, one of which breaks two requirements, and one that survived.
func outcomes() []Outcome {
	one := at("two-writes", "writes a | twice", "proto/write-once", "PROTO-003", "FRAME-016")
	two := at("short-write-ignored", "ignores", "proto/write-short", "PROTO-005")
	three := Mutant{ID: "proto-x", Fault: "does x", KilledBy: "vectors/v-1", Requirements: reqs("PROTO-003"), Implementation: naiveImplementation("x")}
	return []Outcome{
		{Mutant: one, Fate: Killed, Verdict: runner.Fail, Detail: "two writes", By: []string{"proto/write-once"}},
		{Mutant: two, Fate: Killed, Verdict: runner.Fail, Detail: "no error", By: []string{"proto/write-short"}},
		{Mutant: three, Fate: KilledByOther, Verdict: runner.Pass, By: []string{"vectors/v-2"}},
	}
}

func TestTable_OrdersByRequirement(t *testing.T) {
	rows := Table(outcomes())
	var got []string
	for _, r := range rows {
		ids := []string{r.Requirement}
		for _, o := range r.Outcomes {
			ids = append(ids, o.Mutant.ID)
		}
		if r.Sentence == "" {
			t.Errorf("%s has no sentence", r.Requirement)
		}
		got = append(got, strings.Join(ids, " "))
	}
	want := "TP-FRAME-016 proto-two-writes; TP-PROTO-003 proto-two-writes proto-x; TP-PROTO-005 proto-short-write-ignored"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestWriteText_TellsSurvivorsInFull(t *testing.T) {
	var b strings.Builder
	if err := WriteText(&b, outcomes()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"TP-PROTO-003  Pack MUST write exactly once for a packet, and that write is the whole frame.\n  killed by proto/write-once  proto-two-writes (writes a | twice)\n",
		"proto-x: killed by another case\n  the fault: does x\n  breaks: TP-PROTO-003\n  declared: fail by vectors/v-1, which gave pass\n  seen by: vectors/v-2\n",
		"3 mutants (2 proto, 1 implementation): 2 killed, 1 killed by another case; 3 requirements falsified\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestWriteMarkdown_IsATable(t *testing.T) {
	var b strings.Builder
	if err := WriteMarkdown(&b, outcomes()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| TP-FRAME-016 | proto-two-writes | writes a \\| twice | proto/write-once | killed |\n",
		"| TP-PROTO-003 | proto-x | does x | vectors/v-1 | killed by another case |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestWriteJSON_HasEveryMutant(t *testing.T) {
	var b strings.Builder
	if err := WriteJSON(&b, outcomes()); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Format  int
		Counts  struct{ ByFate map[string]int }
		Mutants []struct {
			ID, Kind, Fate, Want, Verdict string
			Requirements, By              []string
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Format != 1 || len(doc.Mutants) != 3 || doc.Counts.ByFate["killed"] != 2 || doc.Mutants[2].Kind != "implementation" ||
		doc.Mutants[2].Fate != "killed by another case" || doc.Mutants[0].Requirements[1] != "TP-FRAME-016" {
		t.Errorf("got %s", b.String())
	}
}
