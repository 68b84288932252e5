package testee_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/testee"
	"github.com/henrylee2cn/teleport/vectors"
)

// TestReadme_LinesAreTheContract holds the lines that the contract shows against its schema, and those of cases that
// are golden vectors against these.
func TestReadme_LinesAreTheContract(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	valid, n := validator(t), 0
	for i, block := range strings.Split(string(raw), "```") {
		lines, isJSON := strings.CutPrefix(block, "json\n")
		if i%2 == 0 || !isJSON {
			continue
		}
		for line := range strings.Lines(lines) {
			n++
			if err := valid(line); err != nil {
				t.Errorf("%s%v", line, err)
			}
			var r testee.Result
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Errorf("%s%v", line, err)
			}
			v, err := vectors.ByID(strings.TrimPrefix(r.ID, "wire/"))
			if err != nil || r.Wire == "" {
				continue
			}
			if want, _ := v.Wire.MarshalJSON(); string(want) != `"`+r.Wire+`"` {
				t.Errorf("%sthe vector says %s", line, want)
			}
		}
	}
	if n < 9 {
		t.Errorf("%d lines found, expected at least 9", n)
	}
}
