package vectors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
)

// Index is index.json: what there is, with sums.
type Index struct {
	Format   int         `json:"format"`
	Standard string      `json:"standard"`
	Files    []IndexFile `json:"files"`
	Totals   Counts      `json:"totals"`
	// Besides are the sums of the schema and of the recorded files, which hold no cases.
	Besides []IndexSum `json:"besides"`
}

// IndexSum is the SHA-256 of one file, in hex.
type IndexSum struct {
	Name string `json:"name"`
	Sum  string `json:"sha256"`
}

// IndexFile is one file of the index. Sum is the SHA-256 of the file's bytes, in hex.
type IndexFile struct {
	Name   string `json:"name"`
	Sum    string `json:"sha256"`
	Counts Counts `json:"counts"`
}

// Counts are numbers of cases by result.
type Counts struct {
	Cases   int `json:"cases"`
	Valid   int `json:"valid"`
	Invalid int `json:"invalid"`
	Quirk   int `json:"quirk"`
}

// Add counts one case.
func (n *Counts) Add(r Result) {
	n.Cases++
	switch r {
	case Valid:
		n.Valid++
	case Invalid:
		n.Invalid++
	case Quirk:
		n.Quirk++
	}
}

// FS gives the raw files: the areas, index.json, schema/ and interop/.
func FS() fs.FS { return files }

// loaded parses the embedded files once.
var loaded = sync.OnceValues(func() ([]File, error) { return Load(files) })

// ParseIndex parses index.json. It refuses unknown members and another format.
func ParseIndex(raw []byte) (Index, error) {
	var index Index
	if err := parse(raw, &index); err != nil {
		return Index{}, err
	}
	if index.Format != Format {
		return Index{}, fmt.Errorf("format %d, this package reads %d", index.Format, Format)
	}
	return index, nil
}

// Load parses the files that index.json in fsys names, in its order. It refuses unknown members and another format.
func Load(fsys fs.FS) ([]File, error) {
	raw, err := fs.ReadFile(fsys, "index.json")
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	index, err := ParseIndex(raw)
	if err != nil {
		return nil, fmt.Errorf("vectors: index.json: %w", err)
	}
	var out []File
	for _, f := range index.Files {
		raw, err := fs.ReadFile(fsys, f.Name)
		if err != nil {
			return nil, fmt.Errorf("vectors: %w", err)
		}
		file, err := ParseFile(raw)
		if err != nil {
			return nil, fmt.Errorf("vectors: %s: %w", f.Name, err)
		}
		out = append(out, file)
	}
	return out, nil
}

// ParseFile parses one file of cases. It refuses unknown members and another format.
func ParseFile(raw []byte) (File, error) {
	var file File
	if err := parse(raw, &file); err != nil {
		return File{}, err
	}
	if file.Format != Format {
		return File{}, fmt.Errorf("format %d, this package reads %d", file.Format, Format)
	}
	return file, nil
}

func parse(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

// Files gives the embedded files, in the order of the index.
func Files() ([]File, error) {
	fs, err := loaded()
	return append([]File(nil), fs...), err
}

// All gives every embedded case, in the order of the files.
func All() ([]Case, error) {
	fs, err := loaded()
	if err != nil {
		return nil, err
	}
	var out []Case
	for _, f := range fs {
		out = append(out, f.Cases...)
	}
	return out, nil
}

// ByID gives the embedded case with that id.
func ByID(id string) (Case, error) {
	cases, err := All()
	if err != nil {
		return Case{}, err
	}
	for _, c := range cases {
		if c.ID == id {
			return c, nil
		}
	}
	return Case{}, fmt.Errorf("vectors: there is no case %q", id)
}
