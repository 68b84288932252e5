package tp

import (
	"sync/atomic"
	"time"

	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// ErrConnClosed says that a connection was closed on this side. Test for it
// with errors.Is.
var ErrConnClosed = socket.ErrConnClosed

// The settings of the whole process, under the names that Teleport v3 had for
// them here. They count for what is made afterwards; where a PeerConfig says
// something else, it wins.

// SetDefaultProtoFunc sets the Proto of connections for which none is given:
// fast/1 unless changed. nil brings fast/1 back.
func SetDefaultProtoFunc(pf socket.ProtoFunc) { socket.SetDefaultProtoFunc(pf) }

// DefaultProtoFunc returns what SetDefaultProtoFunc set.
func DefaultProtoFunc() socket.ProtoFunc { return socket.DefaultProtoFunc() }

// SetReadLimit sets the default packet limit, bytes on the wire: 4 MiB unless
// changed; 0 stands for the most there can be, 2^32-1. Less than 24, the
// smallest packet, is an error and changes nothing.
//
// req: TP-LIM-009
func SetReadLimit(maxPacketSize uint32) error { return socket.SetReadLimit(maxPacketSize) }

// GetReadLimit returns the default packet limit, in bytes.
func GetReadLimit() uint32 { return socket.GetReadLimit() }

// SetSocketKeepAlive switches TCP keep-alive on or off for connections made afterwards.
func SetSocketKeepAlive(keepalive bool) { socket.SetKeepAlive(keepalive) }

// SetSocketKeepAlivePeriod sets the time between TCP keep-alive probes.
func SetSocketKeepAlivePeriod(d time.Duration) { socket.SetKeepAlivePeriod(d) }

// SetSocketReadBuffer sets the size of the system's receive buffer, in bytes.
func SetSocketReadBuffer(bytes int) { socket.SetReadBuffer(bytes) }

// SetSocketWriteBuffer sets the size of the system's send buffer, in bytes.
func SetSocketWriteBuffer(bytes int) { socket.SetWriteBuffer(bytes) }

// globalCodec is what SetGlobalBodyCodec has set; 0 stands for JSON.
var globalCodec atomic.Uint32

// SetGlobalBodyCodec sets the codec of peers that are made afterwards and whose
// PeerConfig.DefaultBodyCodec is empty: JSON unless changed. An id that is not
// registered with package codec is an error and changes nothing.
func SetGlobalBodyCodec(codecId byte) error {
	if _, err := codec.Get(codecId); err != nil {
		return err
	}
	globalCodec.Store(uint32(codecId))
	return nil
}

// globalBodyCodec returns the name of that codec.
func globalBodyCodec() string {
	if c, err := codec.Get(byte(globalCodec.Load())); err == nil {
		return c.Name()
	}
	return "json"
}

// GetPacket returns an empty packet from the pool, for PreSession.Send and Receive.
func GetPacket(settings ...packet.PacketSetting) *packet.Packet { return packet.GetPacket(settings...) }

// PutPacket gives a packet and all it holds back to the pool.
func PutPacket(p *packet.Packet) { packet.PutPacket(p) }

// TypeText names a packet type: "PULL", "REPLY", "PUSH" or "Undefined".
func TypeText(ptype byte) string { return packet.TypeText(ptype) }
