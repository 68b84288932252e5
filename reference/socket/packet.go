package socket

import (
	"sync/atomic"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/proto/fast"
)

// The names of v3 for what lives in package packet.
type (
	// Packet is one packet.
	Packet = packet.Packet
	// Proto packs and unpacks packets on one connection.
	Proto = packet.Proto
	// ProtoFunc makes the Proto of one connection.
	ProtoFunc = packet.ProtoFunc
	// PacketSetting changes a packet that is being made.
	PacketSetting = packet.PacketSetting
	// NewBodyFunc makes the value that a body is decoded into.
	NewBodyFunc = packet.NewBodyFunc
)

// NewPacket makes a packet.
func NewPacket(settings ...PacketSetting) *Packet { return packet.NewPacket(settings...) }

// GetPacket takes a packet from a pool; PutPacket gives it back.
func GetPacket(settings ...PacketSetting) *Packet { return packet.GetPacket(settings...) }

// PutPacket gives a packet back, with all that it holds.
func PutPacket(p *Packet) { packet.PutPacket(p) }

// WithSeq sets the sequence number. A session numbers its own packets.
func WithSeq(seq uint64) PacketSetting { return packet.WithSeq(seq) }

// WithPtype sets the packet type. A session sets that of its own packets.
func WithPtype(ptype byte) PacketSetting { return packet.WithPtype(ptype) }

// WithUri sets the uri: path and query, unescaped.
func WithUri(uri string) PacketSetting { return packet.WithUri(uri) }

// WithAddMeta adds a pair to the metadata; the key may be there already.
func WithAddMeta(key, value string) PacketSetting { return packet.WithAddMeta(key, value) }

// WithSetMeta sets the value of the first pair with that key, or adds one.
func WithSetMeta(key, value string) PacketSetting { return packet.WithSetMeta(key, value) }

// WithDelMeta removes every pair with that key.
func WithDelMeta(key string) PacketSetting { return packet.WithDelMeta(key) }

// WithBodyCodec sets the id of the body's codec: 'j', 'p', 's', ...
func WithBodyCodec(id byte) PacketSetting { return packet.WithBodyCodec(id) }

// WithBody sets the body.
func WithBody(body any) PacketSetting { return packet.WithBody(body) }

// WithNewBody sets the function that makes the body to decode into.
func WithNewBody(fn NewBodyFunc) PacketSetting { return packet.WithNewBody(fn) }

// WithXferPipe adds filters to the transfer pipe, outer-most first: 'g' is gzip.
// An id that nobody has registered makes sending the packet fail.
func WithXferPipe(ids ...byte) PacketSetting { return packet.WithXferPipe(ids...) }

// defaultProto holds the ProtoFunc that SetDefaultProtoFunc set; nil: fast.New.
// An atomic pointer orders a change with every read of it, as a lock would.
var defaultProto atomic.Pointer[ProtoFunc]

// SetDefaultProtoFunc changes the Proto that connections get from now on where
// they are given none. nil brings back the first default, fast/1. It is safe for
// concurrent use.
func SetDefaultProtoFunc(pf ProtoFunc) {
	if pf == nil {
		defaultProto.Store(nil)
		return
	}
	defaultProto.Store(&pf)
}

// DefaultProtoFunc gives the ProtoFunc that connections get where they are given
// none: fast/1, unless SetDefaultProtoFunc changed it.
func DefaultProtoFunc() ProtoFunc {
	if pf := defaultProto.Load(); pf != nil {
		return *pf
	}
	return fast.New
}

// SetReadLimit sets the process-wide limit of one packet's bytes on the wire,
// which holds for reading and for writing where a peer has no limit of its own.
// 0 means 4 GiB - 1. A limit below the smallest packet, 24 bytes, is refused with
// a *packet.LimitError and changes nothing.
//
// req: TP-LIM-009
func SetReadLimit(n uint32) error { return packet.SetReadLimit(n) }

// GetReadLimit gives the process-wide limit of one packet, in bytes.
func GetReadLimit() uint32 { return packet.ReadLimit() }
