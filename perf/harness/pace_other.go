//go:build !linux

package harness

import "time"

func precise() (end func()) { return func() {} }

func shortSleep(d time.Duration) { time.Sleep(d) }
