// Package attack is the engine of `teleport fuzz`: a fuzzer that knows the frame of the standard and sees no coverage.
//
// It changes inputs with an eye for their structure ([Mutator]: lengths that lie, fields twice or not at all, pipes in
// pipes, truncation, tokens of a dictionary), runs each against a [Subject] and keeps those of which something new
// came: another verdict, class, stage or shape of packet. Subjects are the targets of package fuzz ([Builtin]) and
// testees in any language, over the contract of package testee ([OpenExec]), where the oracle says what has to come of
// an input. What is wrong is confirmed, made smaller, and told once a cause ([Run]).
//
// Where the coverage of Go code is to guide the search, `go test -fuzz` on the same targets is the way.
package attack
