package tp

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Session is a conversation with one other peer: either side may Pull and Push,
// whoever dialed. All its methods are safe for concurrent use, inside handlers
// too. A dialed session outlives its connection when the peer redials
// (PeerConfig.RedialTimes): it keeps its id, its data and its counters.
type Session interface {
	// Id returns the session's id: the remote address of an accepted session,
	// the local one of a dialed session, or what SetId set. It is unique in the peer.
	Id() string
	// SetId names the session. Another session of that id is closed, without waiting.
	SetId(id string)
	// Close ends the session gracefully: new calls are refused (102), running
	// handlers finish and send their replies, own PULLs get theirs (as long as
	// PeerConfig.CloseTimeout lasts), then the connection is closed. Close
	// waits for all that and returns nil; called inside a handler or a hook it
	// only begins it.
	Close() error
	// Health says whether a call could be sent now.
	Health() bool
	// Peer returns the peer.
	Peer() *Peer
	// Pull sends a PULL and waits for its end. args is encoded before Pull
	// returns; reply, a pointer or nil, is lent until then. A PULL whose
	// connection breaks ends with 102, or 104 where it was never sent; while
	// the session redials, a new one waits (up to 30 s) and an unsent one is
	// sent again.
	Pull(uri string, args, reply any, settings ...packet.PacketSetting) *PullCmd
	// AsyncPull is Pull without the waiting. When the call has ended it is sent
	// to done as well, which may be nil but must have a buffer: else AsyncPull
	// panics. It may wait for room in the write queue.
	AsyncPull(uri string, args, reply any, done chan *PullCmd, settings ...packet.PacketSetting) *PullCmd
	// PullContext is Pull while ctx lasts. When ctx ends the call ends at once,
	// with 408 where a deadline passed and 103 where ctx was cancelled: a REPLY
	// that comes later is dropped and counted. The other side is told of the
	// deadline (spec, chapter "Deadlines"). errors.Is knows both errors as the
	// context's.
	PullContext(ctx context.Context, uri string, args, reply any, settings ...packet.PacketSetting) *PullCmd
	// AsyncPullContext is AsyncPull while ctx lasts, as PullContext is Pull.
	AsyncPullContext(ctx context.Context, uri string, args, reply any, done chan *PullCmd, settings ...packet.PacketSetting) *PullCmd
	// Push sends a PUSH. nil says that it was accepted for sending, not that it
	// came through: see Flush.
	Push(uri string, args any, settings ...packet.PacketSetting) *Rerror
	// PushContext is Push while ctx lasts: it bounds the waiting for a
	// connection and for room in the queue, and tells the other side of the
	// deadline.
	PushContext(ctx context.Context, uri string, args any, settings ...packet.PacketSetting) *Rerror
	// Stats returns what the session holds at the moment, and its bounds.
	Stats() SessionStats
	// Flush waits until everything accepted before it is with the kernel.
	Flush(ctx context.Context) error
	// ReadTimeout returns how long the session may hear nothing before it ends; 0: for ever.
	ReadTimeout() time.Duration
	// SetReadTimeout changes that, for the wait under way too.
	SetReadTimeout(d time.Duration)
	// WriteTimeout returns how long one write may wait for the other side; 0: for ever.
	WriteTimeout() time.Duration
	// SetWriteTimeout changes that, from the next write on.
	SetWriteTimeout(d time.Duration)
	// RemoteIp returns the other side's address, host and port.
	RemoteIp() string
	// LocalIp returns this side's address, host and port.
	LocalIp() string
	// Public returns the session's data. Each packet's context begins with a copy.
	Public() *sync.Map
	// PublicLen counts the entries of Public.
	PublicLen() int
}

// Status of a session. It only grows.
type sessionStatus uint8

const (
	statusOK      sessionStatus = iota // calls are taken; without a link they wait for the redial
	statusClosing                      // Close was called, or the link ended and is not redialed
	statusClosed                       // over
)

// session is the one implementation of Session. Its link is replaced by a
// redial; everything else stays.
type session struct {
	peer    *Peer
	redial  *dialer       // nil: a broken link ends the session
	dialed  bool          // by this side
	named   bool          // by SetId; the hub's
	opening bool          // accepted, and not through its handshake; guarded by mu
	status  sessionStatus // guarded by mu

	cur              atomic.Pointer[link] // for new calls; nil while there is none
	pullSeq, pushSeq atomic.Uint64
	readTimeout      atomic.Int64
	writeTimeout     atomic.Int64
	pullsFailed      atomic.Uint64
	public           atomic.Pointer[sync.Map] // nil: empty
	stop             doneSignal               // Close begins: ends the redialing
	done             doneSignal               // everything is over

	id atomic.Pointer[string] // never nil; written under the hub's lock

	newer, older *session // in the peer's list, guarded by its lock

	// mu guards what follows. It is apart from the hub's and the pending
	// tables': none of them is taken while another is held.
	mu      sync.Mutex
	links   []*link       // the last one and earlier ones that are not done
	changed chan struct{} // closed with the next change; nil while nobody waits
	kept    *sessionKept  // nil: nothing
	cause   error         // the first reason to end
	abort   func()        // interrupts the handshake that is under way
}

// sessionKept is what few sessions keep of the links before.
type sessionKept struct {
	calls  []*call    // never sent, to be sent on the next link
	unsent lostPushes // of links that are not in links any more
}

// keptLocked gives what the session keeps, to read.
func (s *session) keptLocked() sessionKept {
	if s.kept == nil {
		return sessionKept{}
	}
	return *s.kept
}

// keepLocked gives the same to write.
func (s *session) keepLocked() *sessionKept {
	if s.kept == nil {
		s.kept = new(sessionKept)
	}
	return s.kept
}

func newSession(p *Peer) *session {
	s := &session{
		peer: p,
	}
	s.id.Store(new(string))
	s.readTimeout.Store(int64(p.cfg.DefaultReadTimeout))
	s.writeTimeout.Store(int64(p.cfg.DefaultWriteTimeout))
	return s
}

func (s *session) Id() string { return *s.id.Load() }

func (s *session) SetId(id string) {
	old, kicked := s.peer.hub.rename(s, id)
	if kicked != nil {
		kicked.beginClose(errKicked)
	}
	if old != id {
		Infof("session changes id: %s -> %s", logText(old), logText(id))
	}
}

// setId gives the session its first id, an address, unless it has one.
func (s *session) setId(addr string) { s.peer.hub.name(s, addr) }

func (s *session) Peer() *Peer { return s.peer }

func (s *session) Health() bool { return s.cur.Load() != nil }

func (s *session) Public() *sync.Map {
	if m := s.public.Load(); m != nil {
		return m
	}
	s.public.CompareAndSwap(nil, new(sync.Map))
	return s.public.Load()
}

func (s *session) PublicLen() int {
	if m := s.public.Load(); m != nil {
		return mapLen(m)
	}
	return 0
}

func (s *session) RemoteIp() string { return addrText(s.lastLink().conn.NetConn().RemoteAddr()) }

func (s *session) LocalIp() string { return addrText(s.lastLink().conn.NetConn().LocalAddr()) }

func addrText(a net.Addr) string {
	if a == nil {
		return ""
	}
	return a.String()
}

func (s *session) ReadTimeout() time.Duration { return time.Duration(s.readTimeout.Load()) }

func (s *session) WriteTimeout() time.Duration { return time.Duration(s.writeTimeout.Load()) }

func (s *session) SetReadTimeout(d time.Duration) {
	s.readTimeout.Store(int64(max(d, 0)))
	s.lastLink().conn.SetReadTimeout(max(d, 0))
}

func (s *session) SetWriteTimeout(d time.Duration) {
	s.writeTimeout.Store(int64(max(d, 0)))
	s.lastLink().conn.SetWriteTimeout(max(d, 0))
}

func (s *session) Flush(ctx context.Context) error {
	l := s.cur.Load()
	if l == nil {
		l = s.lastLink()
	}
	return l.conn.Flush(ctx)
}

// lastLink returns the newest link, over or not. There always is one.
func (s *session) lastLink() *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links[len(s.links)-1]
}
