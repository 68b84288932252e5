package tp

import (
	"testing"
	"time"
)

// The calls that are measured must not fall on the same route each time: one
// whose calls alternate with another's is measured too.
func TestPace_EveryRouteIsMeasured(t *testing.T) {
	quiet(t)
	inBubble(t, PeerConfig{}, func(r *rig) {
		r.srv.PullRouter.RegFunc("/short", func(*int) (any, *Rerror) { return nil, nil })
		r.srv.PullRouter.RegFunc("/long", func(*int) (any, *Rerror) { time.Sleep(900 * time.Microsecond); return nil, nil })
		cli, sess := r.dial(PeerConfig{})
		defer cli.Close()
		for range 10 * paceEvery {
			sess.Pull("/short", 1, nil)
			sess.Pull("/long", 1, nil)
		}
		if h, _ := r.srv.PullRouter.lookup("/long"); h.pace.short() {
			t.Errorf("900us a call and still said to be short, with a mean of %v", time.Duration(h.pace.mean.Load()))
		}
	})
}
