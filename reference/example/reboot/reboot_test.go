//go:build unix

// Package reboot holds no code: its test builds and runs the server and the client beside it.
package reboot

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/henrylee2cn/teleport/reference/example/internal/exampletest"
)

// The server reboots under load, once or, with TELEPORT_LONG, five times, and no call is lost.
func TestReboot_LosesNoCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	reboots := 1
	if os.Getenv("TELEPORT_LONG") != "" {
		reboots = 5
	}
	server := exampletest.StartGroup(t, ctx, exampletest.Build(t, ctx, "server", "main.address=127.0.0.1:0", ""))
	first := server.Wait(t, regexp.MustCompile(`process (\d+) serves (\S+)\n`))
	client := exampletest.Start(t, ctx, exampletest.Build(t, ctx, "client", "main.address="+first[2], ""))
	client.Wait(t, regexp.MustCompile(`process `+first[1]+` answers\n`))
	pid, seen := number(t, first[1]), `process \d+ serves \S+\n`
	for range reboots {
		signal(t, pid, syscall.SIGUSR2)
		seen += `(?s:.*)process (\d+) serves `
		next := server.Wait(t, regexp.MustCompile(seen))
		seen = regexp.MustCompile(`\((\\d\+)\)`).ReplaceAllString(seen, "$1")
		client.Wait(t, regexp.MustCompile(`process `+next[1]+` answers\n`))
		pid = number(t, next[1])
	}
	client.Cmd.Process.Signal(syscall.SIGTERM)
	if err := client.End(); err != nil {
		t.Errorf("the client ended with %v\n%s", err, client.Text())
	}
	client.Check(t, []string{fmt.Sprintf(`(?m)^[1-9]\d* calls, 0 lost, %d processes$`, reboots+1)})
	signal(t, pid, syscall.SIGTERM)
	if err := server.End(); err != nil { // of the first process, once the last has closed its output
		t.Errorf("the first server ended with %v\n%s", err, server.Text())
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func signal(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatalf("%v to process %d: %v", sig, pid, err)
	}
}
