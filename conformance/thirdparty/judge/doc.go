// Package judge lets the conformance suite judge Protos of another library: those of erpc, the successor of
// Teleport v3, whose packets ("messages") carry nearly the same fields as ours.
//
// A module beside this one, one for each version of erpc, turns a [Message] into erpc's own and back (a
// [Native]); [Host] does the rest, the same for all: it maps our packet to a Message, lends our filters to
// erpc's process-wide registry, sets erpc's process-wide size limit, and gives the few errors that erpc
// documents the class that the standard has for them. What erpc cannot say is not made up: the case fails, or
// needs a feature that is declared missing.
//
// [Check] runs the Proto battery, compares the verdicts with a file of known failures, wants a [Finding] behind
// each of them, and keeps the tables of the README current.
package judge
