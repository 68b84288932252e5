package tp

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// ErrListenClosed is what Listen returns after Close.
var ErrListenClosed = errors.New("teleport: listener is closed")

// ErrPeerClosed is what Dial, ServeConn and the like return after Close.
var ErrPeerClosed = errors.New("teleport: peer is closed")

// Peer is one communication instance: it listens and dials alike, and serves
// and makes calls on every session. All its methods are safe for concurrent use.
type Peer struct {
	// PullRouter and PushRouter route what other peers send.
	PullRouter *Router
	PushRouter *Router

	cfg          PeerConfig
	env          *packet.Env
	defaultCodec byte
	plugins      *pluginContainer
	runlog       runlogConfig
	hub          hub
	events       eventHub
	stats        peerStats
	closed       chan struct{} // closed by Close
	accepting    sync.WaitGroup
	unnamed      atomic.Uint64 // sessions that no address tells apart
	watch        watch
	headerPace   pace // of the header hooks
	parking      parking
	calls        callPool

	mu        sync.Mutex // guards what follows
	isClosed  bool
	listeners map[net.Listener]listenKey
	sessions  sessionList // all, also those that are not in the hub yet or any more
}

// NewPeer makes a peer. A configuration that cannot work panics with a
// *ConfigError, a plugin that cannot be added with a *PluginError: see TryNewPeer.
func NewPeer(cfg PeerConfig, plugins ...Plugin) *Peer {
	p, err := TryNewPeer(cfg, plugins...)
	if err != nil {
		panic(err)
	}
	return p
}

// TryNewPeer is NewPeer with an error instead of a panic.
func TryNewPeer(cfg PeerConfig, plugins ...Plugin) (*Peer, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	c, err := cfg.Codecs.GetByName(cfg.DefaultBodyCodec)
	if err != nil {
		return nil, &ConfigError{Field: "DefaultBodyCodec", Value: cfg.DefaultBodyCodec, Want: "the name of a registered codec", Err: err}
	}
	p := &Peer{
		cfg:          cfg,
		env:          &packet.Env{Limits: cfg.Limits, Codecs: cfg.Codecs, Filters: cfg.Filters},
		defaultCodec: c.Id(),
		plugins:      newPluginContainer(),
		runlog:       runlogConfig{printBody: cfg.PrintBody, redact: cfg.RedactBody, countTime: cfg.CountTime || cfg.SlowCometDuration > 0, slow: cfg.SlowCometDuration},
		closed:       make(chan struct{}),
		listeners:    make(map[net.Listener]listenKey),
	}
	if err := p.plugins.Add(plugins...); err != nil {
		return nil, err
	}
	p.PullRouter = newRouter(false, p.plugins)
	p.PushRouter = newRouter(true, p.plugins)
	livePeers.add(p)
	return p, nil
}

// PluginContainer returns the peer's plugins, to add to or to look in.
func (p *Peer) PluginContainer() *PluginContainer { return p.plugins }

// Codecs returns the peer's codec registry: what is added counts from then on,
// for this peer only.
func (p *Peer) Codecs() *codec.Registry { return p.cfg.Codecs }

// Filters returns the peer's filter registry: what is added counts from then
// on, for this peer only.
func (p *Peer) Filters() *xfer.Registry { return p.cfg.Filters }

// GetSession returns the session with that id.
func (p *Peer) GetSession(id string) (Session, bool) {
	if s, ok := p.hub.get(id); ok {
		return s, true
	}
	return nil, false
}

// RangeSession calls fn with each session, in random order, until it returns
// false. fn may call anything, Close included.
func (p *Peer) RangeSession(fn func(sess Session) bool) {
	for _, s := range p.hub.all() {
		if !fn(s) {
			return
		}
	}
}

// CountSession returns the number of sessions.
func (p *Peer) CountSession() int { return p.hub.len() }

// Close closes the listeners and all sessions, gracefully and at the same time
// (see Session.Close), and waits for them; called inside a handler or a hook it
// only begins that. The error joins what the listeners reported.
func (p *Peer) Close() error {
	err := p.beginClose()
	if onEngineGoroutine() {
		return err
	}
	p.accepting.Wait()
	for _, s := range p.allSessions() {
		<-s.done.wait()
	}
	p.rest()
	return err
}

// rest ends what the peer does for its sessions, which are over.
func (p *Peer) rest() {
	p.parking.end()
	<-p.watch.end()
}

// beginClose refuses everything new and starts the end of all sessions.
func (p *Peer) beginClose() error {
	p.mu.Lock()
	if p.isClosed {
		p.mu.Unlock()
		return nil
	}
	p.isClosed = true
	close(p.closed)
	listeners := p.listeners
	p.listeners = nil
	p.mu.Unlock()
	livePeers.remove(p)
	var errs []error
	for lis := range listeners {
		errs = append(errs, lis.Close())
	}
	for _, s := range p.allSessions() {
		s.beginCloseOrOpenFirst(errPeerClosing)
	}
	return errors.Join(errs...)
}

var errPeerClosing = fmt.Errorf("%w: %w", errClosedHere, ErrPeerClosed)

func (p *Peer) allSessions() []*session {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sessions.all()
}

// track notes a session from its first moment on; false when the peer is closed.
func (p *Peer) track(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return false
	}
	p.sessions.add(s)
	return true
}

func (p *Peer) forget(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions.remove(s)
}

// hasHeaderHooks says whether hooks run before a packet of that type is routed.
func (p *Peer) hasHeaderHooks(ptype byte) bool {
	t := p.plugins.hooks()
	if ptype == packet.TypePush {
		return len(t.postReadPushHeader)+len(p.PushRouter.headerHooks().hooks().postReadPushHeader) > 0
	}
	return len(t.postReadPullHeader)+len(p.PullRouter.headerHooks().hooks().postReadPullHeader) > 0
}

// hasReplyHooks says whether hooks run on a REPLY that came.
func (p *Peer) hasReplyHooks() bool {
	t := p.plugins.hooks()
	return len(t.postReadReplyHeader)+len(t.preReadReplyBody)+len(t.postReadReplyBody) > 0
}

// timed says that calls are measured.
func (p *Peer) timed() bool { return p.runlog.countTime || p.cfg.Metrics != nil }

// now is the time where the peer counts it, else zero.
func (p *Peer) now() time.Time {
	if p.timed() {
		return time.Now()
	}
	return time.Time{}
}

func (p *Peer) since(start time.Time) time.Duration {
	if start.IsZero() {
		return 0
	}
	return time.Since(start)
}

// peerStats counts what is dropped without an answer.
type peerStats struct {
	pushesDropped  atomic.Uint64
	pullsRefused   atomic.Uint64
	repliesIgnored atomic.Uint64
	redials        atomic.Uint64
	expired        atomic.Uint64
}

// Stats are counts since the peer was made.
type Stats struct {
	Sessions       int    // now
	PushesDropped  uint64 // PUSHes that reached no handler, or that failed: no route, bad uri, bad body, refused by a hook, no capacity
	PullsRefused   uint64 // PULLs answered 503
	RepliesIgnored uint64 // REPLYs that no call waited for
	Redials        uint64 // links made anew
	Expired        uint64 // PULLs and PUSHes whose deadline passed before their handler began
}

// Stats returns the peer's counts.
func (p *Peer) Stats() Stats {
	return Stats{
		Sessions:       p.CountSession(),
		PushesDropped:  p.stats.pushesDropped.Load(),
		PullsRefused:   p.stats.pullsRefused.Load(),
		RepliesIgnored: p.stats.repliesIgnored.Load(),
		Redials:        p.stats.redials.Load(),
		Expired:        p.stats.expired.Load(),
	}
}
