package auth

import (
	"io"
	"testing"
	"testing/synctest"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/tptest"
)

// A peer that knows no secret sends our own handshake back to us: it must not
// have us answer our own challenge.
func TestReflection_IsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := tptest.NewNetwork()
		secrets := StaticSecrets(map[string][]byte{"node": serverKey})
		a := New(Config{Credential: HMAC("node", serverKey), Verifier: VerifyHMAC(secrets), Mutual: true})
		peer := tp.NewPeer(tp.PeerConfig{DialFunc: network.DialContext}, a)
		own, err := network.Listen("own:1")
		if err != nil {
			t.Fatal(err)
		}
		mirror, err := network.Listen("mirror:1")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- peer.ServeListener(own) }()
		go func() {
			from, err := mirror.Accept()
			if err != nil {
				return
			}
			to, err := network.Dial(t.Context(), "own:1")
			if err != nil {
				return
			}
			go func() { io.Copy(to, from); to.Close() }()
			io.Copy(from, to)
			from.Close()
		}()
		_, rerr := peer.Dial("mirror:1")
		wantCode(t, "the dial to the mirror", rerr, tp.CodeUnauthorized)
		if n := peer.CountSession(); n != 0 {
			t.Errorf("%d sessions", n)
		}
		mirror.Close()
		peer.Close()
		<-served
	})
}
