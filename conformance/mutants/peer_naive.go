package mutants

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"github.com/henrylee2cn/teleport/conformance/oracle"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// naivePeer is a whole peer with the conformance service of chapter 19, written on the oracle: plain and slow, with
// every rule in a field of its own, so that a broken peer is this one with one field changed. Handlers do not block:
// what waits keeps a function that is called later. One lock guards it all.
type naivePeer struct {
	limits      oracle.Limits
	filters     oracle.Filters   // besides gzip
	maxHandlers int              // PULLs and PUSHes in flight in a session
	maxQueue    int              // bytes that wait to be written in a session
	codes       naiveCodes       // what is answered by the peer itself
	pulls       map[string]route // by path
	pushes      map[string]route
	callers     naiveCallers

	arrived   func(s *naiveSession, b []byte) []byte                                 // what is made of bytes before they are decoded; without the lock
	decode    func(wire []byte, l oracle.Limits) (oracle.Packet, int, *oracle.Error) // how a frame is read
	path      func(uri []byte) (path string, query []byte, ok bool)                  // how a uri is read
	timeout   func(meta []oracle.Pair) (left time.Duration, ok bool)                 // how a deadline is read
	timeText  func(left time.Duration) string                                        // how a deadline is written
	errorText func(e oracle.ReplyError) []byte                                       // how an error is written
	errorOf   func(in oracle.Packet) (oracle.ReplyError, bool)                       // how the error of a REPLY is read
	ints      func(in oracle.Packet) (n [2]int, code int32)                          // how a typed body is decoded; code 0 is success
	alter     func(r *request, reply oracle.Packet) []oracle.Packet                  // what is made of a REPLY before it is sent
	encode    func(p oracle.Packet) ([]byte, error)                                  // how a packet is written
	done      func(ids, payload []byte) ([]byte, error)                              // how filters are done
	match     func(s *naiveSession, in oracle.Packet) (key any, ok bool)             // which pending PULL a REPLY ends
	take      func(s *naiveSession, in oracle.Packet)                                // what is done with a packet
	unmatched func(s *naiveSession, in oracle.Packet)                                // what is done with a REPLY that nobody waits for
	odd       func(s *naiveSession, in oracle.Packet)                                // what is done with another packet type
	fault     func(s *naiveSession, e *oracle.Error)                                 // what is done with a fault; the reader has ended
	eof       func(s *naiveSession)                                                  // what is done at a clean end of the stream
	full      func(s *naiveSession, frame []byte)                                    // what is done with a frame beyond the queue's bound

	mu       sync.Mutex // guards what follows, and the sessions
	sessions map[*naiveSession]bool
	gates    map[string]*naiveGate
	timers   naiveTimers
	earlier  chan struct{} // a timer has come that is due before the others
	stopped  chan struct{}
	running  sync.WaitGroup // readers, writers and the keeper of the timers
}

// naiveCodes are the codes of the errors that the peer itself answers.
type naiveCodes struct {
	badURI, noRoute, overload, late, panicked, unencodable int32
}

// naiveCallers say how the peer numbers its own calls.
type naiveCallers struct {
	pull, push func(s *naiveSession, r *request) uint64
	refuse     int32 // where not 0: every call of its own fails with this code
}

// naiveSession is one connection. All fields but conn and peer are guarded by the peer's lock.
type naiveSession struct {
	peer    *naivePeer
	conn    *tptest.Conn
	more    *sync.Cond // the queue, or the state, has changed
	queue   [][]byte
	queued  int // bytes in the queue, without the frame that is being written
	running int // handlers in flight
	pending map[any]func(oracle.Packet)
	pullSeq uint64
	pushSeq uint64
	notes   int
	waiting []naiveWaiter
	leaving bool // the other side has announced its end
	half    bool // our own stream has ended
	ended   bool // the other side's stream has ended
	closed  bool
	gone    chan struct{}  // closed with it
	state   map[string]any // what single mutants remember
}

// naiveWaiter is a PULL of count that waits for more notes.
type naiveWaiter struct {
	least int
	r     *request
}

// dial gives what connects to the peer, in memory.
func (p *naivePeer) dial(context.Context) (net.Conn, error) {
	ours, theirs := tptest.Pipe()
	p.serve(theirs)
	return ours, nil
}

// serve begins a session.
func (p *naivePeer) serve(conn *tptest.Conn) *naiveSession {
	s := &naiveSession{peer: p, conn: conn, more: sync.NewCond(&p.mu), pending: map[any]func(oracle.Packet){}, state: map[string]any{},
		gone: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if isClosed(p.stopped) { // by a case that was given up and still runs
		s.closeLocked()
		return s
	}
	p.sessions[s] = true
	p.running.Go(s.read)
	p.running.Go(s.write)
	return s
}

// stop ends all sessions and waits for their goroutines.
func (p *naivePeer) stop() {
	p.mu.Lock()
	close(p.stopped)
	for s := range p.sessions {
		s.closeLocked()
	}
	p.mu.Unlock()
	p.running.Wait()
}

func isClosed(ch chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// read takes packets until the stream ends, or is at fault.
func (s *naiveSession) read() {
	var buf []byte // grows behind what packets still use, and is never written twice
	chunk := make([]byte, 64<<10)
	for {
		n, err := s.conn.Read(chunk)
		buf = append(buf, s.peer.arrived(s, chunk[:n])...)
		for len(buf) > 0 {
			in, size, fault := s.peer.decode(buf, s.peer.limits)
			if fault != nil && fault.Class == oracle.Short {
				break
			}
			if !s.taken(in, fault) {
				return
			}
			buf = buf[size:]
		}
		if err != nil {
			s.streamEnded(err == io.EOF && len(buf) == 0)
			return
		}
	}
}

// taken handles a packet or a fault, and reports whether the reader goes on.
func (s *naiveSession) taken(in oracle.Packet, fault *oracle.Error) bool {
	p := s.peer
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case s.closed:
		return false
	case fault != nil:
		p.fault(s, fault)
		return false
	}
	p.take(s, in)
	return !s.closed
}

func (s *naiveSession) streamEnded(clean bool) {
	s.peer.mu.Lock()
	defer s.peer.mu.Unlock()
	if !clean {
		if !s.closed {
			s.peer.fault(s, &oracle.Error{Class: oracle.Short, Stage: oracle.StageFrame})
		}
		return
	}
	s.peer.eof(s)
}

// drain lets running handlers answer; the PULLs of this side end, for no REPLY can come.
func (s *naiveSession) drain() {
	s.ended = true
	for key, done := range s.pending {
		delete(s.pending, key)
		done(oracle.Packet{Meta: []oracle.Pair{{Key: []byte(oracle.ErrorKey), Value: []byte(`{"code":102}`)}}})
	}
	s.more.Signal()
}

// write writes what is queued, and ends the stream when there is nothing left to say.
func (s *naiveSession) write() {
	p := s.peer
	p.mu.Lock()
	defer p.mu.Unlock()
	for !s.closed {
		switch {
		case len(s.queue) > 0:
			frame := s.queue[0]
			s.queue = s.queue[1:]
			s.queued -= len(frame)
			p.mu.Unlock()
			_, err := s.conn.Write(frame)
			p.mu.Lock()
			if err != nil {
				s.closeLocked()
			}
		case s.ended && s.running == 0:
			s.closeLocked()
		case s.leaving && !s.half && s.running == 0 && len(s.pending) == 0:
			s.half = true
			s.conn.CloseWrite()
		default:
			s.more.Wait()
		}
	}
}

func (s *naiveSession) closeLocked() {
	if s.closed {
		return
	}
	s.closed = true
	close(s.gone)
	delete(s.peer.sessions, s)
	s.conn.Close()
	s.more.Signal()
}

// send queues a packet.
func (s *naiveSession) send(out oracle.Packet) error {
	frame, err := s.peer.encode(out)
	if err != nil {
		return err
	}
	s.sendFrame(frame)
	return nil
}

func (s *naiveSession) sendFrame(frame []byte) {
	switch {
	case s.closed:
	case s.queued > s.peer.maxQueue:
		s.peer.full(s, frame)
	default:
		s.queue = append(s.queue, frame)
		s.queued += len(frame)
		s.more.Signal()
	}
}
