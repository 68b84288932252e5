package conformance_test

import (
	"context"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// TestCheckProto_CatchesMutants breaks one thing at a time on a good Proto and names the case that has to
// see it, and with which verdict.
func TestCheckProto_CatchesMutants(t *testing.T) {
	for _, m := range []struct {
		fault  string
		proto  packet.ProtoFunc
		killer string
		want   conformance.Verdict
	}{
		{"writes a frame in two pieces", twoWrites, "proto/write-once", conformance.Fail},
		{"reports a size that is off by one", sizeOff, "proto/roundtrip-size", conformance.Fail},
		{"takes a cut packet for a clean end", swallowedEOF, "proto/end-cut-every-byte", conformance.Fail},
		{"takes a short read for a whole one", shortRead, "proto/stream-one-byte", conformance.Fail},
		{"lets bodies alias its read buffer", aliasedBody, "proto/alias-earlier", conformance.Fail},
		{"leaves metadata of an earlier packet", staleMeta, "proto/reuse-unpack", conformance.Fail},
		{"checks the limit after taking the memory", lateLimit, "proto/memory-limit", conformance.Fail},
		{"applies the pipe from first to last", reversedPipe, "proto/pipe-order-pack", conformance.Fail},
		{"undoes the pipe from last to first", reversedPipe, "proto/pipe-order-unpack", conformance.Fail},
		{"accepts filters nobody registered", anyFilter, "proto/pipe-unknown-read", conformance.Fail},
		{"panics on garbage", panicky, "proto/hostile-garbage", conformance.Panic},
		{"ends its goroutine on garbage", quitter, "proto/hostile-garbage", conformance.Panic},
		{"hangs on a cut packet", hanging, "proto/end-cut-every-byte", conformance.Hang},
		{"mixes packets of several goroutines", mixing, "proto/concurrent-pack", conformance.Fail},
		{"writes before it has encoded", writesFirst, "proto/body-unencodable", conformance.Fail},
		{"tries a short write again", retries, "proto/write-short", conformance.Fail},
		{"ignores a short write", ignoresShort, "proto/write-short", conformance.Fail},
		{"changes its name", renamed, "proto/version-stable", conformance.Fail},
		{"keeps the limits of its first packet", firstLimits, "proto/limit-per-packet", conformance.Fail},
		{"loses what it read ahead", readAhead, "proto/stream-coalesced", conformance.Fail},
		{"hides a reader's error as an end", hiddenError, "proto/end-read-error-between", conformance.Fail},
		{"keeps the last packet", retaining, "proto/retain-nothing", conformance.Fail},
		{"refuses codecs it does not know", eager, "proto/roundtrip-codec", conformance.Fail},
		{"keeps 53 bits of seq", floatSeq, "proto/roundtrip-seq", conformance.Fail},
		{"tells a frame's length one byte off", wrongLength, "proto/framer-length", conformance.Fail},
		{"appends over what was there", overwriting, "proto/framer-append-prefix", conformance.Fail},
		{"frames a limit the plain path does not have", laxPlain, "proto/framer-agree-limits", conformance.Fail},
		{"changes the packet it packs", touching, "proto/roundtrip-packet-kept", conformance.Fail},
		{"changes a header byte on the wire, both ways", otherOrder, "wire/fast-example-0001", conformance.Fail},
		{"fails in its ProtoFunc", noProto, "proto/version-named", conformance.Panic},
	} {
		t.Run(m.fault, func(t *testing.T) {
			timeout := 20 * time.Second
			if m.want == conformance.Hang {
				timeout = 50 * time.Millisecond
			}
			r := conformance.CheckProto(t.Context(), m.proto, conformance.Only(m.killer), conformance.WithTimeout(timeout))
			if len(r.Results) != 1 || r.Results[0].Verdict != m.want {
				t.Fatalf("expected the one verdict %s, got %+v", m.want, r.Results)
			}
			if r.OK() || len(r.Failures()) != 1 || r.Failures()[0].Detail == "" {
				t.Errorf("the report calls it conforming, or does not say why it is not: %+v", r)
			}
		})
	}
}

// TestCheckProto_CatchesMutantsInWholeBattery shows that a mutant made to slip through one battery does not
// slip through the other, and that one fault leaves innocent cases green.
func TestCheckProto_CatchesMutantsInWholeBattery(t *testing.T) {
	r := conformance.CheckProto(t.Context(), otherOrder, conformance.Only("proto/roundtrip-*"), conformance.Only("proto/framer-*"))
	if !r.OK() {
		t.Errorf("a Proto with bytes of its own must pass the battery that judges any bytes: %+v", r.Failures())
	}
	r = conformance.CheckProto(t.Context(), otherOrder, conformance.Only("wire/fast-*"))
	if n := len(r.Failures()); r.OK() || n == 0 || n == len(r.Results) {
		t.Errorf("%d of %d vectors failed, expected some", n, len(r.Results))
	}
}

func TestCheckProto_CancelledRunIsUndecided(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := conformance.CheckProto(ctx, fastNew, conformance.Only("proto/version-*"))
	if r.OK() || len(r.Results) != 3 {
		t.Fatalf("a run that judged nothing reports %d results, OK %v", len(r.Results), r.OK())
	}
	for _, result := range r.Results {
		if result.Verdict != conformance.HarnessError {
			t.Errorf("%s: expected harness-error, got %s", result.Case, result.Verdict)
		}
	}
}
