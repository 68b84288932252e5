package suite

import (
	"context"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// Features an implementation may do without; the cases that need one are skipped on request.
const (
	FeatureFramer       runner.Feature = "framer"        // packet.Framer beside Proto
	FeaturePipe         runner.Feature = "pipe"          // carries a transfer pipe
	FeatureMeta         runner.Feature = "meta"          // carries metadata
	FeatureBinary       runner.Feature = "binary"        // carries any byte in uri and metadata
	FeatureConcurrency  runner.Feature = "concurrency"   // Pack from several goroutines
	FeatureMemory       runner.Feature = "memory"        // cases that measure allocated bytes
	FeatureHeaderLimits runner.Feature = "header-limits" // limits on uri and metadata
	FeatureProtobuf     runner.Feature = "protobuf"      // bodies under codec 'p'
	FeatureWire         runner.Feature = "wire"          // the golden vectors of fast/1, json/1 and pb/1
	FeatureGoAPI        runner.Feature = "go-api"        // called as a Go Proto: its contract with Go code is judged
)

// Features lists every feature, sorted.
func Features() []runner.Feature {
	all := []runner.Feature{FeatureFramer, FeaturePipe, FeatureMeta, FeatureBinary, FeatureConcurrency,
		FeatureMemory, FeatureHeaderLimits, FeatureProtobuf, FeatureWire, FeatureGoAPI, FeatureInterop,
		FeatureFilterCrc32c, FeatureFilterZstd, FeatureFilterAES, FeatureFilterChaCha,
		FeatureService, FeatureCallback, FeatureGzip, FeatureFlood, FeatureDeadline}
	slices.Sort(all)
	return all
}

// Target is what a battery judges. A battery needs its own field only: Proto for ProtoCases and WireCases,
// Dial for the peer battery.
type Target struct {
	// Proto makes the Proto under test.
	Proto packet.ProtoFunc
	// Limits are the limits of the environment that cases run in; zero fields take the standard's defaults.
	// Cases send nothing larger unless they expect a refusal.
	Limits packet.Limits
	// Dial opens a fresh connection to the peer under test, or takes one that the peer has opened; each case
	// has its own. Its context ends at ConnectTimeout.
	Dial func(context.Context) (net.Conn, error)
	// ConnectTimeout is how long Dial may take; 0 means DefaultConnectTimeout.
	ConnectTimeout time.Duration
	// FirstTimeout is how long the very first connection may take; 0 means ConnectTimeout.
	FirstTimeout time.Duration
	// SilenceTimeout is how long a case waits for the next byte of a peer, or for a peer to take one; 0 means
	// half of the case's time limit.
	SilenceTimeout time.Duration

	reach reach
	exec  *Exec // where set, the Proto under test is behind it
}

// topics are the parts of the Proto battery, one a file.
var topics = []func(tg *Target) []runner.Case{
	versionCases, roundtripCases, metaCases, bodyCases, bindCases, pipeCases, pipeFaultCases, streamCases,
	streamEndCases, writeCases, concurrentCases, limitCases, limitHeaderCases, memoryCases, hostileCases,
	reuseCases, framerCases,
}

// ProtoCases gives the cases that judge any Proto, sorted by id.
func ProtoCases(tg *Target) []runner.Case {
	var out []runner.Case
	for _, topic := range topics {
		out = append(out, topic(tg)...)
	}
	slices.SortFunc(out, func(a, b runner.Case) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// proto builds one case of the Proto battery. reqs holds requirement ids, separated by spaces.
func (tg *Target) proto(id, reqs, title string, run func(b *bench), features ...runner.Feature) runner.Case {
	return runner.Case{
		ID:           "proto/" + id,
		Requirements: strings.Fields(reqs),
		Level:        runner.MUST,
		Title:        title,
		Features:     features,
		Run:          func(_ context.Context, t *runner.T) { run(newBench(tg, t)) },
	}
}

// heavy gives more time to a case that is heavy by nature.
func heavy(c runner.Case) runner.Case {
	c.Timeout = 2 * time.Minute
	return c
}

// should makes the case one of level SHOULD.
func should(c runner.Case) runner.Case {
	c.Level = runner.SHOULD
	return c
}
