package vectorgen

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/henrylee2cn/teleport/vectors"
)

// promotedName is the area of the cases that fuzzing found.
const promotedName = "promoted"

// promoted are the cases that `teleport vectors promote --write` has put here, in full: whoever promoted an input has
// stated its verdict, and [Check] holds it against the oracle as it does every other.
//
//go:embed promoted.json
var promoted []byte

// promotedArea is the inputs that fuzzing found; nil as long as there are none.
func promotedArea() (*area, error) { return promotedFrom(promoted) }

func promotedFrom(raw []byte) (*area, error) {
	cases, err := ParsePromoted(raw)
	if err != nil || len(cases) == 0 {
		return nil, err
	}
	a := newArea(promotedName, "Inputs that fuzzing found, kept so that what they showed does not come back.", map[string]string{})
	for _, c := range cases {
		for _, flag := range c.Flags {
			a.file.Flags[flag] = promotedFlags[flag]
		}
	}
	a.file.Cases = cases
	return a, nil
}

// promotedFlags explains the flags that a promoted case may have.
var promotedFlags = map[string]string{
	vectors.FlagRawBody: "The packet is accepted and its body kept as it is, though it does not decode under its codec.",
}

// ParsePromoted reads the list of promoted cases, the text of conformance/vectorgen/promoted.json.
func ParsePromoted(raw []byte) ([]vectors.Case, error) {
	var cases []vectors.Case
	if err := json.Unmarshal(raw, &cases); err != nil {
		return nil, fmt.Errorf("vectorgen: promoted.json: %w", err)
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.ID] {
			return nil, fmt.Errorf("vectorgen: promoted.json: the id %s is used twice", c.ID)
		}
		seen[c.ID] = true
	}
	return cases, nil
}
