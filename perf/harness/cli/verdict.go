package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/perf/systems"
)

// conformTime bounds what the suite may take for one Proto.
const conformTime = 2 * time.Minute

// verdicts asks the conformance suite about our Protos of these names.
func verdicts(ctx context.Context, names []string) map[string]string {
	out := map[string]string{}
	for _, name := range names {
		if _, done := out[name]; done {
			continue
		}
		pf, ok := systems.Protos()[name]
		if !ok {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, conformTime)
		r := conformance.CheckProto(ctx, pf)
		cancel()
		switch failed := r.Failures(); {
		case r.OK():
			out[name] = fmt.Sprintf("conforms (%d cases)", len(r.Results))
		default:
			out[name] = fmt.Sprintf("does not conform: %d cases failed, as %s", len(failed), failed[0].Case)
		}
	}
	return out
}
