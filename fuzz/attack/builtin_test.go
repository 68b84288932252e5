package attack_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/fuzz"
	"github.com/henrylee2cn/teleport/fuzz/attack"
)

func builtin(run func(t fuzz.Reporter, data []byte)) attack.Options {
	target := fuzz.Target{Name: "Planted", Run: run}
	return attack.Options{Open: func() (attack.Subject, error) { return attack.Builtin(target), nil }, Tries: 30_000, Seed: 1,
		Seeds: [][]byte{[]byte("abc")}}
}

func TestBuiltin_PanicsAndReportsAreFaults(t *testing.T) {
	r, err := attack.Run(t.Context(), builtin(func(t fuzz.Reporter, data []byte) {
		if bytes.Contains(data, []byte("%zz")) {
			var none []byte
			fmt.Println(none[len(data)])
		}
		if len(data) > 8 {
			t.Fatalf("over eight bytes: %d", len(data))
		}
	}))
	if err != nil || len(r.Crashers) != 2 {
		t.Fatalf("%+v, %v; expected a panic and a report", r.Crashers, err)
	}
	for _, c := range r.Crashers {
		switch c.Fault.Kind {
		case attack.KindPanic:
			if !strings.Contains(c.Fault.Detail, "builtin_test.go") || string(c.Data) != "%zz" {
				t.Errorf("%q: %s", c.Data, c.Fault.Detail)
			}
		case attack.KindWrong:
			if len(c.Data) != 9 {
				t.Errorf("%d bytes, the smallest has nine", len(c.Data))
			}
		}
	}
}

// The engine runs every target on its seeds, and a little further, without a finding.
func TestBuiltin_EveryTargetHolds(t *testing.T) {
	for _, target := range fuzz.Targets() {
		seeds := target.Seeds()
		step := max(1, len(seeds)/40)
		var some [][]byte
		for i := 0; i < len(seeds); i += step {
			some = append(some, seeds[i])
		}
		r, err := attack.Run(t.Context(), attack.Options{Seeds: some, Tries: 150, Seed: 1,
			Open: func() (attack.Subject, error) { return attack.Builtin(target), nil }})
		if err != nil || r.Execs != 150 || r.New < 3 {
			t.Errorf("%s: %d inputs, %d new, %v", target.Name, r.Execs, r.New, err)
		}
		for _, c := range r.Crashers {
			t.Errorf("%s: %x: %s", target.Name, c.Data, c.Fault.Detail)
		}
	}
}
