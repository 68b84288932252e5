package report_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/report"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// oneOff counts every packet's type up by one: many cases fail, with bytes to show.
type oneOff struct{ packet.Proto }

func (o oneOff) Pack(p *packet.Packet) error {
	p.SetPtype(p.Ptype() + 1)
	defer p.SetPtype(p.Ptype() - 1)
	return o.Proto.Pack(p)
}

// TestSchema_HoldsForARealRun judges a Proto with a fault and holds every member of the report to the schema.
func TestSchema_HoldsForARealRun(t *testing.T) {
	r := conformance.CheckProto(t.Context(), func(rw io.ReadWriter) packet.Proto { return oneOff{fast.New(rw)} },
		conformance.Only("wire/codec-*"), conformance.Only("proto/version-*"), conformance.WithTrace())
	d := report.New(r)
	diffs, traces := 0, 0
	for _, c := range d.Cases {
		diffs += len(c.Diffs)
		traces += len(c.Trace)
	}
	if d.OK || diffs < 10 || traces < 50 {
		t.Fatalf("OK %v, %d differences, %d pieces: the run has less to show than expected", d.OK, diffs, traces)
	}
	var file bytes.Buffer
	if err := d.JSON(&file); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
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
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Error(err)
	}
	if _, err := report.Read(&file); err != nil {
		t.Error(err)
	}
}
