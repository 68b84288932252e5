// Package quic has the names of quic-go v0.18 that erpc v6 mentions, and nothing behind them. The real one ends
// the process at start-up under any current Go ("qtls.ConnectionState doesn't match"), so erpc v6 cannot be
// linked with it. The Protos that are judged do not use it.
package quic

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"
)

var errNone = errors.New("quic is left out of this build")

// Config is what erpc sets of the real one's.
type Config struct{ KeepAlive bool }

// Session is a connection; there never is one.
type Session interface {
	AcceptStream(context.Context) (Stream, error)
	OpenStreamSync(context.Context) (Stream, error)
	LocalAddr() net.Addr
	RemoteAddr() net.Addr
	CloseWithError(uint64, string) error
}

// Stream is a stream of a Session.
type Stream interface {
	io.ReadWriteCloser
	SetDeadline(time.Time) error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Listener gives Sessions; there never is one.
type Listener interface {
	Accept(context.Context) (Session, error)
	Close() error
	Addr() net.Addr
}

// DialContext fails.
func DialContext(context.Context, net.PacketConn, net.Addr, string, *tls.Config, *Config) (Session, error) {
	return nil, errNone
}

// Listen fails.
func Listen(net.PacketConn, *tls.Config, *Config) (Listener, error) { return nil, errNone }
