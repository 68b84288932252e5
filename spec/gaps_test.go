package spec

import (
	"strings"
	"testing"
)

func TestGaps_RemovedIdsLeaveATrace(t *testing.T) {
	for _, tt := range []struct {
		name, text, missing string
	}{
		{"whole", "**[TP-FRAME-001]** A sender MUST write.\n\n**[TP-FRAME-002]** A receiver MUST read.", ""},
		{"withdrawn", "**[TP-FRAME-001]** (Withdrawn in 1.1: gone.)\n\n**[TP-FRAME-002]** A receiver MUST read.", ""},
		{"taken out", "**[TP-FRAME-002]** A receiver MUST read.", "TP-FRAME-001"},
		{"another area counts for itself", "**[TP-FRAME-001]** A sender MUST write.\n\n**[TP-FAST-002]** A receiver MUST read.", "TP-FAST-001"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := parseFS(chapters(tt.text)).gaps()
			if tt.missing == "" {
				if len(got) != 0 {
					t.Fatalf("got %v", got)
				}
				return
			}
			if len(got) != 1 || !strings.HasPrefix(got[0].Message, tt.missing+" is missing") {
				t.Fatalf("got %v, want one about %s", got, tt.missing)
			}
		})
	}
}
