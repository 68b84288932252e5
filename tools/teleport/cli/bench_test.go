package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestBench_ExitCodes(t *testing.T) {
	for _, tt := range []struct {
		args string
		code int
		says string
	}{
		{"bench --workload slow", ExitUsage, "expected closed, open"},
		{"bench --rate 10 --workload push", ExitUsage, "--rate"},
		{"bench --clients x", ExitUsage, "clients"},
		{"bench --bars=1 --from no-such-file.json", ExitFail, "no-such-file.json"},
		{"bench serve --listen nowhere:port", ExitUsage, "--listen"},
	} {
		var out, errs bytes.Buffer
		if code := Main(strings.Fields(tt.args), nil, &out, &errs); code != tt.code {
			t.Errorf("%s: exit code %d, want %d: %s", tt.args, code, tt.code, errs.String())
		}
		if !strings.Contains(errs.String(), tt.says) {
			t.Errorf("%s: says %q, nothing of %q", tt.args, errs.String(), tt.says)
		}
	}
}
