//go:build unix && !(linux && (amd64 || arm64) && !race && !msan && !asan)

package socket

import "syscall"

func sysRead(fd int, b []byte) (int, error) { return syscall.Read(fd, b) }

func sysWrite(fd int, b []byte) (int, error) { return syscall.Write(fd, b) }
