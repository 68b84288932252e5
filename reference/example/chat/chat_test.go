// Package chat holds no code: its test builds and runs both sides of the conversation beside it.
package chat

import (
	"context"
	"io"
	"regexp"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/example/internal/exampletest"
)

func TestChat_BothSidesTalk(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	exe := exampletest.Build(t, ctx, "chat", "", "")
	alice, fromAlice := exampletest.StartTyping(t, ctx, exe, "-name", "alice", "-listen", "127.0.0.1:0")
	address := alice.Wait(t, regexp.MustCompile(`waiting at (\S+)`))[1]
	bob, fromBob := exampletest.StartTyping(t, ctx, exe, "-name", "bob", "-dial", address)
	bob.Wait(t, regexp.MustCompile(`talking to alice`))
	alice.Wait(t, regexp.MustCompile(`talking to bob`))
	io.WriteString(fromBob, "hello\n")
	alice.Wait(t, regexp.MustCompile(`(?m)^bob: hello$`))
	io.WriteString(fromAlice, "good evening\n")
	bob.Wait(t, regexp.MustCompile(`(?m)^alice: good evening$`))
	fromBob.Close()
	fromAlice.Close()
	for _, p := range []*exampletest.Process{bob, alice} {
		if err := p.End(); err != nil {
			t.Errorf("ended with %v\n%s", err, p.Text())
		}
	}
}
