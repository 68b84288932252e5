package harness

import (
	"runtime"
	"syscall"
	"time"
)

// precise gives the calling goroutine a thread of its own until the function it returns is called.
func precise() (end func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// shortSleep sleeps in the kernel: the runtime's timers are rounded to a millisecond where the process is idle.
func shortSleep(d time.Duration) {
	t := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&t, nil)
}
