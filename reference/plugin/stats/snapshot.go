package stats

import (
	"maps"
	"slices"
	"strings"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// Snapshot is what was counted until a moment. It is the caller's. Times
// marshal to JSON as nanoseconds.
type Snapshot struct {
	Since time.Time `json:"since"` // when the counting began
	Taken time.Time `json:"taken"`

	Accepted uint64 `json:"accepted"` // connections accepted, handshakes that failed later included
	Dialed   uint64 `json:"dialed"`   // connections dialed, again or first
	Ended    uint64 `json:"ended"`    // sessions that have ended

	// Engine is what the peer itself counts; zero before its first session.
	Engine tp.Stats `json:"engine"`

	Total    Traffic   `json:"total"`              // the sum of Routes
	Routes   []Route   `json:"routes"`             // by path; those without traffic are left out
	Sessions []Session `json:"sessions,omitempty"` // those that are up, by id
}

// Traffic is the four kinds; nil where nothing was counted.
type Traffic struct {
	PullIn  *Counters `json:"pull_in,omitempty"`
	PullOut *Counters `json:"pull_out,omitempty"`
	PushIn  *Counters `json:"push_in,omitempty"`
	PushOut *Counters `json:"push_out,omitempty"`
}

// Route is the traffic of one path, or of OtherRoutes.
type Route struct {
	Path string `json:"path"`
	Traffic
}

// Session is the traffic of one session.
type Session struct {
	Id     string    `json:"id"`
	Remote string    `json:"remote"` // the other side's address
	Since  time.Time `json:"since"`
	Traffic
}

// Counters is one kind of traffic. The package's guide says what each field
// means for each kind.
type Counters struct {
	Started  uint64 `json:"started"`
	Done     uint64 `json:"done"`
	Lost     uint64 `json:"lost,omitempty"`
	InFlight int64  `json:"in_flight,omitempty"`

	Errors      map[int32]uint64 `json:"errors,omitempty"`       // by code
	OtherErrors uint64           `json:"other_errors,omitempty"` // once there are too many codes

	BytesIn  uint64 `json:"bytes_in"`  // on the wire
	BytesOut uint64 `json:"bytes_out"` // on the wire

	Latency *Latency `json:"latency,omitempty"`
}

// Failed is the number of all errors.
func (c *Counters) Failed() uint64 {
	n := c.OtherErrors
	for _, k := range c.Errors {
		n += k
	}
	return n
}

// Latency tells how long calls took.
type Latency struct {
	Count uint64        `json:"count"`
	Sum   time.Duration `json:"sum_ns"`
	Min   time.Duration `json:"min_ns"`
	Mean  time.Duration `json:"mean_ns"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P99   time.Duration `json:"p99_ns"`
	P999  time.Duration `json:"p999_ns"`
	Max   time.Duration `json:"max_ns"`
}

// Route gives the route of that path, without traffic where nothing was counted.
func (s *Snapshot) Route(path string) Route {
	for _, r := range s.Routes {
		if r.Path == path {
			return r
		}
	}
	return Route{Path: path}
}

// Snapshot gives what was counted until now. The counters of one kind of one
// route agree with each other; between routes, calls may end meanwhile.
func (s *Stats) Snapshot() *Snapshot {
	snap := &Snapshot{Since: s.since, Taken: time.Now(), Accepted: s.accepted.Load(), Dialed: s.dialed.Load(), Ended: s.ended.Load(), Routes: []Route{}}
	total := newTraffic(routeDigits)
	add := func(path string, t *traffic) {
		if r := (Route{path, t.copy(total)}); r.Traffic != (Traffic{}) {
			snap.Routes = append(snap.Routes, r)
		}
	}
	s.routes.byPath.Range(func(path, t any) bool {
		add(path.(string), t.(*traffic))
		return true
	})
	add(OtherRoutes, s.routes.other)
	slices.SortFunc(snap.Routes, func(a, b Route) int { return strings.Compare(a.Path, b.Path) })
	snap.Total = total.copy(nil)
	if peer := s.peer.Load(); peer != nil {
		snap.Engine = peer.Stats()
		snap.Sessions = s.sessions(peer)
	}
	return snap
}

func (s *Stats) sessions(peer *tp.Peer) (list []Session) {
	peer.RangeSession(func(sess tp.Session) bool {
		if v, ok := sess.Public().Load(sessionKey{s}); ok {
			own := v.(*session)
			list = append(list, Session{sess.Id(), sess.RemoteIp(), own.since, own.copy(nil)})
		}
		return true
	})
	slices.SortFunc(list, func(a, b Session) int { return strings.Compare(a.Id, b.Id) })
	return list
}

// copy gives the counters as values, and adds them to a sum where there is one.
func (t *traffic) copy(sum *traffic) Traffic {
	if sum == nil {
		sum = newTraffic(routeDigits)
	}
	return Traffic{t.pullIn.copy(&sum.pullIn), t.pullOut.copy(&sum.pullOut), t.pushIn.copy(&sum.pushIn), t.pushOut.copy(&sum.pushOut)}
}

// copy gives the counters as values; nil where there are none. sum belongs to
// the caller alone.
func (c *counters) copy(sum *counters) *Counters {
	c.mu.Lock()
	n, l := c.n, c.lat
	n.Errors = maps.Clone(n.Errors)
	if l.hist != nil {
		l.hist = l.hist.Clone()
	}
	c.mu.Unlock()
	if n.Started == 0 && n.Done == 0 {
		return nil
	}
	sum.add(&n, &l)
	n.InFlight = max(n.InFlight, 0) // the hooks of one call may be a moment apart
	n.Latency = l.summary()
	return &n
}

// add adds to a sum, which nobody else knows.
func (c *counters) add(n *Counters, l *lat) {
	c.n.Started += n.Started
	c.n.Done += n.Done
	c.n.Lost += n.Lost
	c.n.InFlight += n.InFlight
	c.n.OtherErrors += n.OtherErrors
	c.n.BytesIn += n.BytesIn
	c.n.BytesOut += n.BytesOut
	for code, k := range n.Errors {
		if c.n.Errors == nil {
			c.n.Errors = make(map[int32]uint64)
		}
		c.n.Errors[code] += k
	}
	switch {
	case l.hist == nil:
	case c.hist == nil:
		c.lat = *l
		c.hist = l.hist.Clone()
	default:
		c.sum += l.sum
		c.min, c.max = min(c.min, l.min), max(c.max, l.max)
		c.hist.Merge(l.hist)
	}
}

func (l *lat) summary() *Latency {
	if l.hist == nil {
		return nil
	}
	count := l.hist.TotalCount()
	at := func(percent float64) time.Duration { // never beyond what was measured
		return min(max(time.Duration(l.hist.ValueAtPercentile(percent)), l.min), l.max)
	}
	return &Latency{
		Count: uint64(count), Sum: l.sum, Min: l.min, Mean: l.sum / time.Duration(count), Max: l.max,
		P50: at(50), P90: at(90), P99: at(99), P999: at(99.9),
	}
}
