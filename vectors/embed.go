package vectors

import "embed"

// The files themselves, for whoever wants them raw: the cases by area, index.json, the schema, and in interop/ what was
// recorded from the original implementation.
//
//go:embed *.json schema/*.json interop/*.json
var files embed.FS
