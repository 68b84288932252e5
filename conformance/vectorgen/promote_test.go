package vectorgen

import (
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/spec"
	"github.com/henrylee2cn/teleport/vectors"
)

// Every golden vector that is decoded in one piece can be promoted, and is judged then as it was before.
func TestPromote_EveryVectorAgain(t *testing.T) {
	all, err := vectors.All()
	if err != nil {
		t.Fatal(err)
	}
	raw, done := []byte("[]"), 0
	for _, v := range all {
		wire, err := v.WireBytes()
		if err != nil {
			t.Fatal(err)
		}
		if v.Kind == vectors.KindEncode || v.Result == vectors.Quirk || len(wire) == 0 || len(wire) > 1<<16 || v.Expand != "" {
			continue
		}
		c, err := Promote(Promotion{Proto: v.ProtoName(), Wire: wire, Limits: v.Limits, Reqs: v.Reqs, Comment: v.Comment})
		if err != nil {
			if !strings.Contains(err.Error(), "no judge") {
				t.Errorf("%s: %v", v.ID, err)
			}
			continue
		}
		if v.Result == vectors.Invalid && Verdict(&c) != Verdict(&v) {
			t.Errorf("%s: promoted as %s, is %s", v.ID, Verdict(&c), Verdict(&v))
		}
		c.ID = "promoted-test-0001"
		if err := Judge(&c, Oracle(), nil); err != nil {
			t.Errorf("%s: %v", v.ID, err)
		}
		if done++; done%40 == 0 {
			if raw, _, err = AppendPromoted(raw, c); err != nil && !strings.Contains(err.Error(), "already") {
				t.Fatal(err)
			}
		}
	}
	if done < 800 {
		t.Errorf("only %d vectors were promoted", done)
	}
	promotedHolds(t, raw)
}

// promotedHolds builds the area of a list and checks its cases as those of any file are.
func promotedHolds(t *testing.T, raw []byte) {
	t.Helper()
	a, err := promotedFrom(raw)
	if err != nil || len(a.file.Cases) < 10 {
		t.Fatalf("%v", err)
	}
	text, err := render(a.file)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := compileSchema(vectors.FS())
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(schema, text); err != nil {
		t.Error(err)
	}
	r := &Report{}
	checkFlags(r, &a.file)
	for i := range a.file.Cases {
		checkCase(r, &a.file, &a.file.Cases[i], func(id string) bool { _, ok := spec.Lookup(id); return ok })
	}
	for _, p := range r.Problems {
		t.Error(p)
	}
}

func TestPromote_Refused(t *testing.T) {
	if _, err := Promote(Promotion{Proto: "xml", Wire: []byte("x")}); err == nil {
		t.Error("an unknown Proto is taken")
	}
	if _, err := Promote(Promotion{Proto: "fast"}); err == nil {
		t.Error("no bytes are taken")
	}
	if _, _, err := AppendPromoted([]byte("{"), vectors.Case{}); err == nil {
		t.Error("a list that is none is taken")
	}
}
