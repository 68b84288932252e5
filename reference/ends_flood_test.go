package tp

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// Two peers flood each other with calls of each kind over a connection that
// holds a few bytes, and neither reads fast: the senders wait for the wire, the
// readers for nobody, and every call ends well.
func TestEnds_MutualFlood(t *testing.T) {
	quiet(t)
	const calls = 40
	for _, kind := range endsKinds {
		if kind.back {
			continue // both sides call here
		}
		for _, path := range endsPaths {
			t.Run(kind.name+" "+path.name, func(t *testing.T) {
				cfg := PeerConfig{MaxQueued: 2 << 10, DefaultWriteTimeout: time.Hour}
				endsRig(t, kind, path, cfg, cfg, func(c *endsCell) {
					for _, p := range []*Peer{c.caller, c.callee} {
						p.PullRouter.RegFunc("/flood", func(*packet.RawBody) (int, *Rerror) { return 1, nil })
						p.PushRouter.RegFunc("/flood", func(*packet.RawBody) {})
					}
					for _, l := range []*tptest.Link{c.callerConn.Out(), c.callerConn.In()} {
						l.SetBuffer(64)
						l.MaxRead(48)
						l.Delay(time.Millisecond)
					}
					var wg sync.WaitGroup
					for _, s := range []Session{c.callerSess, c.calleeSess} {
						for i := range calls {
							wg.Go(func() {
								if rerr := kind.call(c, s, "/flood", strings.Repeat("x", 50*i), nil); rerr != nil {
									t.Errorf("call %d of %s: %v", i, s.Id(), rerr)
								}
							})
						}
					}
					wg.Wait()
				})
			})
		}
	}
}
