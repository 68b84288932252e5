//go:build !unix

package tp

import "net"

// A listening socket cannot be handed to another process here.

func inherited(*listenKey) (net.Listener, error) { return nil, nil }

func served(net.Listener) {}

func handOver() error { return ErrRebootNotSupported }

func readyWithoutListeners() {}

// Ready says that this process is ready to serve, see GraceSignal; there is
// nobody to say it to on this system.
func Ready() error { return nil }

func notifyStopping() {}
