package spec

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"
)

func TestRequirements_Parsed(t *testing.T) {
	const text = `# 5. Framing

**[TP-FRAME-004]** A receiver MUST reject a size
larger than its limit.

1. **[TP-FRAME-018]** A receiver SHOULD accept 4 MiB.
- **[TP-XFER-024]** A sender MAY compress ` + "`a | b`" + `.

| Operation | Effect |
|---|---|
| Set | **[TP-META-012]** Set MUST NOT ` + "`x|y`" + ` append. |

**[TP-LIM-009]** An Endpoint SHALL refuse it. (Not tested: setting a
limit is local.)

> **[TP-CONF-001]** A claim is RECOMMENDED.

**[TP-FAST-001]** (Withdrawn in 1.1: replaced.)
`
	want := []Requirement{
		{ID: "TP-FRAME-004", Area: "FRAME", Level: LevelMust, Text: "A receiver MUST reject a size larger than its limit.", Line: 3},
		{ID: "TP-FRAME-018", Area: "FRAME", Level: LevelShould, Text: "A receiver SHOULD accept 4 MiB.", Line: 6},
		{ID: "TP-XFER-024", Area: "XFER", Level: LevelMay, Text: "A sender MAY compress `a | b`.", Line: 7},
		{ID: "TP-META-012", Area: "META", Level: LevelMust, Text: "Set MUST NOT `x|y` append.", Line: 11},
		{ID: "TP-LIM-009", Area: "LIM", Level: LevelMust, Text: "An Endpoint SHALL refuse it.", Line: 13, Untested: "setting a limit is local."},
		{ID: "TP-CONF-001", Area: "CONF", Level: LevelShould, Text: "A claim is RECOMMENDED.", Line: 16},
	}
	got, err := parseFS(chapters(text)).requirements()
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].Chapter = "05-framing.md"
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestRequirements_ErrorNamesTheFaults(t *testing.T) {
	d := parseFS(fstest.MapFS{"05-framing.md": {Data: []byte(
		"**[TP-FRAME-001]** A sender MUST write.\n\n**[TP-FRAME-001]** A sender MUST read.\n\nA word: MUST.\n")}})
	reqs, err := d.requirements()
	var p *Problem
	if !errors.As(err, &p) || p.Kind != KindReuse || p.Line != 3 {
		t.Errorf("error %v, want a *Problem of kind reuse at line 3", err)
	}
	if len(reqs) != 1 {
		t.Errorf("%d requirements, want the one that could be read", len(reqs))
	}
	only := parseFS(chapters("A word: MUST."))
	if _, err := only.requirements(); err != nil {
		t.Errorf("a stray word makes the list unreliable: %v, want no error", err)
	}
}

func TestRequirements_OfTheStandard(t *testing.T) {
	reqs, err := Requirements()
	if err != nil {
		t.Fatal(err)
	}
	if len(reqs) < 150 {
		t.Errorf("%d requirements, want at least 150", len(reqs))
	}
	for _, r := range reqs {
		if got, ok := Lookup(r.ID); !ok || got != r {
			t.Errorf("Lookup(%s) gives %+v, %v", r.ID, got, ok)
		}
	}
}

func TestRequirements_ResultIsTheCallersOwn(t *testing.T) {
	reqs, err := Requirements()
	if err != nil {
		t.Fatal(err)
	}
	first := reqs[0]
	reqs[0] = Requirement{}
	again, err := Requirements()
	if err != nil {
		t.Fatal(err)
	}
	if again[0] != first {
		t.Errorf("changing the result changed the list: %+v, want %+v", again[0], first)
	}
}

func TestLookup_UnknownID(t *testing.T) {
	for _, id := range []string{"", "TP-FRAME-999", "tp-frame-001"} {
		if r, ok := Lookup(id); ok {
			t.Errorf("Lookup(%q) gives %+v", id, r)
		}
	}
}

func TestExamples_Parsed(t *testing.T) {
	const text = "Text.\n\n<!-- vector: fast-a-0001 -->\n```hex\n00 0A # size\n\n# a note\nff\n```\n\n```hex\nno example\n```\n"
	d := parseFS(chapters(text))
	want := []Example{{VectorID: "fast-a-0001", Hex: "000aff", File: "05-framing.md", Line: 4}}
	if len(d.problems) != 0 || !slices.Equal(d.examples, want) {
		t.Errorf("got %+v and %v, want %+v and no problems", d.examples, d.problems, want)
	}
}

func TestExamples_OfTheStandard(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Examples() {
		seen[e.VectorID] = true
	}
	for _, id := range []string{"fast-example-0001", "fast-example-0002", "fast-example-0003", "fast-example-0004", "fast-example-0005"} {
		if !seen[id] {
			t.Errorf("the text does not show %s", id)
		}
	}
}
