//go:build unix

package harness

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

// cpuTime is the time that this process has run, in user code and in the kernel.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// residentMemory reads VmRSS, in bytes; 0 where there is no /proc.
func residentMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, found := bytes.Cut(status, []byte("\nVmRSS:"))
	if !found {
		return 0
	}
	fields := bytes.Fields(rest[:min(len(rest), 40)])
	kilobytes, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return kilobytes << 10
}

// wantFiles is what raiseFileLimit asks for: enough for every port of several loopback addresses.
const wantFiles = 1 << 20

// raiseFileLimit asks for more open files: beyond the hard limit where that is permitted, else up to it.
func raiseFileLimit() {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil || l.Cur >= wantFiles {
		return
	}
	more := l
	more.Cur, more.Max = wantFiles, max(l.Max, wantFiles)
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &more) == nil {
		return
	}
	l.Cur = l.Max
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l)
}

func fileLimit() uint64 {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	return uint64(l.Cur) // an int64 on FreeBSD
}
