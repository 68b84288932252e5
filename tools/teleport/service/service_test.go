package service

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/henrylee2cn/teleport/conformance"
	tp "github.com/henrylee2cn/teleport/reference"
)

func TestMain(m *testing.M) {
	tp.SetRawlogLevel("OFF")
	goleak.VerifyTestMain(m)
}

// serve offers the service on a listener until the test ends, and gives what dials it.
func serve(t *testing.T, network, address string) func(context.Context) (net.Conn, error) {
	t.Helper()
	ln, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	peer := New(tp.PeerConfig{Network: network})
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				ended <- err
				return
			}
			if _, err := peer.ServeConn(conn); err != nil {
				conn.Close()
			}
		}
	}()
	t.Cleanup(func() {
		ln.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accepting: %v", err)
		}
		if err := peer.Close(); err != nil {
			t.Errorf("closing the peer: %v", err)
		}
	})
	return func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, ln.Addr().String())
	}
}

func TestService_ConformsOverTCP(t *testing.T) {
	conformance.TestPeer(t, serve(t, "tcp", "127.0.0.1:0"))
}

func TestService_ConformsOverUnix(t *testing.T) {
	conformance.TestPeer(t, serve(t, "unix", filepath.Join(t.TempDir(), "s")))
}
