//go:build unix

package testee

import (
	"os/exec"
	"syscall"
)

// ownGroup gives the command a process group, so that it can be stopped with its children.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup stops the command and what it has started. The group keeps its id as long as it has a member.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
