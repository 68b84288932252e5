package tp

import (
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Metrics is what an adapter to a metrics system implements: see
// PeerConfig.Metrics. Its methods are called by the peer's own goroutines, the
// reading ones among them: they count and return, and never wait. They are
// called concurrently. What they panic with is logged.
type Metrics interface {
	// CallDone is called once for each PULL and PUSH that was launched, and
	// for each whose handling began, when it has ended. Calls that were
	// refused for lack of capacity are in Peer.Stats.
	CallDone(c CallInfo)
	// SessionChanged is called for each session event, in the order of the session.
	SessionChanged(ev SessionEvent)
}

// CallKind says on which side of which call something happened.
type CallKind uint8

// The four kinds of call.
const (
	PullLaunch CallKind = iota + 1
	PullHandle
	PushLaunch
	PushHandle
)

var callKinds = [...]string{"", logPullLaunch, logPullHandle, logPushLaunch, logPushHandle}

// String returns "pull-launch", "pull-handle", "push-launch" or "push-handle".
func (k CallKind) String() string {
	if int(k) < len(callKinds) {
		return callKinds[k]
	}
	return "unknown"
}

// CallInfo is what became of one call.
type CallInfo struct {
	Kind    CallKind
	Session Session
	// Route names what was called: for a handled call the handler's path, or
	// "" where none matched, so that there are no more routes than handlers;
	// for a launched one the path of its uri.
	Route string
	// Code is 0 for success, else that of the error; an error of code 0 counts
	// as 500.
	Code int32
	// Cost is the time from the launch to the end, or from the arrival to the
	// reply; of a launched PUSH to its acceptance.
	Cost time.Duration
	// Slow says that Cost has reached PeerConfig.SlowCometDuration.
	Slow bool
	// InBytes and OutBytes are the sizes on the wire of what came and what was
	// sent; 0 where there was none.
	InBytes, OutBytes uint32
}

// meter tells the metrics of a call.
func (s *session) meter(kind CallKind, route string, cost time.Duration, in, out *packet.Packet, rerr *Rerror) {
	m := s.peer.cfg.Metrics
	if m == nil {
		return
	}
	info := CallInfo{Kind: kind, Session: s, Route: route, Cost: cost, Slow: s.peer.runlog.isSlow(cost)}
	if rerr != nil {
		if info.Code = rerr.Code; info.Code == 0 {
			info.Code = CodeInternal
		}
	}
	if in != nil {
		info.InBytes = in.Size()
	}
	if out != nil {
		info.OutBytes = out.Size()
	}
	guard("Metrics.CallDone", func() *Rerror { m.CallDone(info); return nil })
}

func (p *Peer) meterSession(ev SessionEvent) {
	if m := p.cfg.Metrics; m != nil {
		guard("Metrics.SessionChanged", func() *Rerror { m.SessionChanged(ev); return nil })
	}
}

// routeOf is the path of a launched packet's uri.
func (s *session) routeOf(out *packet.Packet) string {
	if s.peer.cfg.Metrics == nil {
		return ""
	}
	path, _, err := parseUri(out.Uri())
	if err != nil {
		return out.Uri()
	}
	return path
}

// ended tells of a handled call: the run log and the metrics.
func (c *handlerCtx) ended(rerr *Rerror) {
	kind, route := PullHandle, ""
	if c.in.Ptype() == packet.TypePush {
		kind = PushHandle
	}
	if c.handler != nil && !c.handler.unknown {
		route = c.handler.name
	}
	c.log(rerr)
	c.sess.meter(kind, route, c.sess.peer.since(c.has().start), c.in, c.out, rerr)
}

// pushed tells of a launched PUSH: the run log, where it was sent, and the metrics.
func (s *session) pushed(out *packet.Packet, start time.Time, rerr *Rerror) {
	if rerr == nil {
		s.logPush(out, start)
	}
	s.meter(PushLaunch, s.routeOf(out), s.peer.since(start), nil, out, rerr)
}

// SessionStats is what a session holds at the moment, and its bounds.
type SessionStats struct {
	PendingPulls     int // own PULLs that wait for their REPLY
	MaxPending       int // PeerConfig.MaxPending
	Handlers         int // handlers that run
	MaxHandlers      int // PeerConfig.MaxHandlers
	HandlerBytes     int // bytes of their packets, filters undone
	MaxInflightBytes int // PeerConfig.MaxInflightBytes
	QueuedBytes      int // bytes accepted for sending that the kernel has not taken
	QueuedFrames     int // packets that are not wholly with the kernel
	MaxQueued        int // PeerConfig.MaxQueued, bytes

	Limits packet.Limits // of packets, the defaults filled in

	PullsLaunched  uint64 // seqs given to PULLs
	PushesLaunched uint64 // seqs given to PUSHes
	PullsFailed    uint64 // own PULLs that a lost or missing connection has ended
	UnsentPackets  int    // packets that earlier connections did not send
}

// Stats returns what the session holds, of all its connections that are not over.
func (s *session) Stats() SessionStats {
	cfg := &s.peer.cfg
	st := SessionStats{
		MaxPending: cfg.MaxPending, MaxHandlers: cfg.MaxHandlers, MaxInflightBytes: cfg.MaxInflightBytes, MaxQueued: cfg.MaxQueued, Limits: s.peer.env.Limit(),
		PullsLaunched: s.pullSeq.Load(), PushesLaunched: s.pushSeq.Load(), PullsFailed: s.pullsFailed.Load(),
	}
	s.mu.Lock()
	links := s.links
	st.PendingPulls = len(s.keptLocked().calls)
	s.mu.Unlock()
	st.UnsentPackets = s.unsentNow().frames
	for _, l := range links {
		st.PendingPulls += l.pending.len()
		n, held := l.tasks.handlers()
		st.Handlers += n
		st.HandlerBytes += held
		if !l.ending.Load() {
			frames, bytes := l.conn.Unflushed()
			st.QueuedFrames += frames
			st.QueuedBytes += bytes
		}
	}
	return st
}

// failedHere says that the call was ended for want of a connection.
func (c *call) failedHere() bool {
	return c.in == nil && c.rerr != nil && (c.rerr.Code == CodeConnClosed || c.rerr.Code == CodeWriteFailed)
}
