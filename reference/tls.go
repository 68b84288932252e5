package tp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
)

// completeTLS makes one TLS configuration of the files and TLSConfig, or none.
func (c *PeerConfig) completeTLS() error {
	if c.TLSConfig != nil {
		c.TLSConfig = c.TLSConfig.Clone()
	}
	if c.TlsCertFile == "" && c.TlsKeyFile == "" && c.TlsClientCAFile == "" && c.TlsRootCAFile == "" {
		return nil
	}
	if c.TLSConfig == nil {
		c.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if err := c.loadCertificate(); err != nil {
		return err
	}
	if file := c.TlsClientCAFile; file != "" {
		pool, err := loadCAs("TlsClientCAFile", file)
		if err != nil {
			return err
		}
		c.TLSConfig.ClientCAs = pool
		c.TLSConfig.ClientAuth = tls.RequireAndVerifyClientCert // whatever weaker the TLSConfig asks for
	}
	if file := c.TlsRootCAFile; file != "" {
		pool, err := loadCAs("TlsRootCAFile", file)
		if err != nil {
			return err
		}
		c.TLSConfig.RootCAs = pool
	}
	return nil
}

func (c *PeerConfig) loadCertificate() error {
	if c.TlsCertFile == "" && c.TlsKeyFile == "" {
		return nil
	}
	if c.TlsCertFile == "" || c.TlsKeyFile == "" {
		return &ConfigError{Field: "TlsCertFile", Value: c.TlsCertFile, Want: "TlsCertFile and TlsKeyFile together, or neither"}
	}
	cert, err := tls.LoadX509KeyPair(c.TlsCertFile, c.TlsKeyFile)
	if err != nil {
		return &ConfigError{Field: "TlsCertFile", Value: c.TlsCertFile, Want: "a PEM certificate whose key is in TlsKeyFile", Err: err}
	}
	c.TLSConfig.Certificates = append([]tls.Certificate{cert}, c.TLSConfig.Certificates...)
	return nil
}

func loadCAs(field, file string) (*x509.CertPool, error) {
	const want = "a PEM file of CA certificates"
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, &ConfigError{Field: field, Value: file, Want: want, Err: err}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, &ConfigError{Field: field, Value: file, Want: want, Err: errors.New("no certificate is in it")}
	}
	return pool, nil
}

// checkServerTLS refuses to listen with a TLS configuration that every
// handshake would fail with.
func (p *Peer) checkServerTLS() error {
	c := p.cfg.TLSConfig
	if c == nil || len(c.Certificates) > 0 || c.GetCertificate != nil || c.GetConfigForClient != nil {
		return nil
	}
	return &ConfigError{Field: "TLSConfig", Value: "without a certificate",
		Want: "a certificate to listen with (TlsCertFile and TlsKeyFile, or TLSConfig.Certificates); it does for dialing"}
}

// clientTLS fills in the name that the server's certificate must have.
func clientTLS(c *tls.Config, addr string) *tls.Config {
	if c.ServerName != "" || c.InsecureSkipVerify {
		return c
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	if host == "" {
		host = "localhost" // as a dial takes it
	}
	c = c.Clone()
	c.ServerName = host
	return c
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
