// Package fuzz attacks the decoders. Each target has an oracle: it is not enough that nothing panics.
//
//	go test -run '^$' -fuzz '^FuzzDecodeFast$' -fuzztime 1m ./fuzz
//
// FuzzDecodeFast holds the reference decoder of fast/1 against the naive one of package
// conformance/oracle: the same verdict, class, stage and offset, or the same packet. FuzzDecodeJSON
// and FuzzDecodePB do the same for the payloads of json/1 and pb/1, FuzzMetadata for metadata. The seeds are the golden
// vectors.
package fuzz
