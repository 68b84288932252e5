//go:build !unix

package testee

import "os/exec"

// ownGroup does nothing: this system has no process groups.
func ownGroup(*exec.Cmd) {}

// killGroup stops the command alone.
func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
