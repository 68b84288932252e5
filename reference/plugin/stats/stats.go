package stats

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// OtherRoutes is where everything counts that has no route of its own.
const OtherRoutes = "(other)"

// Options says how Stats works. The zero value works.
type Options struct {
	// Name is the plugin's name. "": "stats".
	Name string
	// MaxRoutes bounds the routes that are told apart. 0: 256.
	MaxRoutes int
}

// Stats is the plugin. One value serves one peer. All its methods are safe for
// concurrent use. Make it with New.
type Stats struct {
	opts   Options
	since  time.Time
	routes routeTable
	peer   atomic.Pointer[tp.Peer] // the first one seen; nil before its first session

	accepted, dialed, ended atomic.Uint64
}

// New makes a Stats that has counted nothing yet.
func New(opts Options) *Stats {
	if opts.Name == "" {
		opts.Name = "stats"
	}
	if opts.MaxRoutes <= 0 {
		opts.MaxRoutes = 256
	}
	return &Stats{opts: opts, since: time.Now(), routes: routeTable{max: opts.MaxRoutes, other: newTraffic(routeDigits)}}
}

// Name implements tp.Plugin.
func (s *Stats) Name() string { return s.opts.Name }

// traffic is what is counted of one route or one session.
type traffic struct {
	pullIn, pullOut, pushIn, pushOut counters
}

func newTraffic(digits int) *traffic {
	t := new(traffic)
	t.pullIn.digits, t.pullOut.digits = digits, digits
	return t
}

// routeTable has the routes that are told apart. Looking up takes no lock.
type routeTable struct {
	byPath sync.Map // string: *traffic
	other  *traffic
	max    int

	mu sync.Mutex // guards n, the number of routes in byPath
	n  int
}

// get gives the route of a path that is known, else the one for all others.
func (r *routeTable) get(path string) *traffic {
	if t, ok := r.byPath.Load(path); ok {
		return t.(*traffic)
	}
	return r.other
}

// add gives the route of a path, a new one where there is room.
func (r *routeTable) add(path string) *traffic {
	if t := r.get(path); t != r.other {
		return t
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.get(path); t != r.other || r.n >= r.max {
		return t
	}
	r.n++
	t := newTraffic(routeDigits)
	r.byPath.Store(strings.Clone(path), t)
	return t
}

// sessionKey and callKey are where a Stats keeps its own in the Public data of
// a session and of a packet.
type (
	sessionKey struct{ s *Stats }
	callKey    struct{ s *Stats }
)

// session is what is counted of one session. It lives in the session's Public
// data, and so exactly as long.
type session struct {
	*traffic
	since time.Time

	mu sync.Mutex // guards what follows; no other lock is taken under it
	// The calls that wait for their end, by the counters of their route. Those
	// out belong to a link: round counts the session's links.
	in, out map[*counters]int
	round   int
	ended   bool
}

// session gives the counters of a session by its Public data.
func (s *Stats) session(peer *tp.Peer, public *sync.Map) (sess *session, isNew bool) {
	if v, ok := public.Load(sessionKey{s}); ok {
		return v.(*session), false
	}
	s.peer.CompareAndSwap(nil, peer)
	fresh := &session{traffic: newTraffic(sessionDigits), since: time.Now(), in: make(map[*counters]int), out: make(map[*counters]int)}
	v, loaded := public.LoadOrStore(sessionKey{s}, fresh)
	return v.(*session), !loaded
}

// linkEnded counts the calls out as lost that a link has taken with it, and at
// the session's end those in.
func (sess *session) linkEnded(last bool) {
	sess.mu.Lock()
	out, in := sess.out, map[*counters]int(nil)
	sess.out = make(map[*counters]int)
	sess.round++
	if last {
		in, sess.in, sess.ended = sess.in, make(map[*counters]int), true
	}
	sess.mu.Unlock()
	for route, n := range out {
		route.lose(n)
		sess.pullOut.lose(n)
	}
	for route, n := range in {
		route.lose(n)
		sess.pullIn.lose(n)
	}
}

// drop takes one from a count that is not kept at zero.
func drop(open map[*counters]int, route *counters) (was bool) {
	n := open[route]
	switch n {
	case 0:
		return false
	case 1:
		delete(open, route)
	default:
		open[route] = n - 1
	}
	return true
}
