// Package simple holds no code: its test builds and runs the design document's
// sample server and client beside it.
package simple

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// sleepInSample is how long the document's handler sleeps; without
// TELEPORT_LONG=1 the server is built with the short one in its place.
const (
	sleepInSample = "time.Sleep(5e9)"
	shortSleep    = "time.Sleep(6e8)" // still over the sample's slow threshold of 500 ms
)

func TestSample_BothProcessesOverTCP(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server, address := startServer(t, ctx)
	client := start(t, ctx, build(t, ctx, t.TempDir(), "client", "dialAddress="+address, ""))
	if err := client.end(); err != nil {
		t.Fatalf("the client ended with %v\n%s\nserver:\n%s", err, client.text(), server.text())
	}
	server.cmd.Process.Signal(syscall.SIGTERM)
	if err := server.end(); err != nil {
		t.Errorf("the server ended with %v on SIGTERM, want a graceful end\n%s", err, server.text())
	}

	t.Run("server", func(t *testing.T) { server.check(t, serverPrints) })
	t.Run("client", func(t *testing.T) { client.check(t, clientPrints) })
}

// The server is told to end while a handler runs: the reply still comes.
func TestSample_ShutdownLetsTheHandlerFinish(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server, address := startServer(t, ctx)
	client := start(t, ctx, build(t, ctx, t.TempDir(), "client", "dialAddress="+address, ""))
	server.wait(t, regexp.MustCompile(`meta: key: set`)) // the handler is running
	server.cmd.Process.Signal(syscall.SIGTERM)
	if err := server.end(); err != nil {
		t.Errorf("the server ended with %v, want a graceful end", err)
	}
	server.check(t, []string{`\[pull-handle\] remote-ip: \S+ \| seq: 0 \|`, `process are shutted down gracefully!`})
	client.wait(t, regexp.MustCompile(clientPrints[0]))
}

// What each must print, as regular expressions. "test bytes" is dGVzdCBieXRlcw==
// in JSON, in both directions.
var serverPrints = []string{
	// The pull came through its gzip pipe with its metadata, in order.
	`meta: key: set, value: 0(?s:.*)meta: key: add, value: 1(?s:.*)meta: key: add, value: 2`,
	`\[WARN\] \[pull-handle\] remote-ip: 127\.0\.0\.1:\d+ \| seq: 0 \| cost-time: \S+\(slow\) \| uri: /group/home/test\?peer_id=call-1 \|`,
	`"bytes": "dGVzdCBieXRlcw=="`,
	// The pushes back.
	`\[push-launch\] remote-ip: \S+ \| seq: 0 \| cost-time: \S+ \| uri: /push/test\?tag=from home-test +\|`,
	`\[push-launch\] remote-ip: \S+ \| seq: 1 \| `,
	// The unknown pull, decoded: RawMessage as it was, Bytes from base64.
	`UnknownPullHandle: codec: 106, RawMessage: \{"RawMessage":"test_unknown"\}, bytes: test bytes`,
	`\[INFO\] \[pull-handle\] remote-ip: \S+ \| seq: 1 \| cost-time: \S+ \| uri: /group/home/test_unknown\?peer_id=call-2 \|`,
}

var clientPrints = []string{
	`test: map\[string\]interface \{\}\{"meta":"set=0&add=1&add=2", "server_time":"[^"]+", "your_args":map\[string\]interface \{\}\{"bytes":"dGVzdCBieXRlcw=="\}\}`,
	`receive push\(127\.0\.0\.1:\d+\):\nargs: &map\[string\]interface \{\}\{"your_id":"call-1"\}\nquery: url\.Values\{"tag":\[\]string\{"from home-test"\}\}`,
	`test_unknown: map\[string\]interface \{\}\{"meta":"", "server_time":"[^"]+", "your_args":map\[string\]interface \{\}\{"Bytes":"dGVzdCBieXRlcw==", "RawMessage":map\[string\]interface \{\}\{"RawMessage":"test_unknown"\}\}\}`,
	`receive push\(127\.0\.0\.1:\d+\):\nargs: &map\[string\]interface \{\}\{"your_id":"call-2"\}`,
	`\[WARN\] \[pull-launch\] remote-ip: \S+ \| seq: 0 \| cost-time: \S+\(slow\) \| uri: /group/home/test\?peer_id=call-1 \|`,
	`\[push-handle\] remote-ip: \S+ \| seq: 0 \| `,
}

// startServer builds and runs the server on a free port, and returns its address.
func startServer(t *testing.T, ctx context.Context) (*process, string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("ends the server with SIGTERM")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command to build the sample")
	}
	dir := t.TempDir()
	server := start(t, ctx, build(t, ctx, dir, "server", "listenAddress=127.0.0.1:0", shorten(t, dir)))
	return server, server.wait(t, regexp.MustCompile(`listen ok \(network:tcp, addr:([^)]+)\)`))[1]
}

// shorten returns an overlay for the build in which the handler sleeps less;
// "" with TELEPORT_LONG=1.
func shorten(t *testing.T, dir string) string {
	if os.Getenv("TELEPORT_LONG") == "1" {
		return ""
	}
	source, err := filepath.Abs("server/main.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	short := strings.Replace(string(text), sleepInSample, shortSleep, 1)
	if short == string(text) {
		t.Fatalf("server/main.go has no %s: it is no longer the document's sample", sleepInSample)
	}
	replacement, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	list, err := json.Marshal(map[string]any{"Replace": map[string]string{source: replacement}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{replacement: []byte(short), overlay: list} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return overlay
}

// build makes the program with another address and returns its path.
func build(t *testing.T, ctx context.Context, dir, name, address, overlay string) string {
	t.Helper()
	exe := filepath.Join(dir, name)
	args := []string{"build", "-o", exe, "-ldflags", "-X main." + address}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if out, err := exec.CommandContext(ctx, "go", append(args, "./"+name)...).CombinedOutput(); err != nil {
		t.Fatalf("go build ./%s: %v\n%s", name, err, out)
	}
	return exe
}

// process is a running sample program and all it has printed.
type process struct {
	cmd   *exec.Cmd
	done  chan error
	mu    sync.Mutex // guards lines and more
	lines strings.Builder
	more  chan struct{} // closed and made anew with every line
}

func start(t *testing.T, ctx context.Context, exe string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(ctx, exe), done: make(chan error, 1), more: make(chan struct{})}
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewReader(r); ; {
			line, err := lines.ReadString('\n')
			p.mu.Lock()
			p.lines.WriteString(line)
			close(p.more)
			p.more = make(chan struct{})
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	go func() {
		err := p.cmd.Wait()
		w.Close()
		<-read
		p.done <- err
		close(p.done)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.done
	})
	return p
}

func (p *process) end() error { return <-p.done }

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines.String()
}

// wait returns the first match in what the process prints.
func (p *process) wait(t *testing.T, re *regexp.Regexp) []string {
	t.Helper()
	for {
		p.mu.Lock()
		text, more := p.lines.String(), p.more
		p.mu.Unlock()
		if m := re.FindStringSubmatch(text); m != nil {
			return m
		}
		select {
		case <-more:
		case err := <-p.done:
			t.Fatalf("ended (%v) before it printed %s:\n%s", err, re, p.text())
		}
	}
}

func (p *process) check(t *testing.T, prints []string) {
	t.Helper()
	text := p.text()
	for _, want := range prints {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("did not print %s", want)
		}
	}
	if t.Failed() {
		t.Logf("it printed\n%s", text)
	}
}
