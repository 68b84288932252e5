package testee

import _ "embed"

//go:embed schema.json
var schema []byte

// Schema gives the JSON Schema (draft 2020-12) of the lines, in memory of the caller's.
func Schema() []byte { return append([]byte{}, schema...) }
