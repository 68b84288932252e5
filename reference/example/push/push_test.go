// Package push holds no code: its test builds and runs the push service beside it.
package push

import (
	"context"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/example/internal/exampletest"
)

func TestPush_SubscribersAreToldTheNews(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	server := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "server", "main.address=127.0.0.1:0", ""))
	address := server.Wait(t, regexp.MustCompile(`listen ok \(network:tcp, addr:([^)]+)\)`))[1]
	exe := exampletest.Build(t, ctx, "subscriber", "main.address="+address, "")
	var subscribers []*exampletest.Process
	for range 2 {
		s := exampletest.Start(t, ctx, exe)
		s.Wait(t, regexp.MustCompile("subscribed to weather"))
		subscribers = append(subscribers, s)
	}
	publisher := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "publisher", "main.address="+address, ""))
	publisher.Wait(t, regexp.MustCompile(`(?m)^told 2$`))
	for _, s := range subscribers {
		s.Wait(t, regexp.MustCompile(`(?m)^weather: sunny$`))
	}
	server.Cmd.Process.Signal(syscall.SIGTERM)
	for _, p := range append(subscribers, server, publisher) {
		if err := p.End(); err != nil {
			t.Errorf("%s ended with %v\n%s", p.Cmd.Path, err, p.Text())
		}
	}
}
