// Package suite holds the conformance cases: what the standard demands, as code that judges.
//
// [ProtoCases] judges any [packet.Proto] through its public contract only, whatever its bytes are: over
// in-memory streams that count writes, give one byte at a time, fail on request or end anywhere. [WireCases]
// runs the golden vectors against a Proto that claims fast/1, json/1 or pb/1. Every case has an id for ever, the ids of the
// requirements that it can falsify, and a level; package runner runs them, package conformance is the front
// door for users.
//
// The cases bring their own filters and codecs in registries of their own, and a [packet.Env] with the limits
// of the target: nothing process-wide is changed, and several batteries may run at once.
package suite
