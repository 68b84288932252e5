package tp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// The peer speaks TLS both ways when it is told to.
func TestPeer_TLS(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile, pool := writeCert(t, dir)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := NewPeer(PeerConfig{TlsCertFile: certFile, TlsKeyFile: keyFile, HandshakeTimeout: 5 * time.Second})
	srv.PullRouter.RegFunc("/add", func(args *[2]int) (int, *Rerror) { return args[0] + args[1], nil })
	served := make(chan error, 1)
	go func() { served <- srv.ServeListener(lis) }()
	cli := NewPeer(PeerConfig{TLSConfig: &tls.Config{RootCAs: pool}})
	sess, rerr := cli.Dial(lis.Addr().String())
	if rerr != nil {
		t.Fatal(rerr)
	}
	var sum int
	if rerr := sess.Pull("/add", [2]int{1, 2}, &sum, packet.WithXferPipe('g')).Rerror(); rerr != nil || sum != 3 {
		t.Errorf("got %d, %v", sum, rerr)
	}
	strict := NewPeer(PeerConfig{TLSConfig: &tls.Config{}})
	if _, rerr := strict.Dial(lis.Addr().String()); codeOf(rerr) != 105 {
		t.Errorf("an unknown certificate: %v", rerr)
	}
	plain := NewPeer(PeerConfig{})
	if s, rerr := plain.Dial(lis.Addr().String()); rerr == nil {
		wantCode(t, "without TLS", s.Pull("/add", nil, nil).Rerror(), 102)
	}
	for _, p := range []*Peer{plain, strict, cli, srv} {
		p.Close()
	}
	<-served
}

func writeCert(t *testing.T, dir string) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(cert)
	return write("cert.pem", "CERTIFICATE", der), write("key.pem", "PRIVATE KEY", keyDER), pool
}
