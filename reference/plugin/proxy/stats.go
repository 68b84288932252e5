package proxy

import "sync/atomic"

// Stats are counts since the proxy was made, and what is under way now.
type Stats struct {
	UnderWay int // packets being passed on now, in both directions

	Pulls    uint64 // PULLs whose REPLY was passed on, in both directions; it may have been an error
	Pushes   uint64 // PUSHes passed on, in both directions
	Refused  uint64 // packets for which there was no room, or that came while closing
	Expired  uint64 // packets whose caller's deadline passed here
	Failed   uint64 // packets that did not reach the other side, or without an answer
	Circles  uint64 // packets that came in a circle
	Unrouted uint64 // packets without a target

	PushesDropped  uint64 // PUSHes among the last five
	RepliesDropped uint64 // REPLYs that came and could not be given to who had asked
	Dials          uint64 // connections made
	DialsFailed    uint64 // attempts without a connection
}

// Upstream is one upstream address with shared sessions, as it is now.
type Upstream struct {
	Addr  string
	Up    bool   // there is a connection that works
	Calls int    // PULLs and PUSHes that wait for it
	Bytes int    // and their bytes
	Error string // why the last attempt to connect failed; "" when it did not
}

type counts struct {
	pulls, pushes, refused, expired, failed, circles, unrouted atomic.Uint64
	pushesDropped, repliesDropped, dials, dialsFailed          atomic.Uint64
}

// Stats returns the counts.
func (px *Proxy) Stats() Stats {
	c := &px.counts
	return Stats{
		UnderWay:       px.work.count(),
		Pulls:          c.pulls.Load(),
		Pushes:         c.pushes.Load(),
		Refused:        c.refused.Load(),
		Expired:        c.expired.Load(),
		Failed:         c.failed.Load(),
		Circles:        c.circles.Load(),
		Unrouted:       c.unrouted.Load(),
		PushesDropped:  c.pushesDropped.Load(),
		RepliesDropped: c.repliesDropped.Load(),
		Dials:          c.dials.Load(),
		DialsFailed:    c.dialsFailed.Load(),
	}
}

// Upstreams lists the upstreams that were needed so far, by address.
func (px *Proxy) Upstreams() []Upstream { return px.shared.status() }
