//go:build !unix

package socket

import "net"

// rawReadiness has no non-blocking way on this system: reads and writes go
// through the net.Conn.
func rawReadiness(net.Conn) (tryWriter, source) { return nil, nil }
