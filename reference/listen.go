package tp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Listen listens on PeerConfig.Network and ListenAddress and serves what is
// accepted, with the first of protoFunc or the default Proto. It blocks until
// the peer is closed and its sessions are over (during Shutdown: until that is
// through), then it returns ErrListenClosed; else it returns what went wrong. It may be called more than once, and beside Dial.
func (p *Peer) Listen(protoFunc ...packet.ProtoFunc) error {
	lis, err := listen(p.cfg.Network, p.cfg.ListenAddress)
	if err != nil {
		return fmt.Errorf("teleport: listen (network:%s, addr:%s): %w", p.cfg.Network, p.cfg.ListenAddress, err)
	}
	return p.ServeListener(lis, protoFunc...)
}

// listen is net.Listen, but for a unix socket file that nobody listens on any
// more: it is in the way after a crash, and removed.
func listen(network, addr string) (net.Listener, error) {
	lis, err := net.Listen(network, addr)
	if err == nil || network != "unix" || !errors.Is(err, syscall.EADDRINUSE) {
		return lis, err
	}
	if info, serr := os.Lstat(addr); serr != nil || info.Mode()&fs.ModeSocket == 0 {
		return nil, err
	}
	if nc, derr := net.Dial(network, addr); derr == nil || !errors.Is(derr, syscall.ECONNREFUSED) {
		if nc != nil {
			nc.Close()
		}
		return nil, err // somebody serves there
	}
	if rerr := os.Remove(addr); rerr != nil {
		return nil, errors.Join(err, rerr)
	}
	return net.Listen(network, addr)
}

// Bounds of the wait after an accept that failed for lack of something.
const (
	acceptMinDelay = 5 * time.Millisecond
	acceptMaxDelay = time.Second
)

// ServeListener is Listen on a listener of the caller's making, which the peer
// owns from then on: it is closed when ServeListener returns.
func (p *Peer) ServeListener(lis net.Listener, protoFunc ...packet.ProtoFunc) error {
	if !p.addListener(lis) {
		lis.Close()
		return ErrListenClosed
	}
	defer p.dropListener(lis)
	Infof("listen ok (network:%s, addr:%s)", lis.Addr().Network(), lis.Addr())
	pf := firstProto(protoFunc)
	delay := acceptMinDelay
	for {
		nc, err := lis.Accept()
		if err == nil {
			delay = acceptMinDelay
			go p.serveAccepted(nc, pf)
			continue
		}
		if p.isDone() {
			p.awaitEnd()
			return ErrListenClosed
		}
		if errors.Is(err, net.ErrClosed) {
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
			p.awaitEnd()
			return ErrListenClosed
		}
		delay = min(2*delay, acceptMaxDelay)
	}
}

// isTemporary says that the next accept may well succeed: no more files or
// memory just now, a connection that was gone before it was accepted.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

func firstProto(pfs []packet.ProtoFunc) packet.ProtoFunc {
	if len(pfs) > 0 {
		return pfs[0]
	}
	return nil // socket.NewConn takes the default
}

func (p *Peer) isDone() bool {
	select {
	case <-p.closed:
		return true
	default:
		return false
	}
}

func (p *Peer) addListener(lis net.Listener) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return false
	}
	p.listeners[lis] = struct{}{}
	return true
}

func (p *Peer) dropListener(lis net.Listener) {
	p.mu.Lock()
	delete(p.listeners, lis)
	p.mu.Unlock()
	if err := lis.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		Debugf("close listener %s: %s", lis.Addr(), err)
	}
}

// serveAccepted is the goroutine of an accepted session: handshake, then its
// reader. Owner: the peer, which tracks the session; end: the session's.
func (p *Peer) serveAccepted(nc net.Conn, pf packet.ProtoFunc) {
	s, l, err := p.accept(nc, pf, p.cfg.TLSConfig)
	if err != nil {
		Debugf("accept %s: %s", addrText(nc.RemoteAddr()), logText(err.Error()))
		return
	}
	Infof("accept session(network:%s, addr:%s) ok", nc.RemoteAddr().Network(), logText(s.Id()))
	s.run(l)
}

// accept makes a session of a connection that somebody else dialed.
func (p *Peer) accept(nc net.Conn, pf packet.ProtoFunc, tlsConfig *tls.Config) (*session, *link, error) {
	s := newSession(p)
	if !p.track(s) {
		nc.Close()
		return nil, nil, ErrPeerClosed
	}
	s.setAbort(func() { nc.Close() })
	if tlsConfig != nil {
		tc := tls.Server(nc, tlsConfig)
		if err := p.handshake(context.Background(), tc); err != nil {
			nc.Close()
			Errorf("TLS handshake error from %s: %s", addrText(nc.RemoteAddr()), err)
			s.abandon(err)
			return nil, nil, fmt.Errorf("teleport: TLS handshake: %w", err)
		}
		nc = tc
	}
	s.setId(addrText(nc.RemoteAddr()))
	l := s.newLink(nc, pf)
	rerr := p.begin(s, l, false)
	s.setAbort(nil)
	if rerr == nil && !p.enter(s, l) {
		rerr = newCodeRerror(CodeConnClosed, "closed during the handshake")
	}
	if rerr != nil {
		s.abandon(rerr)
		return nil, nil, rerr
	}
	return s, l, nil
}

// handshake does the TLS handshake within its time.
func (p *Peer) handshake(ctx context.Context, tc *tls.Conn) error {
	if t := p.cfg.HandshakeTimeout; t > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t)
		defer cancel()
	}
	return tc.HandshakeContext(ctx)
}

// NetworkError says that a connection's network carries datagrams, which
// packets of any size do not fit in.
type NetworkError struct{ Network string }

func (e *NetworkError) Error() string {
	return fmt.Sprintf("teleport: network %q carries datagrams: expected a stream, such as tcp or unix", e.Network)
}

// ServeConn makes a session of a connection that the caller has accepted, or
// made in any other way, and serves it; it returns when the PostAccept hooks
// are through. The peer owns the connection from then on, error or not. TLS is
// the caller's matter.
func (p *Peer) ServeConn(conn net.Conn, protoFunc ...packet.ProtoFunc) (Session, error) {
	if a := conn.LocalAddr(); a != nil && (strings.Contains(a.Network(), "udp") || strings.HasSuffix(a.Network(), "gram")) {
		conn.Close()
		return nil, &NetworkError{Network: a.Network()}
	}
	s, l, err := p.accept(conn, firstProto(protoFunc), nil)
	if err != nil {
		return nil, err
	}
	Infof("serve ok (addr:%s, id:%s)", addrText(conn.RemoteAddr()), logText(s.Id()))
	s.start(l)
	return s, nil
}
