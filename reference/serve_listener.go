package tp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Bounds of the wait after an accept that failed for lack of something.
const (
	acceptMinDelay = 5 * time.Millisecond
	acceptMaxDelay = time.Second
)

// ServeListener is Listen on a listener of the caller's making, which the peer
// owns from then on: it is closed when ServeListener returns. Where the peer has
// a TLS configuration it speaks TLS on what is accepted, so lis is the plain
// listener; a peer without one takes a TLS listener like any other.
func (p *Peer) ServeListener(lis net.Listener, protoFunc ...packet.ProtoFunc) error {
	if err := p.checkServerTLS(); err != nil {
		lis.Close()
		forgetListener(lis)
		return err
	}
	if !p.addListener(lis) {
		lis.Close()
		forgetListener(lis)
		return ErrListenClosed
	}
	Infof("listen ok (network:%s, addr:%s)", lis.Addr().Network(), lis.Addr())
	served(lis)
	err := p.acceptAll(lis, firstProto(protoFunc))
	p.accepting.Done()
	p.dropListener(lis)
	if p.isDone() {
		p.awaitEnd()
	}
	return err
}

// acceptAll accepts until the listener is closed or fails for good. What was
// accepted is served, even if the peer is being closed: it is told to go.
func (p *Peer) acceptAll(lis net.Listener, pf packet.ProtoFunc) error {
	delay := acceptMinDelay
	for {
		nc, err := lis.Accept()
		if err == nil {
			delay = acceptMinDelay
			s := newSession(p)
			s.opening = true
			p.adopt(s)
			go p.serveAccepted(s, nc, pf)
			continue
		}
		if p.isDone() || errors.Is(err, net.ErrClosed) {
			return ErrListenClosed
		}
		if !isTemporary(err) {
			return fmt.Errorf("teleport: accept on %s: %w", lis.Addr(), err)
		}
		Errorf("accept error: %s; retrying in %v", err, delay)
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-p.closed:
			timer.Stop()
			return ErrListenClosed
		}
		delay = min(2*delay, acceptMaxDelay)
	}
}

// Addrs returns the addresses that the peer listens on now, in no order.
func (p *Peer) Addrs() []net.Addr {
	p.mu.Lock()
	defer p.mu.Unlock()
	addrs := make([]net.Addr, 0, len(p.listeners))
	for lis := range p.listeners {
		addrs = append(addrs, lis.Addr())
	}
	return addrs
}

func (p *Peer) addListener(lis net.Listener) bool {
	key := keyOf(lis)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return false
	}
	p.listeners[lis] = key
	p.accepting.Add(1) // before Close waits: isClosed is not set yet
	return true
}

func (p *Peer) dropListener(lis net.Listener) {
	p.mu.Lock()
	delete(p.listeners, lis)
	p.mu.Unlock()
	if err := lis.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		Debugf("close listener %s: %s", lis.Addr(), err)
	}
	forgetListener(lis)
}

// adopt is track for a connection that was accepted: the other side may have
// sent something already, so it is served though the peer is being closed.
func (p *Peer) adopt(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sessions.add(s)
}

// serveAccepted opens an accepted session. Owner: the peer, which tracks the
// session; end: the handshake's. The reader begins on a small stack of its own:
// it may wait there for long.
func (p *Peer) serveAccepted(s *session, nc net.Conn, pf packet.ProtoFunc) {
	l, err := p.accept(s, nc, pf, p.cfg.TLSConfig)
	if err != nil {
		Debugf("accept %s: %s", addrText(nc.RemoteAddr()), logText(err.Error()))
		return
	}
	Infof("accept session(network:%s, addr:%s) ok", nc.RemoteAddr().Network(), logText(s.Id()))
	s.start(l)
}

// accept makes s, which the peer tracks, a session of a connection that somebody
// else dialed.
func (p *Peer) accept(s *session, nc net.Conn, pf packet.ProtoFunc, tlsConfig *tls.Config) (*link, error) {
	raw := nc // nc is another variable to the one who aborts
	s.setAbort(func() { raw.Close() })
	if tlsConfig != nil {
		tc := tls.Server(nc, tlsConfig)
		if err := p.handshake(context.Background(), tc); err != nil {
			nc.Close()
			Errorf("TLS handshake error from %s: %s", addrText(nc.RemoteAddr()), err)
			s.abandon(err)
			return nil, fmt.Errorf("teleport: TLS handshake: %w", err)
		}
		nc = tc
	}
	s.setId(p.addressId(nc.RemoteAddr(), nc.LocalAddr()))
	l := s.newLink(nc, pf)
	rerr := p.begin(s, l, false)
	s.setAbort(nil)
	if rerr == nil && !p.enter(s, l) {
		rerr = newCodeRerror(CodeConnClosed, "closed during the handshake")
	}
	if rerr != nil {
		s.abandon(rerr)
		return nil, rerr
	}
	s.mu.Lock()
	s.opening = false
	s.mu.Unlock()
	if p.isDone() {
		s.beginClose(errPeerClosing)
	}
	return l, nil
}

// beginCloseOrOpenFirst is beginClose for a peer that closes: a session that is
// being accepted is given a moment to be through with that, for the other side
// may think that it is, and have sent something.
func (s *session) beginCloseOrOpenFirst(cause error) {
	if !s.isOpening() {
		s.beginClose(cause)
		return
	}
	time.AfterFunc(closingWait, func() {
		if s.isOpening() {
			s.beginClose(cause)
		}
	})
}

func (s *session) isOpening() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opening
}

// addressId is the id of a session whose own address, the remote one where it
// was accepted, is addr. The clients of a unix socket have none: theirs is made
// of the socket's path and a number.
func (p *Peer) addressId(addr, other net.Addr) string {
	id := addrText(addr)
	if id != "" && id != "@" {
		return id
	}
	return addrText(other) + "#" + strconv.FormatUint(p.unnamed.Add(1), 10)
}
