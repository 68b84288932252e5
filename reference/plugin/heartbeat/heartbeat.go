package heartbeat

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// Uri is what a silent session is asked.
const Uri = "/heartbeat"

// Defaults of Config: what a zero field means.
const (
	DefaultInterval = 30 * time.Second
	DefaultFactor   = 3
	DefaultJitter   = 0.25
)

// Bounds of Config.
const (
	MinInterval = 10 * time.Millisecond
	MinFactor   = 2
	MaxJitter   = 0.5
)

// Config says how often a heartbeat asks and how long it waits. The zero value
// works.
type Config struct {
	// Interval is how long a session may be silent before it is asked, at most.
	// 0: 30 s; at least MinInterval.
	Interval time.Duration
	// Factor times Interval is how long a session may be silent before its
	// connection is ended, at most. From the question on, an answer has Interval
	// times (Factor - 1.5) at the least. 0: 3; at least MinFactor.
	Factor int
	// Jitter is the part of the time between two looks at a session that is
	// left to chance, so that sessions do not fall into step. 0: 0.25;
	// negative: none; at most MaxJitter.
	Jitter float64
}

// ConfigError says which field of a Config cannot work, and why.
type ConfigError struct {
	Field string // Go name of the field
	Value any    // what it was
	Want  string // what it may be
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("heartbeat: Config.%s is %v, want %s", e.Field, e.Value, e.Want)
}

// DeadError is why the connection of a dead session was ended; the detail of
// the PULLs that end with it (code 102) has its text.
type DeadError struct {
	// Silence is how long nothing came, to about Interval/64.
	Silence time.Duration
}

func (e *DeadError) Error() string {
	return fmt.Sprintf("heartbeat: nothing came for %s: the other side is taken for dead", e.Silence)
}

// Heartbeat is the plugin: give it to tp.NewPeer. It is safe for concurrent use.
type Heartbeat struct {
	bound int           // ticks of silence after which a session is dead
	low   int           // the shortest wait between two looks, ticks
	tick  time.Duration // the wheel's step

	records  sync.Map      // of *record, by the session's Public(): one and the same for a session in all its guises
	turned   atomic.Uint64 // the wheel's time, for the readers of sessions
	asked    atomic.Uint64
	declared atomic.Uint64

	mu    sync.Mutex // guards what follows; nothing foreign is called under it
	wheel wheel
	peers map[*tp.Peer]int // sessions of each
	timer *time.Timer      // nil while there are no sessions
	run   uint64           // counts the timers, so that one that was stopped too late knows
	due   time.Time        // of the next turn
}

var (
	_ tp.PreReadHeaderPlugin  = (*Heartbeat)(nil)
	_ tp.PostDisconnectPlugin = (*Heartbeat)(nil)
)

// New makes the plugin. A Config that cannot work panics with a *ConfigError:
// see TryNew.
func New(cfg Config) *Heartbeat {
	h, err := TryNew(cfg)
	if err != nil {
		panic(err)
	}
	return h
}

// TryNew is New with an error instead of a panic.
func TryNew(cfg Config) (*Heartbeat, error) {
	if cfg.Interval == 0 {
		cfg.Interval = DefaultInterval
	}
	if cfg.Factor == 0 {
		cfg.Factor = DefaultFactor
	}
	switch {
	case cfg.Jitter == 0:
		cfg.Jitter = DefaultJitter
	case cfg.Jitter < 0:
		cfg.Jitter = 0
	}
	switch {
	case cfg.Interval < MinInterval:
		return nil, &ConfigError{"Interval", cfg.Interval, "0 (30 s) or at least " + MinInterval.String()}
	case cfg.Factor < MinFactor || cfg.Factor > 1<<20:
		return nil, &ConfigError{"Factor", cfg.Factor, fmt.Sprintf("0 (3) or %d to %d", MinFactor, 1<<20)}
	case !(cfg.Jitter <= MaxJitter): // not a number is too much, too
		return nil, &ConfigError{"Jitter", cfg.Jitter, fmt.Sprintf("0 (%v), negative (none) or at most %v", DefaultJitter, MaxJitter)}
	}
	return &Heartbeat{
		bound: cfg.Factor * ticksPerInterval,
		low:   longestWait - int(cfg.Jitter*longestWait),
		tick:  cfg.Interval / ticksPerInterval,
		peers: make(map[*tp.Peer]int),
	}, nil
}

// Name gives "heartbeat".
func (h *Heartbeat) Name() string { return "heartbeat" }

// Stats are counts of a Heartbeat since it was made.
type Stats struct {
	Sessions int    // watched now
	Asked    uint64 // PULLs sent
	Dead     uint64 // connections ended
}

// Stats returns the counts.
func (h *Heartbeat) Stats() Stats {
	h.mu.Lock()
	n := h.wheel.n
	h.mu.Unlock()
	return Stats{Sessions: n, Asked: h.asked.Load(), Dead: h.declared.Load()}
}

// PreReadHeader notes a sign of life: it runs when a packet was taken in and
// the next one is waited for, and when a connection begins.
func (h *Heartbeat) PreReadHeader(ctx tp.BackgroundCtx) *tp.Rerror {
	sess := ctx.Session()
	if r, ok := h.records.Load(sess.Public()); ok {
		r.(*record).seen.Store(h.turned.Load())
		return nil
	}
	h.watch(sess)
	return nil
}

// PostDisconnect forgets the session.
func (h *Heartbeat) PostDisconnect(sess tp.PostSession) *tp.Rerror {
	r, ok := h.records.LoadAndDelete(sess.Public())
	if !ok {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wheel.remove(r.(*record))
	if h.peers[sess.Peer()]--; h.peers[sess.Peer()] <= 0 {
		delete(h.peers, sess.Peer())
	}
	if h.wheel.n == 0 && h.timer != nil {
		h.timer.Stop()
		h.timer = nil
	}
	return nil
}

// watch begins to watch a session. Its reader is what calls, so that it comes
// once, and before PostDisconnect.
func (h *Heartbeat) watch(sess tp.Session) {
	r := &record{sess: sess, last: never}
	peer := sess.Peer()
	h.mu.Lock()
	r.seen.Store(h.wheel.now)
	h.wheel.add(r, 1+random(longestWait))
	h.peers[peer]++
	first := h.peers[peer] == 1
	if h.timer == nil {
		h.startLocked()
	}
	h.mu.Unlock()
	h.records.Store(sess.Public(), r)
	if !first {
		return
	}
	// Else an unknown-handler of the peer's would be bothered. Where the path
	// is taken, by an earlier session's or a handler of the user's, that answers.
	err := peer.PullRouter.TryRegFunc(Uri, func(*[]byte) (any, *tp.Rerror) { return nil, nil })
	if err != nil {
		tp.Tracef("heartbeat: %s", err)
	}
}
