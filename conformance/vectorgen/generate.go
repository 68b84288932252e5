package vectorgen

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/henrylee2cn/teleport/vectors"
)

// areas are the builders, in the order of the files.
var areas = []func() (*area, error){
	func() (*area, error) { return frameArea(), nil },
	func() (*area, error) { return fastArea(), nil },
	func() (*area, error) { return uriArea(), nil },
	func() (*area, error) { return typeArea(), nil },
	func() (*area, error) { return codecArea(), nil },
	func() (*area, error) { return pipeArea(), nil },
	metaArea,
	func() (*area, error) { return gzipArea(), nil },
	rerrorArea,
	func() (*area, error) { return streamArea(), nil },
	func() (*area, error) { return limitArea(), nil },
	func() (*area, error) { return crcArea(), nil },
	func() (*area, error) { return zstdArea(), nil },
	func() (*area, error) { return aeadArea(), nil },
	func() (*area, error) { return jsonArea(), nil },
	func() (*area, error) { return pbArea(), nil },
	promotedArea,
}

// besides are the files that are not built but have their sums in the index: the schema and what was recorded.
var besides = []string{
	"schema/vectors.schema.json",
	"interop/dialogue-codecs-and-pipes.json",
	"interop/dialogue-rerror-variants.json",
	"interop/dialogue-seq-numbers-and-callback.json",
	"interop/dialogue-simple-sample.json",
	"interop/fast-original.json",
	"interop/meta-original.json",
	"interop/rerror-original.json",
	"interop/snake-original.json",
}

// Generate builds every file of cases and index.json: file name in vectors/ to content. The same bytes every time.
func Generate() (map[string][]byte, error) {
	out := map[string][]byte{}
	index := vectors.Index{Format: vectors.Format, Standard: vectors.Standard}
	for _, build := range areas {
		a, err := build()
		if err != nil {
			return nil, err
		}
		if a == nil { // nothing has been promoted yet
			continue
		}
		raw, err := render(a.file)
		if err != nil {
			return nil, fmt.Errorf("vectorgen: area %s: %w", a.file.Area, err)
		}
		entry := IndexEntry(a.file.Area+".json", raw, a.file.Cases)
		index.Files = append(index.Files, entry)
		for _, c := range a.file.Cases {
			index.Totals.Add(c.Result)
		}
		out[entry.Name] = raw
	}
	for _, name := range besides {
		raw, err := fs.ReadFile(vectors.FS(), name)
		if err != nil {
			return nil, fmt.Errorf("vectorgen: %w", err)
		}
		index.Besides = append(index.Besides, vectors.IndexSum{Name: name, Sum: sumOf(raw)})
	}
	raw, err := json.MarshalIndent(index, "", "  ")
	if err != nil {
		return nil, err
	}
	out["index.json"] = append(raw, '\n')
	return out, nil
}

// IndexEntry is what index.json says of a file.
func IndexEntry(name string, raw []byte, cases []vectors.Case) vectors.IndexFile {
	entry := vectors.IndexFile{Name: name, Sum: sumOf(raw)}
	for _, c := range cases {
		entry.Counts.Add(c.Result)
	}
	return entry
}

func sumOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// render writes a file so that a diff shows one member of a case a line.
func render(f vectors.File) ([]byte, error) {
	cases := f.Cases
	f.Cases = nil
	head, err := members(f)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("{\n")
	for _, m := range head {
		if m.name == "cases" {
			continue
		}
		fmt.Fprintf(&out, "  %q: %s,\n", m.name, m.value)
	}
	out.WriteString("  \"cases\": [")
	for i, c := range cases {
		ms, err := members(c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.ID, err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    {\n")
		for j, m := range ms {
			comma := ","
			if j == len(ms)-1 {
				comma = ""
			}
			fmt.Fprintf(&out, "      %q: %s%s\n", m.name, m.value, comma)
		}
		out.WriteString("    }")
	}
	out.WriteString("\n  ]\n}\n")
	return out.Bytes(), nil
}

// member is one member of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members gives the members of a value's JSON object in their order.
func members(v any) ([]member, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(&raw)
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	var out []member
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)}
		if err := dec.Decode(&m.value); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}
