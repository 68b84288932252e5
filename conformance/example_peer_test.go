package conformance_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/conformance/report"
	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/tools/teleport/service"
)

// A peer that listens, judged over connections in memory: each call of dial gives a fresh one, whose other end the
// peer serves. Over a network, dial is the DialContext of a net.Dialer.
func ExampleCheckPeer() {
	peer := service.New(tp.PeerConfig{})
	defer peer.Close()
	dial := func(context.Context) (net.Conn, error) {
		mine, theirs := net.Pipe()
		_, err := peer.ServeConn(theirs)
		return mine, err
	}
	r := conformance.CheckPeer(context.Background(), dial, conformance.Only("peer/pull-*"), conformance.WithTarget("my peer"))
	fmt.Println(r.Target, "conforms:", r.OK())
	// Output: my peer conforms: true
}

// A peer that dials: it keeps four connections to the listener open until the check is done and closes it.
func ExampleCheckDialer() {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	done := make(chan error, 1)
	go func() {
		done <- service.Dial(context.Background(), tp.PeerConfig{}, ln.Addr().String(), 10*time.Second)
	}() // ends with ln

	r := conformance.CheckDialer(context.Background(), ln, conformance.Only("peer/pull-*"))
	fmt.Println("conforms:", r.OK(), "- the peer ended with", <-done)
	// Output: conforms: true - the peer ended with <nil>
}

// In a test: a subtest a case, on a listener that the peer under test is told to dial.
func ExampleTestDialer() {
	_ = func(t *testing.T) { // func TestDialing(t *testing.T)
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go service.Dial(t.Context(), tp.PeerConfig{}, ln.Addr().String(), 10*time.Second) // yours here; ends with ln
		conformance.TestDialer(t, ln, conformance.Without(conformance.FeatureFlood))
	}
}

// An encoder and decoder in another language: a program that answers lines of JSON. See package testee.
func ExampleCheckExec() {
	r := conformance.CheckExec(context.Background(), []string{"python3", "testee/python/testee.py"},
		conformance.Only("wire/*"), conformance.WithSilenceTimeout(2*time.Second), conformance.WithStderr(os.Stderr))
	if !r.OK() {
		report.Text(os.Stdout, r)
	}
}
