package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	tp "github.com/henrylee2cn/teleport/reference"
)

// secure makes the TLS configuration of the flags; nil without TLS. config has looked at the flags before.
func (n *networkFlags) secure() (*tls.Config, error) {
	if !n.tls {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: n.serverName, InsecureSkipVerify: n.insecure}
	if n.cert != "" {
		cert, err := tls.LoadX509KeyPair(n.cert, n.key)
		if err != nil {
			return nil, usagef("--cert and --key: %w", err)
		}
		c.Certificates = []tls.Certificate{cert}
	}
	var err error
	if n.rootCA != "" {
		if c.RootCAs, err = authorities("--ca", n.rootCA); err != nil {
			return nil, err
		}
	}
	if n.clientCA != "" {
		if c.ClientCAs, err = authorities("--client-ca", n.clientCA); err != nil {
			return nil, err
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if c.ServerName == "" && n.server != "" && n.network != "unix" {
		host, _, err := net.SplitHostPort(n.server)
		if err != nil {
			return nil, usagef("--server %s: %w", n.server, err)
		}
		c.ServerName = host
	}
	if n.server != "" && c.ServerName == "" && !n.insecure {
		return nil, usagef("--tls over a unix socket: give --server-name, or --insecure")
	}
	return c, nil
}

func authorities(flag, file string) (*x509.CertPool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, usagef("%s: %w", flag, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, usagef("%s %s: no certificate is in it", flag, file)
	}
	return pool, nil
}

// dialer gives what opens a connection to --server.
func (n *networkFlags) dialer(c *tls.Config) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, n.network, n.server)
		if err != nil || c == nil {
			return conn, err
		}
		secure := tls.Client(conn, c)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("TLS handshake with %s: %w", n.server, err), conn.Close())
		}
		return secure, nil
	}
}

// open listens at --listen. A unix socket file that a crash has left is removed.
func (n *networkFlags) open(c *tls.Config) (net.Listener, error) {
	ln, err := tp.NewListener(n.network, n.listen)
	if err != nil {
		return nil, harnessf("%w", err)
	}
	if c != nil {
		ln = tls.NewListener(ln, c)
	}
	return ln, nil
}
