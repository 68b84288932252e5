// Package report writes what a conformance run found, and compares two runs.
//
// The JSON report is the source: [New] makes a [Document] of a run, [Document.JSON] writes it, [Read] reads it back,
// and every other form is made of the Document: text for people ([Document.Text]), the Test Anything Protocol
// ([Document.TAP]), JUnit XML ([Document.JUnit]), Markdown ([Document.Markdown]) and one HTML page that needs nothing
// else ([Document.HTML]). report.schema.json ([Schema]) says what the JSON holds. [Compare] puts two documents side by
// side, as text or as a page. [Text] and [JSON] write a run without that step.
//
// [HexDiff] and [HexDump] show bytes so that one sees at a glance where they part and what they mean; [Frames] names
// the fields of the standard's frames, and [Trace] shows the bytes that a case exchanged.
//
// MUST and SHOULD are counted apart everywhere: only MUST cases decide whether a target conforms. Failures that a list
// of known failures expects are told apart, and decide nothing. Text that comes from a target is never trusted:
// control characters are shown as \x1b, and each form escapes what would be markup in it.
//
// Documents are plain values; functions here keep nothing and are safe for concurrent use.
package report
