package cli

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	tp "github.com/henrylee2cn/teleport/reference"
)

// serving runs serve with these flags until the test ends, and gives its address.
func serving(t *testing.T, f *serveFlags) string {
	t.Helper()
	if f.proto == "" {
		f.proto = "fast"
	}
	if f.network == "" {
		f.network, f.listen = "tcp", "127.0.0.1:0"
	}
	f.drain = time.Minute
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- f.serve(ctx, new(bytes.Buffer), func(a net.Addr) { ready <- a }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	select {
	case addr := <-ready:
		return addr.String()
	case err := <-ended:
		ended <- nil
		t.Fatalf("serve: %v", err)
		return ""
	}
}

// slowCall is a PULL whose handler, in serve, waits for an answer from here.
type slowCall struct {
	*tp.PullCmd
	answer func()
}

// awaitClosing returns once the server has asked us to go.
func (c *slowCall) awaitClosing() {
	for c.Session().Health() {
		runtime.Gosched()
	}
}

// callSlowly returns when the handler waits.
func callSlowly(t *testing.T, addr string) *slowCall {
	t.Helper()
	came, gate := make(chan struct{}), make(chan struct{})
	peer := tp.NewPeer(tp.PeerConfig{CloseTimeout: time.Nanosecond})
	peer.PullRouter.RegFunc("/conformance/callback", func(*[]byte) (string, *tp.Rerror) {
		close(came)
		<-gate
		return "answered", nil
	})
	open := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(func() {
		open()
		peer.Close()
	})
	sess, rerr := peer.Dial(addr)
	if rerr != nil {
		t.Fatal(rerr)
	}
	c := &slowCall{sess.AsyncPull("/conformance/pullback", nil, new(string), nil), open}
	<-came
	return c
}

// A signal ends serve gracefully: the call that runs gets its reply, and nothing is printed.
func TestServe_SignalDrains(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		p := start(t, "serve")
		c := callSlowly(t, p.address())
		p.signal(sig)
		c.awaitClosing()
		c.answer()
		if reply, rerr := c.Result(); rerr != nil || *reply.(*string) != "answered" {
			t.Errorf("%v: the call that ran ended with %v", sig, rerr)
		}
		p.ended(ExitOK, "")
	}
}

func TestServe_CutsOffAfterDrain(t *testing.T) {
	p := start(t, "serve", "--drain", "10ms")
	c := callSlowly(t, p.address())
	p.signal(syscall.SIGTERM)
	p.ended(ExitHarness, "teleport: 1 sessions were cut off: their calls took longer than --drain 10ms\n")
	if rerr := c.Rerror(); rerr == nil || rerr.Code != tp.CodeConnClosed {
		t.Errorf("the call ended with %v, want 102", rerr)
	}
}

func TestServe_SecondSignalEndsAtOnce(t *testing.T) {
	p := start(t, "serve", "--drain", "1h")
	c := callSlowly(t, p.address())
	p.signal(syscall.SIGTERM) // a shell has what it runs in the background ignore SIGINT
	c.awaitClosing()
	over := make(chan struct{})
	go func() {
		defer close(over)
		p.cmd.Wait()
	}()
	again := time.NewTicker(20 * time.Millisecond) // the first may not have been seen to yet
	defer again.Stop()
	for ended := false; !ended; {
		p.cmd.Process.Signal(syscall.SIGTERM) // it may be over
		select {
		case <-over:
			ended = true
		case <-again.C:
		}
	}
	if status := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || p.stderr.Len() > 0 {
		t.Errorf("%v, printed %q", p.cmd.ProcessState, p.stderr.String())
	}
}

func TestServe_VerboseTellsTheCounts(t *testing.T) {
	f := serveFlags{netFlags: netFlags{network: "tcp", proto: "fast", verbose: true}, listen: "127.0.0.1:0", drain: time.Minute}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var told bytes.Buffer
	err := f.serve(ctx, &told, func(addr net.Addr) {
		go func() {
			defer stop()
			runOK(t, "", "pull", addr.String(), "/conformance/sum", "[1,2]")
		}()
	})
	if err != nil || !strings.Contains(told.String(), "1 connections accepted") || !strings.Contains(told.String(), "/conformance/sum  pull in  1") {
		t.Errorf("%v, told\n%s", err, told.String())
	}
}

func TestServe_Unix(t *testing.T) {
	for _, network := range []string{"unix", "unixpacket"} {
		if network == "unixpacket" && runtime.GOOS != "linux" {
			continue
		}
		path := filepath.Join(t.TempDir(), "s")
		if got := serving(t, &serveFlags{netFlags: netFlags{network: network}, listen: path}); got != path {
			t.Fatalf("listening on %s", got)
		}
		args := []string{"pull", "--unix", path, "/conformance/sum", "[1,2]"}
		if network != "unix" {
			args = append(args, "--network", network)
		}
		if out := runOK(t, "", args...); out != "3\n" {
			t.Errorf("%s: got %q", network, out)
		}
	}
	p := start(t, "serve", "--unix", filepath.Join(t.TempDir(), "s"))
	path := p.address()
	if out := runOK(t, "", "pull", "--network", "unix", path, "/conformance/echo", `"x"`); out != "\"x\"\n" {
		t.Errorf("got %q", out)
	}
	runOK(t, "", "push", "--unix", path, "/conformance/note")
	p.signal(os.Interrupt)
	p.ended(ExitOK, "")
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket's file is left")
	}
}

func TestServe_EachProtoAndPipe(t *testing.T) {
	for name := range protos {
		addr := serving(t, &serveFlags{netFlags: netFlags{proto: name}})
		for _, pipe := range []string{"", "g", "zc", "cgz"} {
			args := []string{addr, "/conformance/echo", `{"a":1}`, "--proto", name, "--pipe", pipe}
			if out := runOK(t, "", append([]string{"pull"}, args...)...); out != "{\n  \"a\": 1\n}\n" {
				t.Errorf("%s through %q: got %q", name, pipe, out)
			}
			runOK(t, "", append([]string{"push"}, args...)...)
		}
	}
}

func TestHelp_ListsTheFilters(t *testing.T) {
	if out := runOK(t, "", "pull", "--help"); !strings.Contains(out, "c (crc32c), g (gzip), z (zstd)") {
		t.Errorf("the help has no filters:\n%s", out)
	}
}
