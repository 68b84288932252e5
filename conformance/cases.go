package conformance

import (
	"github.com/henrylee2cn/teleport/conformance/runner"
	"github.com/henrylee2cn/teleport/conformance/suite"
)

// Cases lists every case of the suite, sorted by id within its battery, without judging anything: those for
// any Proto, the golden vectors for Protos that claim fast/1, json/1 or pb/1, the packets recorded for fast/1, and those for a peer.
func Cases() []Case {
	tg := &suite.Target{}
	cases := append(suite.ProtoCases(tg), suite.WireCases(tg)...)
	cases = append(cases, suite.InteropCases(tg)...)
	return append(cases, suite.PeerCases(tg)...)
}

// Select gives the cases that match one of the patterns, as [Only] does; all of them without a pattern.
func Select(patterns ...string) []Case { return runner.Select(Cases(), patterns) }

// Features lists what Without can leave out, sorted.
func Features() []Feature { return suite.Features() }
