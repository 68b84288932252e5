// Package report writes what a conformance run found: as text for people ([Text]), as JSON for programs
// ([JSON]), and compares bytes in a form that shows at a glance where they part ([HexDiff]).
//
// MUST and SHOULD are counted apart everywhere: only MUST cases decide whether a target conforms.
package report
