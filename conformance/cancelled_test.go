package conformance_test

import (
	"context"
	"testing"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

func TestCheckProto_CancelledRunIsUndecided(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := conformance.CheckProto(ctx, fast.New, conformance.Only("proto/version-*"))
	if r.OK() || len(r.Results) != 3 {
		t.Fatalf("a run that judged nothing reports %d results, OK %v", len(r.Results), r.OK())
	}
	for _, result := range r.Results {
		if result.Verdict != conformance.HarnessError {
			t.Errorf("%s: expected harness-error, got %s", result.Case, result.Verdict)
		}
	}
}
