package conformance

import (
	"context"
	"net"
	"testing"

	"github.com/henrylee2cn/teleport/conformance/suite"
)

// CheckPeer judges a live peer that offers the conformance service of the standard's chapter 19. dial opens
// a fresh connection to it; every case opens its own, and closes it. See CheckProto for ctx and the report.
func CheckPeer(ctx context.Context, dial func(context.Context) (net.Conn, error), opts ...Option) *Report {
	c := newConfig(opts)
	c.target.Dial = dial
	if c.run.Target == "" {
		c.run.Target = "a peer"
	}
	return c.check(ctx, suite.PeerCases(&c.target))
}

// TestPeer judges a live peer as CheckPeer does, one subtest a case, by the rules of TestProto.
func TestPeer(t *testing.T, dial func(context.Context) (net.Conn, error), opts ...Option) {
	t.Helper()
	c := newConfig(opts)
	c.target.Dial = dial
	testCases(t, suite.PeerCases(&c.target), c)
}
