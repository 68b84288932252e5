package vectorgen

import (
	"bytes"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/henrylee2cn/teleport/vectors"
)

// schemaName is the file of the schema, schemaURL its $id.
const (
	schemaName = "schema/vectors.schema.json"
	schemaURL  = "https://github.com/henrylee2cn/teleport/vectors/schema/vectors.schema.json"
)

// checkFiles checks index.json, its sums and counts, and each file against the schema.
func checkFiles(r *Report, fsys fs.FS) {
	raw, err := fs.ReadFile(fsys, "index.json")
	if err != nil {
		r.problem("%v", err)
		return
	}
	index, err := vectors.ParseIndex(raw)
	if err != nil {
		r.problem("index.json: %v", err)
		return
	}
	schema, err := compileSchema(fsys)
	if err != nil {
		r.problem("%v", err)
		return
	}
	listed := map[string]bool{"index.json": true}
	var totals vectors.Counts
	for _, f := range index.Files {
		listed[f.Name] = true
		raw, err := fs.ReadFile(fsys, f.Name)
		if err != nil {
			r.problem("index.json: %v", err)
			continue
		}
		if err := validate(schema, raw); err != nil {
			r.problem("%s: against the schema: %v", f.Name, err)
		}
		file, err := vectors.ParseFile(raw)
		if err != nil {
			r.problem("%s: %v", f.Name, err)
			continue
		}
		if want := IndexEntry(f.Name, raw, file.Cases); want != f {
			r.problem("index.json: %s: is %+v, the file says %+v: run the generator", f.Name, f, want)
		}
		if f.Name != file.Area+".json" {
			r.problem("%s: holds area %q", f.Name, file.Area)
		}
		for _, c := range file.Cases {
			totals.Add(c.Result)
		}
	}
	if totals != index.Totals {
		r.problem("index.json: the totals are %+v, the files have %+v", index.Totals, totals)
	}
	for _, f := range index.Besides {
		listed[f.Name] = true
		raw, err := fs.ReadFile(fsys, f.Name)
		if err != nil {
			r.problem("index.json: %v", err)
		} else if sumOf(raw) != f.Sum {
			r.problem("index.json: %s: the sum of the file is %s, not %s", f.Name, sumOf(raw), f.Sum)
		}
	}
	for _, pattern := range []string{"*.json", "*/*.json"} {
		names, _ := fs.Glob(fsys, pattern) // the patterns are good
		for _, name := range names {
			if !listed[name] {
				r.problem("index.json: does not list %s", name)
			}
		}
	}
}

// compileSchema reads the schema of the files.
func compileSchema(fsys fs.FS) (*jsonschema.Schema, error) {
	raw, err := fs.ReadFile(fsys, schemaName)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaName, err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(schemaURL, doc); err != nil {
		return nil, fmt.Errorf("%s: %w", schemaName, err)
	}
	schema, err := c.Compile(schemaURL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaName, err)
	}
	return schema, nil
}

func validate(schema *jsonschema.Schema, raw []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}

// checkFlags demands that the flags of the head and those of the cases are the same.
func checkFlags(r *Report, f *vectors.File) {
	used := map[string]bool{}
	for _, c := range f.Cases {
		for _, flag := range c.Flags {
			used[flag] = true
			if f.Flags[flag] == "" {
				r.problem("%s: the head of the file does not explain flag %s", c.ID, flag)
			}
		}
	}
	for flag := range f.Flags {
		if !used[flag] {
			r.problem("area %s: no case has flag %s, which the head explains", f.Area, flag)
		}
	}
}

// checkCase checks what a schema cannot say.
func checkCase(r *Report, f *vectors.File, c *vectors.Case, known func(string) bool) {
	if !strings.HasPrefix(c.ID, f.Area+"-") {
		r.problem("%s: the id does not begin with the area %s", c.ID, f.Area)
	}
	for _, id := range c.Reqs {
		if !known(id) {
			r.problem("%s: the standard has no requirement %s", c.ID, id)
		}
	}
	wire, err := c.WireBytes()
	if err != nil {
		r.problem("%v", err)
		return
	}
	end := 0
	for _, field := range c.Fields {
		if field.At < end || field.At+field.Len > len(wire) {
			r.problem("%s: field %q covers bytes %d to %d of %d, or overlaps the one before", c.ID, field.Name, field.At, field.At+field.Len, len(wire))
		}
		end = field.At + field.Len
	}
	if c.Canonical && len(c.Wire) == 0 {
		r.problem("%s: is canonical and has no wire", c.ID)
	}
	for _, p := range append(c.Packets, packetsOf(c)...) {
		checkPacket(r, c, p)
	}
}

func packetsOf(c *vectors.Case) []vectors.Packet {
	if c.Packet == nil {
		return nil
	}
	return []vectors.Packet{*c.Packet}
}

func checkPacket(r *Report, c *vectors.Case, p vectors.Packet) {
	x := expander{}
	for _, b := range []vectors.Bytes{p.Uri, p.Body} {
		x.bytes(b)
	}
	for _, m := range p.Meta {
		x.bytes(m.Key)
		x.bytes(m.Value)
	}
	if x.err != nil {
		r.problem("%s: packet: %v", c.ID, x.err)
	}
}

// MeasureAllocated runs f and gives the bytes of heap memory that the process allocated meanwhile. The least of three
// runs counts, so that what is set up once, or by others, does not.
func MeasureAllocated(f func()) int64 {
	least := int64(-1)
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if took := int64(after.TotalAlloc - before.TotalAlloc); least < 0 || took < least {
			least = took
		}
	}
	return least
}
