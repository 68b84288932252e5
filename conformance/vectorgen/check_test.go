package vectorgen

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/henrylee2cn/teleport/vectors"
)

func TestCheck_EmbeddedVectors(t *testing.T) {
	r := Check(Options{})
	for _, p := range r.Problems {
		t.Error(p)
	}
	if r.Total.Cases < 400 {
		t.Errorf("%d cases, must be at least 400", r.Total.Cases)
	}
	if r.Total.Invalid*10 < r.Total.Cases*4 {
		t.Errorf("%d of %d cases are invalid, must be at least 40%%", r.Total.Invalid, r.Total.Cases)
	}
}

// one is a file system with the schema and one case of area "frame".
func one(t *testing.T, c map[string]any) fstest.MapFS {
	t.Helper()
	schema, err := vectors.FS().Open(schemaName)
	if err != nil {
		t.Fatal(err)
	}
	defer schema.Close()
	info, err := schema.Stat()
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, info.Size())
	if _, err := schema.Read(raw); err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(map[string]any{"format": 1, "standard": "1.0", "area": "frame", "comment": "test",
		"flags": map[string]string{"F": "a flag"}, "cases": []any{c}})
	if err != nil {
		t.Fatal(err)
	}
	entry := vectors.IndexFile{Name: "frame.json", Sum: sumOf(file)}
	entry.Counts.Add(vectors.Result(c["result"].(string)))
	index, err := json.Marshal(vectors.Index{Format: 1, Standard: "1.0", Files: []vectors.IndexFile{entry}, Totals: entry.Counts,
		Besides: []vectors.IndexSum{{Name: schemaName, Sum: sumOf(raw)}}})
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{schemaName: {Data: raw}, "frame.json": {Data: file}, "index.json": {Data: index}}
}

// goodCase is a case with which nothing is wrong: the bytes fe, of which a size cannot be read.
func goodCase() map[string]any {
	return map[string]any{"id": "frame-test-0001", "reqs": []string{"TP-FRAME-012"}, "since": "1.0", "kind": "decode", "result": "invalid",
		"stage": "frame", "error": "short", "offset": 1, "wire": "fe", "maxAlloc": 65540, "flags": []string{"F"}, "comment": "test",
		"fields": []any{map[string]any{"name": "size", "at": 0, "len": 1}}}
}

func TestCheck_PlantedFaults(t *testing.T) {
	if r := Check(Options{FS: one(t, goodCase())}); !r.OK() {
		t.Fatalf("the base is not good: %q", r.Problems)
	}
	for _, tt := range []struct {
		name  string
		plant map[string]any // nil values are removed
		want  string
	}{
		{"no id", map[string]any{"id": nil}, "schema"},
		{"bad id", map[string]any{"id": "frame_1"}, "schema"},
		{"id of another area", map[string]any{"id": "fast-test-0001"}, "area"},
		{"no requirement", map[string]any{"reqs": []string{}}, "schema"},
		{"requirement that is none", map[string]any{"reqs": []string{"TP-FRAME-999"}}, "TP-FRAME-999"},
		{"unknown member", map[string]any{"color": "red"}, "schema"},
		{"unknown kind", map[string]any{"kind": "guess"}, "schema"},
		{"unknown class", map[string]any{"error": "bad"}, "schema"},
		{"no offset", map[string]any{"offset": nil}, "schema"},
		{"no class", map[string]any{"error": nil}, "schema"},
		{"valid with a class", map[string]any{"result": "valid"}, "schema"},
		{"no wire", map[string]any{"wire": nil, "fields": nil}, "schema"},
		{"odd hex", map[string]any{"wire": "fef"}, "schema"},
		{"upper-case hex", map[string]any{"wire": "FE"}, "schema"},
		{"no allowance", map[string]any{"maxAlloc": nil}, "schema"},
		{"field past the end", map[string]any{"fields": []any{map[string]any{"name": "size", "at": 0, "len": 2}}}, "field"},
		{"flag without words", map[string]any{"flags": []string{"G"}}, "explain"},
		{"truncated with an offset", map[string]any{"expand": "truncate"}, "schema"},
		{"recipe too large", map[string]any{"wire": []any{map[string]any{"repeat": "0000", "times": 16777216}}, "fields": nil}, "more than"},
		{"wrong class", map[string]any{"error": "length"}, "oracle"},
		{"wrong stage", map[string]any{"stage": "payload"}, "oracle"},
		{"wrong offset", map[string]any{"offset": 2}, "oracle"},
		{"wrong result", map[string]any{"wire": "000000186600000000000000000001000000000000000000", "fields": nil}, "oracle"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := goodCase()
			maps.Copy(c, tt.plant)
			for name, v := range tt.plant {
				if v == nil {
					delete(c, name)
				}
			}
			r := Check(Options{FS: one(t, c)})
			if !strings.Contains(strings.Join(r.Problems, "\n"), tt.want) {
				t.Errorf("problems %q, want one with %q", r.Problems, tt.want)
			}
		})
	}
}

func TestCheck_SumsAndLists(t *testing.T) {
	changed := one(t, goodCase())
	changed["frame.json"].Data = append(changed["frame.json"].Data, '\n')
	if r := Check(Options{FS: changed}); !strings.Contains(strings.Join(r.Problems, "\n"), "run the generator") {
		t.Errorf("a changed file: %q", r.Problems)
	}
	more := one(t, goodCase())
	more["extra.json"] = &fstest.MapFile{Data: []byte("{}")}
	if r := Check(Options{FS: more}); !strings.Contains(strings.Join(r.Problems, "\n"), "does not list extra.json") {
		t.Errorf("a file too many: %q", r.Problems)
	}
}

// lying answers like the oracle, but for what a test changes.
type lying struct {
	Implementation
	decode func(Outcome) Outcome
	encode func([]byte) []byte
}

func (l lying) Name() string { return "lying" }

func (l lying) Decode(segments [][]byte, limits vectors.Limits) Outcome {
	return l.decode(l.Implementation.Decode(segments, limits))
}

func (l lying) Encode(p vectors.Packet, ops []vectors.Op, limits vectors.Limits) ([]byte, *Failure) {
	wire, f := l.Implementation.Encode(p, ops, limits)
	if f == nil {
		wire = l.encode(wire)
	}
	return wire, f
}

func TestCheck_OtherImplementations(t *testing.T) {
	honest := lying{Oracle(), func(o Outcome) Outcome { return o }, func(b []byte) []byte { return b }}
	with := func(change func(*lying)) lying {
		l := honest
		change(&l)
		return l
	}
	for _, tt := range []struct {
		name string
		imp  lying
		id   string // a case that must tell
	}{
		{"seq off by one", with(func(l *lying) {
			l.decode = func(o Outcome) Outcome {
				for i := range o.Packets {
					o.Packets[i].Seq += "0"
				}
				return o
			}
		}), "fast-seq-0002"},
		{"size forgotten", with(func(l *lying) {
			l.decode = func(o Outcome) Outcome {
				for i := range o.Packets {
					o.Packets[i].Size = 0
				}
				return o
			}
		}), "fast-body-0001"},
		{"body errors forgotten", with(func(l *lying) {
			l.decode = func(o Outcome) Outcome { o.Bodies = nil; return o }
		}), "codec-unknown-0001"},
		{"errors forgotten", with(func(l *lying) {
			l.decode = func(o Outcome) Outcome { o.Failure = nil; return o }
		}), "frame-size-0001"},
		{"panics", with(func(l *lying) { l.decode = func(Outcome) Outcome { panic("planted") } }), "fast-seq-0001"},
		{"writes one byte else", with(func(l *lying) {
			l.encode = func(b []byte) []byte { b[len(b)-1] ^= 1; return b }
		}), "fast-seq-0001"},
	} {
		c, err := vectors.ByID(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		if Judge(&c, honest, nil) != nil || Judge(&c, tt.imp, nil) == nil {
			t.Errorf("%s: case %s says of the honest one %v, of this one %v", tt.name, tt.id, Judge(&c, honest, nil), Judge(&c, tt.imp, nil))
		}
	}
	greedy := func(f func()) int64 { f(); return 1 << 40 }
	fsys := one(t, goodCase())
	if r := Check(Options{FS: fsys, Others: []Implementation{honest}, Measure: MeasureAllocated}); !r.OK() || len(r.Names) != 2 {
		t.Errorf("an honest one: asked %q, %q", r.Names, r.Problems)
	}
	r := Check(Options{FS: fsys, Others: []Implementation{honest}, Measure: greedy})
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], "lying") || !strings.Contains(r.Problems[0], "the allowance is 65540") {
		t.Errorf("a greedy one: %q", r.Problems)
	}
}

func TestMeasureAllocated(t *testing.T) {
	var keep []byte
	took := MeasureAllocated(func() { keep = make([]byte, 1<<20) })
	if took < 1<<20 || took > 2<<20 || len(keep) == 0 {
		t.Errorf("%d bytes for a slice of 1 MiB", took)
	}
}
