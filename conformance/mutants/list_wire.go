package mutants

// frameMutants are faults of the frame (chapter 5).
func frameMutants() []Mutant {
	return []Mutant{
		at("size-excludes-itself", "counts the frame's size without the size field", "wire/fast-example-0001", "FRAME-001"),
		at("size-little-endian", "writes and reads the size with its lowest byte first", "wire/fast-example-0001", "FRAME-001"),
		at("size-minimum-unchecked", "takes a size below that of any frame", "wire/frame-size-0001", "FRAME-003"),
		at("id-unchecked", "reads frames of any protocol id", "wire/frame-proto-0001", "FRAME-005"),
		at("filter-count-unchecked", "takes more filter ids than the frame has room for", "wire/frame-count-0001", "FRAME-006"),
		at("unknown-filter-skipped", "leaves out filters that it does not know", "proto/pipe-unknown-read", "PROTO-019", "FRAME-007"),
		at("reads-one-byte-on", "reads a byte more than the frame has", "proto/stream-coalesced", "FRAME-017"),
		at("reads-ahead", "reads on behind the frame and loses what came early", "proto/stream-coalesced", "FRAME-010", "PROTO-012", "FRAME-017"),
		at("size-off-read", "sets a size one too small when it reads", "proto/roundtrip-size", "PROTO-007", "FAST-017"),
		at("size-off-written", "sets a size one too small when it writes", "proto/roundtrip-size", "PROTO-007"),
		at("size-of-payload", "sets the size of the undone payload when it reads", "proto/pipe-size", "PROTO-007", "FAST-017"),
	}
}

// streamMutants are faults between the frame and the stream (chapters 5 and 14).
func streamMutants() []Mutant {
	return []Mutant{
		at("two-writes", "writes a frame in two pieces", "proto/write-once", "PROTO-003", "FRAME-016"),
		at("packets-mixed", "mixes packets of several goroutines", "proto/concurrent-pack", "PROTO-008"),
		at("short-read-taken", "takes a short read for a whole one", "proto/stream-one-byte", "PROTO-011", "FRAME-009"),
		at("short-write-ignored", "takes no notice of a writer that takes less than it was given", "proto/write-short", "PROTO-005"),
		at("short-write-retried", "writes the rest after a short write", "proto/write-short", "PROTO-005"),
		at("writer-error-hidden", "reports success when the writer failed", "proto/write-error", "PROTO-005"),
		at("written-before-encoded", "writes the beginning of a frame whose body does not encode", "proto/body-unencodable", "PROTO-004", "FAST-020"),
		at("cut-is-clean-end", "takes a cut packet for a clean end", "proto/end-cut-every-byte", "PROTO-010", "FRAME-012"),
		at("clean-end-is-cut", "takes a clean end for a cut packet", "proto/end-clean", "PROTO-010", "FRAME-011"),
		at("clean-end-wrapped", "wraps the clean end in an error", "proto/end-clean", "PROTO-010", "FRAME-011"),
		at("reader-error-hidden", "takes a reader's error for a clean end", "proto/end-read-error-between", "PROTO-027"),
		hang(at("hangs-on-cut", "never comes back from a cut packet", "proto/end-cut-every-byte", "PROTO-010")),
		crash(at("panics-on-version", "panics on another protocol id", "proto/hostile-garbage", "PROTO-015")),
		crash(at("panics-on-bad-header", "panics on a header field that does not fit", "proto/hostile-bytes-changed", "PROTO-015")),
		at("memory-before-bytes", "takes memory for the whole frame before its bytes are there", "proto/memory-claim", "LIM-010", "FRAME-013", "PROTO-015"),
		at("stream-lost-after-body", "loses the place in the stream when a body does not decode", "proto/bind-undecodable", "PROTO-025"),
	}
}

// fieldMutants are faults of the payload's fields (chapters 4 and 6).
func fieldMutants() []Mutant {
	return []Mutant{
		at("seq-32-bits", "writes the low 32 bits of seq", "proto/roundtrip-seq", "FAST-003", "PROTO-009"),
		at("seq-53-bits", "reads seq through a double", "proto/roundtrip-seq", "FAST-003", "PROTO-009"),
		at("unknown-type-refused", "refuses packet types that it does not know", "proto/roundtrip-ptype", "FAST-004", "PROTO-009"),
		at("unknown-type-zeroed", "reads packet types that it does not know as 0", "proto/roundtrip-ptype", "FAST-004", "PROTO-009"),
		at("uri-escaped", "writes the uri escaped", "proto/roundtrip-uri", "FAST-010", "PROTO-009"),
		at("uri-cleaned", "takes a slash off the end of the uri", "proto/roundtrip-uri", "PROTO-009"),
		at("uri-made-valid-utf8", "replaces what is not UTF-8 in the uri", "proto/roundtrip-uri-bytes", "FAST-011", "PROTO-009"),
		at("empty-uri-refused", "refuses an empty uri", "proto/roundtrip-minimal", "FAST-012", "PROTO-009"),
		at("no-codec-refused", "refuses codec 0", "proto/roundtrip-minimal", "FAST-013", "CODEC-004", "PROTO-009"),
		at("codec-lost", "writes codec 0 beside an empty body", "proto/roundtrip-minimal", "PROTO-009"),
		at("missing-codec-taken", "takes a payload that ends before the codec", "wire/fast-payload-cut-0012", "FAST-008"),
		at("field-cut-to-fit", "cuts a field that runs past the payload", "wire/fast-uri-length-0001", "FAST-006"),
		at("body-ends-at-zero", "ends the body at its first zero byte", "proto/roundtrip-body-bytes", "FAST-009", "PROTO-009"),
		at("body-trimmed", "takes white space off the body", "proto/roundtrip-body-bytes", "FAST-009", "PROTO-009"),
		at("body-in-16-bits", "reads at most 65,535 bytes of a body", "proto/roundtrip-body-sizes", "FAST-009", "PROTO-009"),
	}
}

// metaMutants are faults of the metadata (chapter 8).
func metaMutants() []Mutant {
	return []Mutant{
		at("meta-reversed", "writes metadata from last to first", "proto/meta-order", "META-001", "META-003"),
		at("meta-sorted", "writes metadata sorted by key", "proto/meta-order", "META-001", "META-003"),
		at("meta-repeats-dropped", "writes only the first pair of a key", "proto/meta-order", "META-001"),
		at("meta-last-wins", "keeps only the last pair of a key that it reads", "proto/meta-peek", "META-014"),
		at("meta-keys-folded", "reads keys in lower case", "proto/meta-case", "META-002"),
		at("meta-joined-by-semicolon", "joins pairs by semicolons", "wire/meta-recorded-encode-0003", "META-003"),
		at("meta-empty-value-with-sign", "writes the sign of equality before an empty value", "wire/meta-recorded-encode-0007", "META-004"),
		at("meta-empty-value-dropped", "drops pairs with an empty value", "proto/meta-empty-parts", "META-007"),
		at("meta-empty-key-dropped", "drops pairs with an empty key", "proto/meta-empty-parts", "META-007"),
		at("meta-unescaped", "writes metadata as it is", "proto/meta-special", "META-005"),
		at("meta-escapes-lower", "writes escapes with lower-case digits", "wire/meta-recorded-encode-0018", "META-005"),
		at("meta-space-as-plus", "writes a space as a plus", "wire/meta-recorded-encode-0016", "META-005"),
		at("meta-tilde-plain", "writes the tilde as it is", "wire/meta-recorded-encode-0024", "META-005"),
		at("meta-high-bytes-plain", "writes bytes above 7f as they are", "wire/meta-recorded-encode-0026", "META-005"),
		at("meta-escapes-vary", "writes every second packet's escapes with lower-case digits", "proto/write-deterministic", "FAST-015"),
		at("meta-empty-pair-sent", "writes pairs that are empty", "wire/meta-empty-pair-0001", "META-018"),
		at("meta-empty-pair-kept", "keeps empty pairs that it reads", "wire/meta-pairs-0002", "META-006"),
		at("meta-split-at-last-sign", "splits key and value at the last sign of equality", "wire/meta-recorded-decode-0008", "META-007"),
		at("meta-lower-digits-unknown", "does not undo escapes with lower-case digits", "wire/meta-decode-0006", "META-008"),
		at("meta-plus-kept", "keeps a plus as it is", "wire/meta-recorded-decode-0033", "META-009"),
		at("meta-lone-percent-dropped", "drops a percent sign that begins no escape", "wire/meta-decode-0001", "META-010"),
		at("bad-meta-refused", "refuses metadata with a broken escape", "wire/meta-recorded-decode-0018", "META-011"),
	}
}
