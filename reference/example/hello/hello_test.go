// Package hello holds no code: its test builds and runs the README's server and client beside it.
package hello

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/example/internal/exampletest"
)

func TestHello_PrintsTheSum(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "server", "main.address=127.0.0.1:0", ""))
	address := server.Wait(t, regexp.MustCompile(`listen ok \(network:tcp, addr:([^)]+)\)`))[1]
	client := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "client", "main.address="+address, ""))
	client.Wait(t, regexp.MustCompile(`(?m)^1 \+ 2 = 3$`))
	if err := client.End(); err != nil {
		t.Errorf("the client ended with %v\n%s", err, client.Text())
	}
}
