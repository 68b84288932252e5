//go:build linux && (amd64 || arm64) && !race && !msan && !asan

package socket

import (
	"syscall"
	"unsafe"
)

// shortCall is the most bytes that are moved without telling the scheduler, which
// could not stop the goroutine meanwhile.
const shortCall = 64 << 10

// sysRead and sysWrite are read and write that never wait, whatever the flags of
// the file. A call that cannot block need not be announced to the scheduler, as
// package syscall does: for small packets that is a tenth of what it costs.
func sysRead(fd int, b []byte) (int, syscall.Errno) {
	if len(b) == 0 || len(b) > shortCall {
		n, err := syscall.Read(fd, b)
		return n, errnoOf(err)
	}
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		syscall.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

func sysWrite(fd int, b []byte) (int, syscall.Errno) {
	if len(b) == 0 || len(b) > shortCall {
		n, err := syscall.Write(fd, b)
		return n, errnoOf(err)
	}
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}
