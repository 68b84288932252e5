package judge

// Findings lists what was found in erpc, by number. The text is for people who use erpc or a Proto like its.
func Findings() []Finding {
	return append(findingsShared(), findingsSingle()...)
}

// everywhere names all Protos that are judged.
const everywhere = "raw json pb thrift"

// findingsShared are the faults that several Protos have.
func findingsShared() []Finding {
	return []Finding{
		{N: 1, Title: "seq has 32 bits", Where: everywhere, Reqs: "TP-PROTO-009 TP-FAST-003", Test: "TestFinding_SeqHas32Bits",
			What:   "`Header.Seq` is an int32. A Teleport packet with a larger seq cannot be put into a message.",
			Effect: "A gateway between the two has to renumber calls, and a long session of erpc comes back to numbers it has used.",
			signs:  []sign{{everywhere, "roundtrip-seq", "32 bits"}}},
		{N: 2, Title: "a cut connection looks like an orderly end", Where: everywhere, Reqs: "TP-PROTO-010 TP-FRAME-012", Test: "TestFinding_CutLooksLikeEnd",
			What:   "A stream that ends right behind the size (raw: also behind the pipe's length and ids; thrift: inside the size, and in v7 anywhere) gives `io.EOF`, the sign of a clean end.",
			Effect: "Whoever waits for `io.EOF` to tell an orderly close from a broken one is told the wrong thing.",
			signs:  []sign{{everywhere, "end-cut-*", "reported a clean end"}}},
		{N: 3, Title: "lengths inside a frame are believed", Where: "raw json pb", Reqs: "TP-PROTO-015", Test: "TestFinding_LengthsAreBelieved",
			What:   "The length of the pipe, and in raw those of seq, method, status and metadata, are used to slice without a look at what is there: `slice bounds out of range`, `index out of range`. Five bytes are enough.",
			Effect: "Any client can make the reader of its session panic. erpc's session recovers and ends that session; a program that uses the Proto or the socket alone dies.",
			signs:  []sign{{"raw", "hostile-* memory-garbage", "panicked"}, {"json pb", "hostile-*", "Unpack panicked"}}},
		{N: 4, Title: "byte 0xff behind a percent sign panics", Where: everywhere, Reqs: "TP-PROTO-015 TP-META-009", Test: "TestFinding_PercentFF",
			What:   "The table of hexadecimal digits in `utils` has 255 entries, so metadata or a status that contains `%`, any byte and 0xff, or `%` and 0xff, indexes past it.",
			Effect: "As above: one small message ends the session, or the program.",
			signs:  []sign{{"json pb 7/thrift", "hostile-*", "Unpack panicked"}}},
		{N: 5, Title: "memory is taken for what a length claims", Where: "raw json pb 6/thrift", Reqs: "TP-LIM-010 TP-FRAME-013 TP-PROTO-015", Test: "TestFinding_MemoryForClaims` and `TestFinding_MemoryForClaimsInThrift",
			What:   "The whole size is allocated before its bytes arrive: up to the message limit, which is 4 GiB in v6 and 1 GiB in v7 where nothing else is set. In v6 thrift lengths inside the frame are allocated unseen too, up to 2 GiB, whatever the limit.",
			Effect: "A few connections that send four bytes each take all memory of a server.",
			signs:  []sign{{"raw json pb 6/thrift", "memory-claim memory-garbage", "bytes of memory"}, {"6/thrift", "hostile-*", "the process died"}}},
		{N: 6, Title: "nothing bounds what a pipe expands to", Where: everywhere, Reqs: "TP-XFER-007 TP-XFER-008 TP-XFER-009 TP-LIM-002", Test: "TestFinding_GzipBomb",
			What:   "The limit counts the bytes on the wire. Filters are undone without one, and there is no way to set one.",
			Effect: "A gzip bomb of a few KiB takes a thousand times its size, more with two layers.",
			signs:  []sign{{everywhere, "limit-filter-* limit-payload memory-expansion memory-gzip-bomb memory-payload", "class limit"}}},
		{N: 7, Title: "the size leaves out its own four bytes", Where: "json pb", Reqs: "TP-PROTO-007 TP-PROTO-016 TP-PROTO-017", Test: "TestFinding_SizeLeavesOutFourBytes",
			What:   "`Size()` is four less than the bytes on the wire, after Pack and after Unpack, and that is what the limit is compared with. raw counts all.",
			Effect: "Statistics differ from those of raw for the same traffic; a limit lets four bytes more pass.",
			signs:  []sign{{"json pb", "roundtrip-size pipe-size", "set the size to"}, {"json pb", "limit-read-exact limit-write-exact", "expected an error of class limit, got no error"}}},
		{N: 8, Title: "a message over the limit makes Pack panic", Where: "json pb", Reqs: "TP-PROTO-017", Test: "TestFinding_PackOverTheLimit",
			What:   "The error of `SetSize` is thrown away. The size stays 0, the frame is made 4 bytes long, and writing the fifth panics: `index out of range [4] with length 4`.",
			Effect: "A handler that returns a large result does not get an error but a panic in the sender.",
			signs:  []sign{{"json pb", "limit-default", "Pack panicked"}}},
		{N: 9, Title: "a write that takes fewer bytes is taken for a success", Where: "raw json pb", Reqs: "TP-PROTO-005", Test: "TestFinding_ShortWrite",
			What:   "The number of bytes that the writer took is not looked at.",
			Effect: "Harmless over net.Conn; behind a writer that is short without an error the stream goes on with half a frame in it.",
			signs:  []sign{{"raw json pb", "write-short", "reported success"}}},
		{N: 10, Title: "errors do not say what they are", Where: everywhere, Reqs: "TP-PROTO-026", Test: "TestFinding_UntypedErrors",
			What:   "Only the message limit and the length of a pipe have an error that can be told from others; the rest is text, or thrift's exceptions.",
			Effect: "A session cannot choose between refusing one call and closing; monitoring has to match on text.",
			signs:  []sign{{"7/thrift", "hostile-typed", "without a *packet.Error"}}},
	}
}
