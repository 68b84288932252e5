// Package testee judges encoders and decoders that run in another process and may be written in any language.
//
// The two sides talk in lines of JSON: the judge writes to the testee's standard input and reads its standard
// output. README.md beside this file is the contract, schema.json its lines as a JSON Schema. The types of this
// package are the lines, [Session] is the judge's side, [Serve] a testee's side in Go. Two complete testees for
// others to start from, in Python and in JavaScript for Node, are in the folders python and node.
//
// A Session keeps one process for many cases. It starts another when a process crashed, fell silent or wrote
// something that is no answer, and tells these apart by type: [*Crash], [*Silence] and [*Fault]. Whatever a
// testee prints, it costs a bounded amount of memory.
package testee
