//go:build !unix

package tp

import "os"

var graceSignals = []os.Signal{os.Interrupt}

func isRebootSignal(os.Signal) bool { return false }
