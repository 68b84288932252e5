package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// compared puts a document beside one in which a case of every kind has changed.
func compared(d *Document) *Comparison {
	var later Document
	b, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(b, &later)
	}
	if err != nil {
		panic(err)
	}
	for i := range later.Cases {
		c := &later.Cases[i]
		switch c.ID {
		case "proto/pass":
			c.Verdict, c.Detail, c.MS = runner.Fail, "broke "+nasty, 900
		case "peer/flaky":
			c.Verdict, c.Detail = runner.HarnessError, "no network"
		case "proto/panic":
			c.Verdict, c.Detail = runner.Pass, ""
		case "peer/hang":
			c.Verdict, c.Detail = runner.Fail, "a wrong answer"
		case "wire/skip":
			c.ID = "wire/new"
		}
	}
	later.Target = "a later Proto"
	later.sum()
	return Compare(d, &later)
}

func TestCompare_FindsEveryKind(t *testing.T) {
	c := compared(New(everyVerdict()))
	var got []string
	for _, change := range c.Changes {
		got = append(got, string(change.Kind)+" "+change.ID)
	}
	if s := strings.Join(got, ", "); s != "broken proto/pass, blind peer/flaky, fixed proto/panic, other peer/hang, new wire/new, gone wire/skip" {
		t.Errorf("got %s", s)
	}
	if len(c.Paces) != 1 || c.Paces[0].ID != "proto/pass" || c.Paces[0].B != 900 {
		t.Errorf("times: %+v", c.Paces)
	}
}

func TestCompare_SameReports(t *testing.T) {
	c := Compare(New(everyVerdict()), New(everyVerdict()))
	var b strings.Builder
	if err := c.Text(&b); err != nil || len(c.Changes)+len(c.Paces) != 0 || !strings.Contains(b.String(), "the same verdict in both") {
		t.Errorf("%v, %+v\n%s", err, c.Changes, b.String())
	}
	b.Reset()
	if err := c.HTML(&b); err != nil || !strings.Contains(b.String(), "the same verdict in both") || !strings.Contains(b.String(), `<header class="conforms">`) {
		t.Errorf("%v\n%.300s", err, b.String())
	}
}
