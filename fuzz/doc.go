// Package fuzz attacks the decoders. Each target has an oracle: it is not enough that nothing panics.
//
//	go test -run '^$' -fuzz '^FuzzDecodeFast$' -fuzztime 1m -fuzzminimizetime 10s -parallel 2 ./fuzz
//
// [Targets] lists them: the decoders of fast/1, json/1 and pb/1, streams, round trips, filters, a replay guard, metadata, reply errors,
// uris, codecs, packets that are used again, and a live peer. Most hold the reference against the naive second
// implementation in package conformance/oracle; the others against laws of the standard. The seeds are the golden
// vectors and what was recorded from the original.
//
// [Proto] does the same for a Proto of one's own, in three lines:
//
//	func FuzzMyProto(f *testing.F) {
//		fuzz.Proto(f, myproto.New)
//	}
//
// A [Target] runs anywhere, not in go test alone: see [Target.Check].
package fuzz
