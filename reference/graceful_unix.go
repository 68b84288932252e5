//go:build unix

package tp

import (
	"os"
	"syscall"
)

var graceSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGUSR2}

func isRebootSignal(sig os.Signal) bool { return sig == syscall.SIGUSR2 }
