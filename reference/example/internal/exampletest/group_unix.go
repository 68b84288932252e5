//go:build unix

package exampletest

import (
	"context"
	"syscall"
	"testing"
)

// StartGroup is Start for a program that starts others and ends before them. They are in a process group of
// their own, which ends with the test; End waits for all that share the program's output.
func StartGroup(t *testing.T, ctx context.Context, exe string, args ...string) *Process {
	t.Helper()
	p := newProcess(ctx, exe, args)
	p.Cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.start(t)
	t.Cleanup(func() { syscall.Kill(-p.Cmd.Process.Pid, syscall.SIGKILL) }) // an error: none of them is left
	return p
}
