// Package simple holds no code: its test builds and runs the design document's
// sample server and client beside it.
package simple

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/example/internal/exampletest"
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
	client := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "client", "main.dialAddress="+address, ""))
	if err := client.End(); err != nil {
		t.Fatalf("the client ended with %v\n%s\nserver:\n%s", err, client.Text(), server.Text())
	}
	server.Cmd.Process.Signal(syscall.SIGTERM)
	if err := server.End(); err != nil {
		t.Errorf("the server ended with %v on SIGTERM, want a graceful end\n%s", err, server.Text())
	}

	t.Run("server", func(t *testing.T) { server.Check(t, serverPrints) })
	t.Run("client", func(t *testing.T) { client.Check(t, clientPrints) })
}

// The server is told to end while a handler runs: the reply still comes.
func TestSample_ShutdownLetsTheHandlerFinish(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server, address := startServer(t, ctx)
	client := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "client", "main.dialAddress="+address, ""))
	server.Wait(t, regexp.MustCompile(`meta: key: set`)) // the handler is running
	server.Cmd.Process.Signal(syscall.SIGTERM)
	if err := server.End(); err != nil {
		t.Errorf("the server ended with %v, want a graceful end", err)
	}
	server.Check(t, []string{`\[pull-handle\] remote-ip: \S+ \| seq: 0 \|`, `process are shutted down gracefully!`})
	client.Wait(t, regexp.MustCompile(clientPrints[0]))
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
func startServer(t *testing.T, ctx context.Context) (*exampletest.Process, string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("ends the server with SIGTERM")
	}
	server := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "server", "main.listenAddress=127.0.0.1:0", shorten(t)))
	return server, server.Wait(t, regexp.MustCompile(`listen ok \(network:tcp, addr:([^)]+)\)`))[1]
}

// shorten returns an overlay for the build in which the handler sleeps less;
// "" with TELEPORT_LONG=1.
func shorten(t *testing.T) string {
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
	dir := t.TempDir()
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
