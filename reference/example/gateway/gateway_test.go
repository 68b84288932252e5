// Package gateway holds no code: its test builds and runs the three programs beside it.
package gateway

import (
	"context"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/example/internal/exampletest"
)

var listening = regexp.MustCompile(`listen ok \(network:tcp, addr:([^)]+)\)`)

func TestGateway_PassesCallsBothWays(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "server", "main.address=127.0.0.1:0", ""))
	behind := server.Wait(t, listening)[1]
	gateway := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "gateway",
		"main.address=127.0.0.1:0 -X main.server="+behind, ""))
	front := gateway.Wait(t, listening)[1]
	exe := exampletest.Build(t, ctx, "client", "main.address="+front, "")
	for _, name := range []string{"ann", "ben"} {
		client := exampletest.Start(t, ctx, exe, name)
		if err := client.End(); err != nil {
			t.Errorf("the client ended with %v\n%s", err, client.Text())
		}
		if got, want := client.Text(), "1 + 2 = 3\nwelcome, "+name+"\n"; got != want {
			t.Errorf("the client printed %q, want %q", got, want)
		}
	}

	// Without the server the gateway says so, and ends as gracefully.
	server.Cmd.Process.Signal(syscall.SIGTERM)
	if err := server.End(); err != nil {
		t.Errorf("the server ended with %v\n%s", err, server.Text())
	}
	client := exampletest.Start(t, ctx, exe)
	if err := client.End(); err == nil || !strings.Contains(client.Text(), `"code":502`) {
		t.Errorf("without a server the client ended with %v and printed %q", err, client.Text())
	}
	gateway.Cmd.Process.Signal(syscall.SIGTERM)
	if err := gateway.End(); err != nil {
		t.Errorf("the gateway ended with %v\n%s", err, gateway.Text())
	}
}
