package tptest

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// echoServer writes back what it reads, until the test ends.
func echoServer(t *testing.T) string {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := lis.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer nc.Close()
				io.Copy(nc, nc)
			})
		}
	})
	t.Cleanup(func() { lis.Close(); wg.Wait() })
	return lis.Addr().String()
}

func startProxy(t *testing.T, target string, f ProxyFaults) *Proxy {
	t.Helper()
	p, err := ListenProxy(target, f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return p
}

func dialProxy(t *testing.T, p *Proxy) *net.TCPConn {
	t.Helper()
	nc, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(30 * time.Second)) // a test that is wrong must not hang
	return nc.(*net.TCPConn)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rng := rand.NewChaCha8([32]byte{1})
	rng.Read(b)
	return b
}

// exchange sends what and gives what came back until the end.
func exchange(nc *net.TCPConn, what []byte) (back []byte, err error) {
	go func() {
		nc.Write(what)
		nc.CloseWrite()
	}()
	return io.ReadAll(nc)
}

func TestProxy_PassesEverythingOn(t *testing.T) {
	CheckLeaks(t)
	faults := map[string]ProxyFaults{
		"no faults":      {},
		"small writes":   {MaxWrite: 100},
		"stalls":         {StallEvery: 20 << 10, Stall: time.Millisecond},
		"delays":         {DelayEvery: 20 << 10, Delay: time.Millisecond},
		"all but an end": {MaxWrite: 500, StallEvery: 50 << 10, Stall: time.Millisecond, DelayEvery: 50 << 10, Delay: time.Millisecond},
	}
	sent := randomBytes(100 << 10)
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			p := startProxy(t, echoServer(t), f)
			back, err := exchange(dialProxy(t, p), sent)
			if err != nil || !bytes.Equal(back, sent) {
				t.Errorf("%d bytes came back of %d: %v", len(back), len(sent), err)
			}
			s := p.Stats()
			if s.BytesUp != uint64(len(sent)) || s.BytesDown != s.BytesUp || s.Accepted != 1 || s.Cuts+s.Resets+s.Holes != 0 {
				t.Errorf("counts: %v", s)
			}
			if (s.Stalls > 0) != (f.Stall > 0) || (s.Delays > 0) != (f.Delay > 0) || (s.Pieces > 0) != (f.MaxWrite > 0) {
				t.Errorf("faults that were asked for and those counted differ: %v", s)
			}
		})
	}
}

func TestProxy_CutsAndResets(t *testing.T) {
	CheckLeaks(t)
	sent := randomBytes(200 << 10)
	for name, f := range map[string]ProxyFaults{"cut": {Seed: 1, CutEvery: 10 << 10}, "reset": {Seed: 1, ResetEvery: 10 << 10}} {
		t.Run(name, func(t *testing.T) {
			p := startProxy(t, echoServer(t), f)
			back, err := exchange(dialProxy(t, p), sent)
			if len(back) == len(sent) || !bytes.HasPrefix(sent, back) {
				t.Errorf("%d bytes came back of %d: %v", len(back), len(sent), err)
			}
			s := p.Stats()
			if s.Cuts+s.Resets != 1 || (s.Resets == 1) != (name == "reset") || s.Faults() != 1 {
				t.Errorf("counts: %v", s)
			}
			// The next connection is a fresh one.
			p.SetFaults(ProxyFaults{})
			if back, err = exchange(dialProxy(t, p), sent); err != nil || !bytes.Equal(back, sent) {
				t.Errorf("%d bytes came back of %d: %v", len(back), len(sent), err)
			}
		})
	}
}

// A hole swallows both directions, and neither side is told.
func TestProxy_Hole(t *testing.T) {
	CheckLeaks(t)
	p := startProxy(t, echoServer(t), ProxyFaults{HoleEvery: 1})
	nc := dialProxy(t, p)
	if _, err := nc.Write(randomBytes(1000)); err != nil {
		t.Fatal(err)
	}
	nc.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if n, err := nc.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("something came out of a hole: %d, %v", n, err)
	}
	if s := p.Stats(); s.Holes != 1 || s.Swallowed != 1000 || s.BytesUp != 0 {
		t.Errorf("counts: %v", s)
	}
}

func TestProxy_HoldReleaseAndCutAll(t *testing.T) {
	CheckLeaks(t)
	p := startProxy(t, echoServer(t), ProxyFaults{})
	p.Hold()
	p.Hold() // twice is once
	nc := dialProxy(t, p)
	nc.Write([]byte("hello"))
	nc.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	if n, err := nc.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("something came though all is held: %d, %v", n, err)
	}
	p.Release()
	p.Release()
	nc.SetReadDeadline(time.Now().Add(30 * time.Second))
	got := make([]byte, 5)
	if _, err := io.ReadFull(nc, got); err != nil || string(got) != "hello" {
		t.Errorf("after the release: %q, %v", got, err)
	}
	if n := p.Conns(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if n := p.Reset(); n != 1 || p.Conns() != 0 {
		t.Errorf("%d were reset, %d are left", n, p.Conns())
	}
	if _, err := nc.Read(got); err == nil || err == io.EOF {
		t.Errorf("after a reset: %v", err)
	}
	if s := p.Stats(); s.Resets != 1 || s.Cuts != 0 {
		t.Errorf("counts: %v", s)
	}
}

// Nobody behind the proxy, and a proxy that is closed.
func TestProxy_RefusesAndCloses(t *testing.T) {
	CheckLeaks(t)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := lis.Addr().String()
	lis.Close()
	p, err := ListenProxy(target, ProxyFaults{})
	if err != nil {
		t.Fatal(err)
	}
	nc := dialProxy(t, p)
	if _, err := nc.Read(make([]byte, 1)); err == nil {
		t.Error("a connection to nobody gave something to read")
	}
	if s := p.Stats(); s.Refused != 1 || s.Accepted != 0 {
		t.Errorf("counts: %v", s)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if nc, err := net.Dial("tcp", p.Addr()); err == nil {
		nc.Close()
		t.Error("a closed proxy accepts")
	}
}

// A hole in a link of a Network: the rest is lost, and nobody is told.
func TestLink_Swallow(t *testing.T) {
	a, b := Pipe()
	defer a.Close()
	defer b.Close()
	a.Out().Swallow(3)
	if n, err := a.Write([]byte("hello")); n != 5 || err != nil {
		t.Errorf("the writer was told: %d, %v", n, err)
	}
	got := make([]byte, 5)
	if n, err := b.Read(got); err != nil || string(got[:n]) != "hel" {
		t.Errorf("got %q, %v", got[:n], err)
	}
	a.Out().Swallow(100)
	a.Write([]byte("more"))
	a.Close()
	b.SetReadDeadline(time.Now().Add(time.Millisecond))
	if n, err := b.Read(got); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the reader was told: %d, %v", n, err)
	}
	if a.Out().Written() != 9 || a.Out().Delivered() != 3 {
		t.Errorf("%d written, %d delivered", a.Out().Written(), a.Out().Delivered())
	}
}
