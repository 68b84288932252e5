// Package spec holds the Teleport standard: its chapters as Markdown, and what
// the chapters say as values.
//
// The text is the only source. Every normative sentence stands in a chapter
// behind an id such as TP-FRAME-004; [Requirements] and [Lookup] read them from
// the embedded text, [Examples] reads the worked examples, and [Check] finds
// the places where the text breaks its own rules (README.md of this folder,
// "How to read"). Nothing here judges an implementation: the conformance suite
// does, and names these ids.
//
// The package imports only the standard library. All functions parse once, are
// safe for concurrent use, and return fresh slices that the caller may change.
package spec

import "embed"

// FS holds the chapters and appendices, every Markdown file of this folder.
//
//go:embed *.md
var FS embed.FS

// Version is the version of the standard that the chapters describe.
const Version = "1.0"
