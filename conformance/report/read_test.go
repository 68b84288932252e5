package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSchema_HoldsForReports(t *testing.T) {
	schema := compile(t)
	traced := everyVerdict()
	traced.Traced = true
	for name, r := range map[string]*runner.Report{
		"every verdict": everyVerdict(), "with traces": traced, "a sample": sampleReport(), "empty": {},
		"without a chapter": {Results: []runner.Result{{Case: "harness/features", Verdict: runner.HarnessError}}},
	} {
		var b bytes.Buffer
		if err := JSON(&b, r); err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Read(&b); err != nil {
			t.Errorf("%s: Read refuses it: %v", name, err)
		}
	}
}

func TestSchema_RefusesOthers(t *testing.T) {
	schema := compile(t)
	for _, change := range [][2]string{{`"format": 1`, `"format": 2`}, {`"verdict": "hang"`, `"verdict": "slow"`}, {`"level": "SHOULD"`, `"level": "MAY"`},
		{`"dir": "sent"`, `"dir": "up"`}, {`"mark": "flaky"`, `"mark": "odd"`}, {`"standard"`, `"norm"`}} {
		var b bytes.Buffer
		if err := JSON(&b, everyVerdict()); err != nil {
			t.Fatal(err)
		}
		changed := strings.Replace(b.String(), change[0], change[1], 1)
		if changed == b.String() {
			t.Fatalf("%q is not in the report", change[0])
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(changed))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("the schema takes %s", change[1])
		}
	}
}

func TestRead_RefusesWhatIsNoReport(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, everyVerdict()); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	for _, c := range []struct{ name, file, member, says string }{
		{"nothing", "", "", "EOF"},
		{"no JSON", "conforms", "", "at byte 1"},
		{"cut", good[:len(good)/2], "", "EOF"},
		{"two documents", good + good, "", "more follows"},
		{"another JSON", `{"cases":[]}`, "format", "got 0, this version reads 1"},
		{"a later format", `{"format":2,"cases":[]}`, "format", "got 2"},
		{"no cases", `{"format":1}`, "cases", "missing"},
		{"a wrong type", `{"format":"1"}`, "format", "expected int"},
		{"an unknown verdict", strings.Replace(good, `"verdict": "hang"`, `"verdict": "slow"`, 1), "cases[1].verdict", `got "slow"`},
		{"an unknown mark", strings.Replace(good, `"mark": "flaky"`, `"mark": "odd"`, 1), "cases[0].mark", `got "odd"`},
		{"an unknown level", strings.Replace(good, `"level": "SHOULD"`, `"level": "MAY"`, 1), "cases[3].level", `got "MAY"`},
		{"no id", strings.Replace(good, `"id": "peer/flaky"`, `"id": ""`, 1), "cases[0].id", "missing"},
		{"bad hex", strings.Replace(good, `"bytes": "0000`, `"bytes": "zz00`, 1), "", "hex"},
		{"a length that lies", strings.Replace(good, `"len": 5000`, `"len": 1`, 1), "cases[4].trace[1]", "len 1"},
		{"an outcome that its cases deny", strings.Replace(good, `"ok": false`, `"ok": true`, 1), "ok", "its cases say false"},
		{"totals that its cases deny", strings.Replace(good, `"hang": 1`, `"hang": 2`, 1), "totals.must", "its cases say"},
	} {
		_, err := Read(strings.NewReader(c.file))
		fault, ok := errors.AsType[*FormatError](err)
		if !ok || !strings.Contains(err.Error(), c.says) || c.member != "" && fault.Member != c.member {
			t.Errorf("%s: expected a FormatError at %q with %q, got %v", c.name, c.member, c.says, err)
		}
	}
}

func TestRead_PassesOnTheReadersError(t *testing.T) {
	broken := errors.New("the disk is gone")
	if _, err := Read(io.MultiReader(strings.NewReader(`{"format":1,`), failing{broken})); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestRead_TakesAnEarlierReport holds to the promise that members are only added.
func TestRead_TakesAnEarlierReport(t *testing.T) {
	const old = `{"format":1,"target":"x","ok":false,"totals":{"must":{"pass":0,"fail":1,"panic":0,"hang":0,"harness-error":0,"skipped":0},
		"should":{"pass":0,"fail":0,"panic":0,"hang":0,"harness-error":0,"skipped":0},"chapters":[]},
		"cases":[{"id":"proto/a","requirements":["TP-PROTO-003"],"level":"MUST","verdict":"fail","detail":"d","ms":1,"chapter":"14 Proto contract","title":"t","later":1}]}`
	d, err := Read(strings.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := d.HTML(&b); err != nil || d.Outcome != Nonconform || len(d.Totals.Chapters) != 1 || !strings.Contains(b.String(), "TP-PROTO-003") {
		t.Errorf("%v, %+v", err, d.Totals)
	}
}

func TestNew_KeepsTracesOfPassesOnRequestOnly(t *testing.T) {
	r := everyVerdict()
	count := func(d *Document) (n int) {
		for _, c := range d.Cases {
			n += len(c.Trace)
		}
		return n
	}
	without := count(New(r))
	r.Traced = true
	if with := count(New(r)); without != 2 || with != 3 {
		t.Errorf("%d pieces without --trace, %d with", without, with)
	}
	var doc map[string]any
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil || doc["requirements"].(map[string]any)["TP-PROTO-003"] == nil {
		t.Errorf("the sentences are missing: %v", err)
	}
}
