package fuzz

func allTargets() []Target {
	return []Target{
		{"DecodeFast", "the first frame of a stream of fast/1: verdict, class, stage, offset, fields, memory, bytes read, Framer, against the oracle",
			func() [][]byte { return distinct(vectorWires(""), recordedWires(), lies()) }, runDecodeFast},
		{"DecodeJSON", "a payload of json/1, against the oracle", jsonSeeds, runDecodeJSON},
		{"DecodePB", "a payload of pb/1, against the oracle", pbSeeds, runDecodePB},
		{"DecodeStream", "packets in a row, in segments and with an end of the fuzzer's choice, against the oracle", streamSeeds, runDecodeStream},
		{"RoundTrip", "a packet built by a script, encoded and decoded by both; encoding is a fixed point", packetSeeds, runRoundTrip},
		{"XferPipe", "pipes of every filter: undo is the inverse, limits are exact, hostile input is bounded; against the oracle", pipeSeeds, runXferPipe},
		{"Unzstd", "Zstandard frames with the right checksum, against the oracle", zstdSeeds, runUnzstd},
		{"Replay", "sealed payloads in any order, twice, late and changed, through a guard, against a list of what was met", replaySeeds, runReplay},
		{"ReplyError", "values of X-Reply-Error read and written, against the oracle", replyErrorSeeds, runReplyError},
		{"URIAndRouting", "uris against the steps of the standard, the router against two maps, through a live peer", routingSeeds, runURIAndRouting},
		{"Codecs", "bodies into ordinary and hostile types: bounded, stable, in memory of their own", codecSeeds, runCodecs},
		{"ReusedPacket", "a packet read into twice, against a fresh one", reusedSeeds, runReusedPacket},
		{"Metadata", "metadata decoded, encoded and changed, against the oracle and the form of the recorded tables", metadataSeeds, runMetadata},
		{"SessionScript", "a schedule of bytes, cuts and calls against a live peer in memory: every call ends, the session ends exactly where the oracle says, the other one is unharmed, no goroutine is left",
			sessionSeeds, runSessionScript},
	}
}
