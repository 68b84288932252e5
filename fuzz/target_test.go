package fuzz

import (
	"bytes"
	"errors"
	"testing"
)

func TestTargets_AreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, target := range Targets() {
		if target.About == "" || seen[target.Name] {
			t.Errorf("%q has no description, or its name twice", target.Name)
		}
		seen[target.Name] = true
		one, two := target.Seeds(), target.Seeds()
		if len(one) < 10 || len(one) != len(two) {
			t.Errorf("%s has %d seeds, then %d", target.Name, len(one), len(two))
			continue
		}
		for i := range one {
			if !bytes.Equal(one[i], two[i]) || len(one[i]) > MaxInput {
				t.Errorf("%s: seed %d is another one the second time, or too long", target.Name, i)
				break
			}
		}
	}
	if _, ok := ByName("NoSuchTarget"); ok {
		t.Error("ByName finds what there is not")
	}
}

func TestTarget_PassesOverLongInputs(t *testing.T) {
	target, _ := ByName("SessionScript")
	if err := target.Check(make([]byte, MaxInput+1)); err != nil {
		t.Error(err)
	}
}

func TestTarget_CheckReportsAndRecovers(t *testing.T) {
	broken := Target{Name: "Broken", Run: func(t Reporter, data []byte) {
		t.Errorf("first")
		if len(data) > 0 {
			panic("on purpose")
		}
		t.Fatalf("second")
		panic("Fatalf has returned")
	}}
	var f *Finding
	if err := broken.Check(nil); !errors.As(err, &f) || len(f.Reports) != 2 || f.Panic != nil {
		t.Errorf("two reports are %v", err)
	}
	if err := broken.Check([]byte{1}); !errors.As(err, &f) || f.Panic != "on purpose" || f.Stack == "" {
		t.Errorf("a panic is %v", err)
	}
}
