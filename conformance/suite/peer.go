package suite

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
)

// Features of a peer; the cases that need one are skipped on request.
const (
	FeatureService  runner.Feature = "service"  // offers the conformance service of chapter 19
	FeatureCallback runner.Feature = "callback" // calls back: PUSHes and PULLs of its own
	FeatureGzip     runner.Feature = "gzip"     // knows the filter 'g'
	FeatureFlood    runner.Feature = "flood"    // may be flooded to find its bounds
)

// peerTopics are the parts of the peer battery, one a file (peer_*.go).
var peerTopics = []func(tg *Target) []runner.Case{
	peerPullCases, peerPushCases, peerMetaCases, peerErrorCases, peerOrderCases, peerPipeCases, peerFilterCases, peerStreamCases,
	peerFaultCases, peerCallbackCases, peerBoundCases, peerDeadlineCases, peerClosingCases,
	peerTesteeCases, peerLimitCases, peerCodeCases, peerMalformedCases, peerEndCases, peerRouteCases, peerAnswerCases, peerLoadCases, peerHoleCases,
}

// PeerCases gives the cases that talk raw bytes to the live peer behind tg.Dial, sorted by id.
func PeerCases(tg *Target) []runner.Case {
	var out []runner.Case
	for _, topic := range peerTopics {
		out = append(out, topic(tg)...)
	}
	slices.SortFunc(out, func(a, b runner.Case) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// peer builds one case of the peer battery that any peer can be judged by. reqs holds requirement ids,
// separated by spaces. Each run has connections of its own, which a testee that offers the service is told
// the case's id on.
func (tg *Target) peer(id, reqs, title string, do func(l *link), features ...runner.Feature) runner.Case {
	return tg.unannounced(id, reqs, title, func(l *link) {
		if !slices.Contains(l.t.Without(), FeatureService) {
			l.run.id = "peer/" + id
			l.announce()
		}
		do(l)
	}, features...)
}

// unannounced builds a case whose own bytes are the first of its connection.
func (tg *Target) unannounced(id, reqs, title string, do func(l *link), features ...runner.Feature) runner.Case {
	return runner.Case{
		ID:           "peer/" + id,
		Requirements: strings.Fields(reqs),
		Level:        runner.MUST,
		Title:        title,
		Features:     features,
		Run: func(ctx context.Context, t *runner.T) {
			l := newLink(ctx, tg, t, &run{silence: tg.silence(ctx)})
			defer l.close()
			do(l)
		},
	}
}

// run is what the connections of one run of a case have in common. It belongs to the goroutine of the case.
type run struct {
	id      string // announced on each connection, unless it is empty
	conns   int    // connections so far
	silence time.Duration
}

// service builds one case that needs the conformance service.
func (tg *Target) service(id, reqs, title string, do func(l *link), features ...runner.Feature) runner.Case {
	return tg.peer(id, reqs, title, do, append([]runner.Feature{FeatureService}, features...)...)
}
