package mutants

import "strings"

// limitMutants are limits that are off by one, each in both directions (chapter 13).
func limitMutants() []Mutant {
	var out []Mutant
	for _, l := range []struct{ what, name, low, lowReqs, high, highReqs string }{
		{"read-packet", "the packet limit when it reads", "proto/limit-read-exact", "LIM-005", "proto/limit-read-exact", "PROTO-016 LIM-001 LIM-005"},
		{"write-packet", "the packet limit when it writes", "proto/limit-write-exact", "PROTO-017", "proto/limit-write-exact", "PROTO-017 FRAME-014"},
		{"read-payload", "the payload limit", "wire/limit-payload-0001", "LIM-005", "wire/limit-payload-0003", "XFER-008"},
		{"read-filter", "the limit on what a filter gives", "proto/limit-filter-exact", "LIM-005", "proto/limit-filter-exact", "XFER-007 LIM-002 LIM-005"},
		{"read-uri", "the uri limit when it reads", "proto/limit-uri", "LIM-005", "proto/limit-uri", "LIM-003 LIM-005"},
		{"read-meta", "the metadata limit when it reads", "wire/limit-meta-0001", "LIM-005", "wire/limit-meta-0002", "META-016"},
		{"read-pairs", "the pair limit when it reads", "proto/limit-meta-pairs", "LIM-005", "proto/limit-meta-pairs", "META-017 LIM-004 LIM-005"},
		{"write-uri", "the uri limit when it writes", "wire/limit-send-0005", "LIM-012", "wire/uri-long-0013", "LIM-012"},
		{"write-meta", "the metadata limit when it writes", "wire/limit-send-0005", "META-019", "wire/meta-refuse-0001", "META-019"},
		{"write-pairs", "the pair limit when it writes", "wire/limit-send-0005", "META-019", "proto/limit-meta-write", "META-019"},
	} {
		out = append(out,
			at(l.what+"-limit-too-low", "draws "+l.name+" one too low", l.low, strings.Fields(l.lowReqs)...),
			at(l.what+"-limit-too-high", "draws "+l.name+" one too high", l.high, strings.Fields(l.highReqs)...))
	}
	return append(out,
		at("limit-after-memory", "checks the packet limit after it has read the frame", "proto/memory-limit", "PROTO-016", "FRAME-004"),
		at("limits-remembered", "keeps the limits of its first packet", "proto/limit-per-packet", "PROTO-016"),
		at("limit-untyped", "refuses too large a packet with an error that does not wrap ErrExceedPacketSizeLimit", "proto/limit-read-exact", "PROTO-016"),
		at("write-limit-unchecked", "writes packets over the packet limit", "proto/limit-write-exact", "PROTO-017", "FRAME-014"),
		at("write-limit-before-pipe", "counts the packet limit before the pipe", "proto/limit-write-pipe", "PROTO-017", "FAST-016"),
		at("payload-limit-unchecked", "takes a payload without filters of any size", "proto/limit-payload", "LIM-002", "XFER-008", "LIM-005"),
		at("expansion-unbounded", "undoes a filter wholly before it looks at the limit", "proto/memory-expansion", "XFER-007", "LIM-010"),
		at("expansion-bounded-at-the-end", "limits what the last filter gives, and no other", "proto/limit-filter-middle", "XFER-009"),
	)
}

// pipeMutants are faults of the transfer pipe (chapter 7).
func pipeMutants() []Mutant {
	return []Mutant{
		at("pipe-reversed", "applies the pipe from first to last, and undoes it so", "proto/pipe-order-pack", "XFER-002", "PROTO-018"),
		at("pipe-reversed-writing", "applies the pipe from first to last", "proto/pipe-order-pack", "XFER-002", "PROTO-018"),
		at("pipe-reversed-reading", "undoes the pipe from last to first", "proto/pipe-order-unpack", "XFER-003", "PROTO-018"),
		at("ids-written-reversed", "lists the filters from inner-most to outer-most", "proto/pipe-carried", "XFER-001", "PROTO-018", "PROTO-009"),
		at("ids-not-written", "applies the filters and does not list them", "proto/pipe-carried", "XFER-001", "PROTO-018", "PROTO-009"),
		at("pipe-not-reported", "does not tell the pipe of a packet that it read", "proto/pipe-carried", "PROTO-009"),
		at("pipe-first-filter-only", "applies one filter, whatever the pipe", "proto/pipe-order-pack", "XFER-002", "PROTO-018"),
		at("repeated-filter-refused", "refuses the same filter twice in a row", "proto/pipe-repeat", "XFER-004"),
		at("filters-of-the-process", "looks filters up in the process's registry instead of the packet's", "proto/pipe-registry", "PROTO-018"),
		at("filter-failure-skipped", "leaves out a filter that fails", "proto/pipe-pack-fails", "PROTO-018"),
		at("filter-data-passed-on", "takes filter data that cannot be undone as they are", "proto/pipe-data-broken", "XFER-006"),
		at("filter-error-hidden", "drops a filter's own error", "proto/pipe-data-broken", "XFER-006"),
		at("pipe-error-ignored", "sends a packet without the filter that it does not know", "proto/pipe-unknown-write", "FAST-018"),
		{ID: "proto-filter-input-changed", Fault: "has filters that change the bytes they were given", KilledBy: "proto/pipe-lent", Requirements: reqs("XFER-010"),
			Proto: withFilters(scribbling)},
	}
}

// bodyMutants are faults of what is done with bodies beside their codec (chapters 6 and 9).
func bodyMutants() []Mutant {
	return []Mutant{
		at("nil-body-as-null", "writes a nil body under JSON as null", "proto/body-nil", "FAST-021"),
		at("raw-body-encoded", "encodes a raw body", "proto/body-raw", "CODEC-008"),
		at("raw-body-needs-codec", "refuses a raw body under an unknown codec", "proto/body-raw", "CODEC-008"),
		at("unencodable-body-sent-empty", "sends a body that does not encode as an empty one", "proto/body-unencodable", "FAST-020"),
		at("codec-error-untyped", "reports a body that does not encode without its class", "proto/body-unencodable", "FAST-020"),
		at("unknown-codec-refused", "refuses a packet whose codec it does not know", "proto/roundtrip-codec", "FAST-014", "CODEC-008", "PROTO-009"),
		at("raw-body-dropped", "keeps no raw body", "proto/bind-raw-kept", "PROTO-021"),
		at("empty-body-decoded", "has the codec decode an empty body", "proto/bind-empty", "CODEC-005"),
		at("raw-target-decoded", "has the codec fill a target of raw bytes", "proto/bind-bytes", "CODEC-006"),
		at("body-error-swallowed", "reports no error for a body that does not decode", "proto/bind-undecodable", "CODEC-009"),
		at("newbody-ignored", "does not ask NewBody", "proto/bind-newbody", "PROTO-020"),
		at("newbody-twice", "asks NewBody twice", "proto/bind-newbody", "PROTO-020"),
		at("newbody-before-header", "asks NewBody before the header is filled", "proto/bind-newbody", "PROTO-020"),
		at("buffer-lent-to-values", "gives a target of raw bytes its read buffer", "proto/bind-owned", "CODEC-014", "PROTO-014"),
	}
}

// contractMutants are faults against the Proto contract (chapter 14).
func contractMutants() []Mutant {
	return []Mutant{
		at("name-changes", "has another name each time it is asked", "proto/version-stable", "PROTO-001"),
		at("name-empty", "has no name", "proto/version-named", "PROTO-002"),
		at("packet-changed", "changes the packet that it writes", "proto/roundtrip-packet-kept", "PROTO-006"),
		at("packet-not-reset", "leaves the packet before in a packet", "proto/reuse-unpack", "PROTO-013"),
		at("body-left-over", "leaves the body of the packet before in one that has none", "proto/reuse-body", "PROTO-013"),
		at("packet-put-back", "gives the packet that it wrote back to the pool", "proto/roundtrip-packet-kept", "PROTO-006"),
		at("instances-mixed", "mixes packets of several instances", "proto/concurrent-instances", "PROTO-008"),
		at("buffer-reused", "overwrites earlier bodies with its read buffer", "proto/alias-earlier", "PROTO-014"),
		at("retained-pack", "keeps the last packet that it wrote", "proto/retain-nothing", "PROTO-028"),
		at("retained-unpack", "keeps the last packet that it read", "proto/retain-nothing", "PROTO-028"),
		at("prefix-overwritten", "appends a frame over what was there", "proto/framer-append-prefix", "PROTO-024"),
		at("length-needs-more", "gives another length when more bytes are there", "proto/framer-length", "PROTO-023"),
		{ID: "proto-framer-length-off", Fault: "tells a frame's length one byte off", KilledBy: "proto/framer-length", Requirements: reqs("PROTO-023"), Proto: framerFault(offLength)},
		{ID: "proto-framer-limit-lost", Fault: "has a limit in Unpack that its Framer does not have", KilledBy: "proto/framer-agree-limits", Requirements: reqs("PROTO-022", "LIM-005"), Proto: framerFault(laxFramer)},
		{ID: "proto-framer-newbody-ignored", Fault: "asks NewBody in Unpack and not in ParseFrame", KilledBy: "proto/framer-agree", Requirements: reqs("PROTO-022"), Proto: framerFault(rawFramer)},
		{ID: "proto-framer-size-unset", Fault: "does not set the size in AppendFrame", KilledBy: "proto/framer-append", Requirements: reqs("PROTO-022", "PROTO-007"), Proto: framerFault(sizelessFramer)},
		{ID: "proto-type-turned", Fault: "turns a bit of the type on the wire, both ways", KilledBy: "wire/fast-example-0001", Requirements: reqs("FAST-002"), Proto: turnedType},
		crash(Mutant{ID: "proto-func-panics", Fault: "panics in its ProtoFunc", KilledBy: "proto/version-named", Requirements: reqs("PROTO-002"), Proto: noProto}),
	}
}
