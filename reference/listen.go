package tp

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Listen listens on PeerConfig.Network and ListenAddress (see NewListener) and serves what is
// accepted, with the first of protoFunc or the default Proto. It blocks until
// the peer is closed and its sessions are over (during Shutdown: until that is
// through), then it returns ErrListenClosed; else it returns what went wrong. It may be called more than once, and beside Dial.
func (p *Peer) Listen(protoFunc ...packet.ProtoFunc) error {
	lis, err := NewListener(p.cfg.Network, p.cfg.ListenAddress)
	if err != nil {
		return fmt.Errorf("teleport: listen (network:%s, addr:%s): %w", p.cfg.Network, p.cfg.ListenAddress, err)
	}
	return p.ServeListener(lis, protoFunc...)
}

// listen is net.Listen, but for a unix socket file that nobody listens on any
// more: it is in the way after a crash, and removed.
func listen(network, addr string) (net.Listener, error) {
	lis, err := net.Listen(network, addr)
	if err == nil || network != "unix" && network != "unixpacket" || !errors.Is(err, syscall.EADDRINUSE) {
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
	s := newSession(p)
	if !p.track(s) {
		conn.Close()
		return nil, ErrPeerClosed
	}
	l, err := p.accept(s, conn, firstProto(protoFunc), nil)
	if err != nil {
		return nil, err
	}
	Infof("serve ok (addr:%s, id:%s)", addrText(conn.RemoteAddr()), logText(s.Id()))
	s.start(l)
	return s, nil
}
