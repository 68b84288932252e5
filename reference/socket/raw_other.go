//go:build !unix

package socket

import (
	"net"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// rawReadiness has no non-blocking way on this system: reads and writes go
// through the net.Conn.
func rawReadiness(net.Conn, *packet.Env, bool) (tryWriter, source) { return nil, nil }

// messageLimit: no connection on this system keeps messages apart.
func messageLimit(net.Conn) int { return 0 }
