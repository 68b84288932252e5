package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority makes certificates, as files.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its own certificate
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.cert = template(name)
	a.cert.IsCA, a.cert.KeyUsage = true, x509.KeyUsageCertSign
	a.key = newKey(t)
	der := a.sign(a.cert, a.key)
	a.file = a.write(name, "CERTIFICATE", der)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a.cert = cert
	return a
}

// issue makes a certificate for localhost that does for both sides.
func (a *authority) issue(name string) (certFile, keyFile string) {
	a.t.Helper()
	cert, key := template(name), newKey(a.t)
	cert.DNSNames, cert.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	cert.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name, "CERTIFICATE", a.sign(cert, key)), a.write(name+"-key", "PRIVATE KEY", der)
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(cert *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	a.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return der
}

func (a *authority) write(name, kind string, der []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name+".pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

func TestTLS_BothSides(t *testing.T) {
	ours, others := newAuthority(t, "ours"), newAuthority(t, "others")
	cert, key := ours.issue("server")
	clientCert, clientKey := ours.issue("client")
	strangeCert, strangeKey := others.issue("stranger")
	server := netFlags{tls: true, cert: cert, key: key}
	open := serving(t, &serveFlags{netFlags: server})
	server.clientCA = ours.file
	mutual := serving(t, &serveFlags{netFlags: server})
	server.network, server.clientCA = "unix", ""
	path := filepath.Join(t.TempDir(), "s")
	serving(t, &serveFlags{netFlags: server, listen: path})
	for _, tt := range []struct {
		name string
		args []string // in place of ADDRESS
		code int
		want string // of standard error
	}{
		{"with its authority", []string{open, "--ca", ours.file}, ExitOK, ""},
		{"by name", []string{strings.Replace(open, "127.0.0.1", "localhost", 1), "--network", "tcp4", "--ca", ours.file}, ExitOK, ""},
		{"unchecked", []string{open, "--insecure"}, ExitOK, ""},
		{"unknown to the system", []string{open, "--tls"}, ExitHarness, "TLS handshake"},
		{"with another authority", []string{open, "--ca", others.file}, ExitHarness, "unknown authority"},
		{"another name", []string{open, "--ca", ours.file, "--server-name", "example.com"}, ExitHarness, "example.com"},
		{"the name it has", []string{open, "--ca", ours.file, "--server-name", "localhost"}, ExitOK, ""},
		{"without TLS", []string{open}, ExitHarness, "102"},
		{"mutual", []string{mutual, "--ca", ours.file, "--cert", clientCert, "--key", clientKey}, ExitOK, ""},
		{"mutual, without a certificate", []string{mutual, "--ca", ours.file}, ExitHarness, "10"}, // 102, 104 or 105: the refusal comes when it comes
		{"mutual, a stranger", []string{mutual, "--ca", ours.file, "--cert", strangeCert, "--key", strangeKey}, ExitHarness, "10"},
		{"unix", []string{"--unix", path, "--ca", ours.file, "--server-name", "localhost"}, ExitOK, ""},
		{"unix, unchecked", []string{"--unix", path, "--insecure"}, ExitOK, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			code, out, stderr := run(t, "", append(append([]string{"pull"}, tt.args...), "/conformance/sum", "[1,2]")...)
			if code != tt.code || (code == ExitOK) != (out == "3\n") || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit code %d, got %q, %s", code, out, stderr)
			}
		})
	}
}
