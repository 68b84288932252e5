// Package gen makes values to test Teleport with: packets, metadata, pipes, uris, the errors of REPLYs,
// plans of how a stream arrives, limits, and damage to frames. They are generators for
// github.com/leanovate/gopter, each with a shrinker, so that what is left of a failing test is small.
//
//	parameters := gopter.DefaultTestParametersWithSeed(1)
//	properties := gopter.NewProperties(parameters)
//	properties.Property("my Proto keeps the uri", prop.ForAll(func(in gen.Packet) bool {
//		return through(in).Uri == in.Uri
//	}, gen.Packets(gen.Profile{})))
//	properties.TestingRun(t)
//
// Whoever wants all the laws that hold for any Proto calls properties.Proto of the package beside this one
// instead.
//
// # What is drawn
//
// Edges come often, not once in a blue moon: empty and longest values, ff and 00, bytes that are no UTF-8,
// characters that have to be escaped, seq 2^64-1, keys that repeat, pairs that are empty, a pipe of 255
// filters. The package's tests count them by class. What a generator gives depends on the random numbers of
// its gopter.GenParameters alone, so a seed brings back a run; the size parameter is not looked at.
//
// # Values
//
// Values are plain structs, slices and strings. A generator makes each anew; a test must not change it, for
// the shrinker works from it. [Packet] goes to and from the packets of the reference (Packet.New, [Read]) and
// of the oracle (Packet.Oracle). Everything here may be used from several goroutines at once, so far as
// gopter's parameters may.
package gen
