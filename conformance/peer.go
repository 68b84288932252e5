package conformance

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance/suite"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// CheckPeer judges a live peer that listens. dial opens a fresh connection to it, over whatever network; its
// context ends at the connect timeout. Every case opens its own connections, at most four at once, and closes them.
//
// A peer that offers the conformance service of the standard's chapter 19 is judged by every case but those
// whose features it declares itself to be without; one that does not is judged by the raw cases, with
// Without(FeatureService). A peer that cannot be reached is one harness-error, harness/connect. See CheckProto
// for ctx and the report.
func CheckPeer(ctx context.Context, dial func(context.Context) (net.Conn, error), opts ...Option) *Report {
	return newConfig(opts).checkPeer(ctx, dial, "a peer")
}

// TestPeer judges a live peer as CheckPeer does, one subtest a case, by the rules of TestProto.
func TestPeer(t *testing.T, dial func(context.Context) (net.Conn, error), opts ...Option) {
	t.Helper()
	newConfig(opts).testPeer(t, dial)
}

func (c *config) checkPeer(ctx context.Context, dial func(context.Context) (net.Conn, error), name string) *Report {
	c.target.Dial = dial
	if c.run.Target == "" {
		c.run.Target = name
	}
	if c.unknownFeature() == nil {
		if err := c.meet(ctx); err != nil {
			return c.undecided("harness/connect", "the peer can be reached", err)
		}
	}
	return c.check(ctx, suite.PeerCases(&c.target))
}

func (c *config) testPeer(t *testing.T, dial func(context.Context) (net.Conn, error)) {
	t.Helper()
	c.target.Dial = dial
	if c.unknownFeature() == nil {
		if err := c.meet(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	testCases(t, suite.PeerCases(&c.target), c)
}

// meet makes sure that there is a peer, and learns what it declares of itself: features that it does not name
// are left out, and its limits hold where the caller of the check has named none.
func (c *config) meet(ctx context.Context) error {
	if slices.Contains(c.run.Without, FeatureService) {
		return c.target.Touch(ctx)
	}
	said, err := c.target.Ask(ctx, c.firstWait())
	if err != nil || said == nil {
		return err
	}
	for _, f := range suite.PeerFeatures() {
		if !slices.Contains(said.Features, f) && !slices.Contains(c.run.Without, f) {
			c.run.Without = append(c.run.Without, f)
		}
	}
	if c.target.Limits == (packet.Limits{}) {
		c.target.Limits = said.Limits
	}
	return nil
}

// firstWait is how long the first question may go unanswered: five seconds, unless the caller of the check gives peers
// another time to be silent. A peer that is silent then is judged all the same.
func (c *config) firstWait() time.Duration {
	wait := 5 * time.Second
	if c.target.SilenceTimeout > 0 {
		wait = c.target.SilenceTimeout
	}
	if c.run.Timeout > 0 {
		wait = min(wait, c.run.Timeout)
	}
	return wait
}
