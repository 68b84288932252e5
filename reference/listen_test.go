package tp

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/henrylee2cn/teleport/reference/tptest"
)

func TestListen_ReturnsWhatGoesWrong(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer lis.Close()
	p := NewPeer(PeerConfig{ListenAddress: lis.Addr().String()})
	defer p.Close()
	if err := p.Listen(); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
}

// A socket file that a crash left behind is not in the way; one that is served is.
func TestListen_StaleUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	old, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listen("unix", path); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("while it is served: %v", err)
	}
	old.(*net.UnixListener).SetUnlinkOnClose(false)
	old.Close()
	lis, err := listen("unix", path)
	if err != nil {
		t.Fatalf("after the crash: %v", err)
	}
	lis.Close()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen("unix", path); err == nil {
		t.Error("an ordinary file was removed")
	}
}

// flakyListener fails for a while, as when the process is out of files.
type flakyListener struct {
	net.Listener
	fails int
	at    []time.Time
}

func (l *flakyListener) Accept() (net.Conn, error) {
	if l.fails--; l.fails >= 0 {
		l.at = append(l.at, time.Now())
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestListen_BacksOffWhenAcceptFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := tptest.NewNetwork()
		lis, err := n.Listen("a:1")
		if err != nil {
			t.Fatal(err)
		}
		p := NewPeer(PeerConfig{})
		flaky := &flakyListener{Listener: lis, fails: 10}
		served := make(chan error, 1)
		start := time.Now()
		go func() { served <- p.ServeListener(flaky) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		if took := flaky.at[9].Sub(start); took != (5+10+20+40+80+160+320+640+1000)*time.Millisecond {
			t.Errorf("ten failures took %v", took)
		}
		nc, err := n.Dial(context.Background(), "a:1")
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if p.CountSession() != 1 {
			t.Error("it does not serve afterwards")
		}
		p.Close()
		nc.Close()
		if err := <-served; !errors.Is(err, ErrListenClosed) {
			t.Error(err)
		}
	})
}
