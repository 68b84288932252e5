package conformance

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// sink dials a peer that reads everything and never answers.
func sink(t *testing.T) func(context.Context) (net.Conn, error) {
	t.Helper()
	return func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() { // ends when the case closes its side
			buf := make([]byte, 4096)
			for {
				if _, err := theirs.Read(buf); err != nil {
					return
				}
			}
		}()
		return ours, nil
	}
}

func TestCheckPeer_SilenceIsAFailure(t *testing.T) {
	for _, pattern := range []string{"peer/pull-echo", "peer/fault-type-4", "peer/callback-pull"} {
		r := CheckPeer(t.Context(), sink(t), Only(pattern), WithTimeout(200*time.Millisecond))
		if len(r.Results) != 1 || r.Results[0].Verdict != Fail || !strings.Contains(r.Results[0].Detail, "time limit") {
			t.Errorf("%s: got %+v, want a fail that says what was waited for", pattern, r.Results)
		}
	}
}

func TestCheckPeer_ClosingIsAFailure(t *testing.T) {
	dial := func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		theirs.Close()
		return ours, nil
	}
	r := CheckPeer(t.Context(), dial, Only("peer/pull-echo"))
	if len(r.Results) != 1 || r.Results[0].Verdict != Fail || !strings.Contains(r.Results[0].Detail, "the connection ended") {
		t.Errorf("got %+v", r.Results)
	}
}

func TestCheckPeer_NoConnectionIsNoVerdict(t *testing.T) {
	dial := func(context.Context) (net.Conn, error) { return nil, net.ErrClosed }
	r := CheckPeer(t.Context(), dial, Only("peer/pull-echo"))
	if len(r.Results) != 1 || r.Results[0].Verdict != HarnessError || r.OK() {
		t.Errorf("got %+v", r.Results)
	}
}

func TestWithout_UnknownFeatureIsNoVerdict(t *testing.T) {
	r := CheckPeer(t.Context(), sink(t), Only("peer/pull-echo"), Without("pipes"))
	if len(r.Results) != 1 || r.Results[0].Verdict != HarnessError || !strings.Contains(r.Results[0].Detail, `"pipes"`) {
		t.Errorf("got %+v", r.Results)
	}
}
