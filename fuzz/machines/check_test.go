package machines

import (
	"fmt"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/commands"
	"github.com/leanovate/gopter/gen"
)

// counter is a machine that counts up, and wrongly so beyond its bound.
func counter(bound int) commands.Commands {
	up := &commands.ProtoCommand{
		Name:          "up",
		RunFunc:       func(s commands.SystemUnderTest) commands.Result { n := s.(*int); *n++; return min(*n, bound) },
		NextStateFunc: func(s commands.State) commands.State { return s.(int) + 1 },
		PostConditionFunc: func(s commands.State, r commands.Result) *gopter.PropResult {
			return Same(s, r)
		},
	}
	return &commands.ProtoCommands{
		InitialStateGen:        gen.Const(0),
		NewSystemUnderTestFunc: func(commands.State) commands.SystemUnderTest { return new(int) },
		GenCommandFunc:         func(commands.State) gopter.Gen { return gen.Const(commands.Command(up)) },
	}
}

func TestRun_FindsAndShrinks(t *testing.T) {
	found, shortest := 0, "sequential=["+strings.Repeat("up ", 4)+"up]"
	for seed := range int64(50) {
		text := run(seed, 30, counter(4))
		if text == "" {
			continue // shorter than the bound
		}
		found++
		if !strings.Contains(text, "want 5\n got 4") || !strings.Contains(text, shortest) {
			t.Fatalf("seed %d: want 5 and 4 after %s, got\n%s", seed, shortest, text)
		}
		if again := run(seed, 30, counter(4)); again != text {
			t.Fatalf("seed %d: a second run says something else:\n%s\n%s", seed, text, again)
		}
	}
	if found < 25 {
		t.Errorf("%d of 50 sequences found the fault", found)
	}
	if text := run(1, 30, counter(1000)); text != "" {
		t.Errorf("nothing is wrong, and yet: %s", text)
	}
}

func TestRun_APanicIsAFinding(t *testing.T) {
	broken := &commands.ProtoCommand{Name: "boom", RunFunc: func(commands.SystemUnderTest) commands.Result { panic("boom") }}
	c := counter(1).(*commands.ProtoCommands)
	c.GenCommandFunc = func(commands.State) gopter.Gen { return gen.Const(commands.Command(broken)) }
	if text := run(1, 5, c); !strings.Contains(text, "boom") {
		t.Errorf("got %q", text)
	}
}

func TestPlan_Seeds(t *testing.T) {
	seeds, err := plan("", 500)
	if err != nil || len(seeds) != 500 {
		t.Fatalf("%d seeds, %v", len(seeds), err)
	}
	seen := map[int64]bool{}
	for _, s := range seeds {
		seen[s] = true
		if s < 0 {
			t.Errorf("seed %d is negative", s)
		}
	}
	if len(seen) != 500 {
		t.Errorf("%d of 500 seeds differ", len(seen))
	}
	if seeds, err := plan("42", 500); err != nil || fmt.Sprint(seeds) != "[42]" {
		t.Errorf("got %v, %v", seeds, err)
	}
	if _, err := plan("x", 500); err == nil || !strings.Contains(err.Error(), "TELEPORT_SEED") {
		t.Errorf("got %v", err)
	}
}
