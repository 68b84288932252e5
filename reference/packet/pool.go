package packet

import "sync"

// keptBytes bounds the memory of each kind that a pooled packet keeps.
const keptBytes = 64 << 10

var packets = sync.Pool{New: func() any { return new(Packet) }}

// GetPacket takes an empty packet from the pool and applies the settings.
func GetPacket(settings ...PacketSetting) *Packet {
	p := packets.Get().(*Packet)
	p.apply(settings)
	return p
}

// PutPacket gives p back, with everything that belongs to it: its Meta, its
// raw body and all bytes these gave out. nil is ignored. Decoded bodies, the
// uri and copies stay with whoever has them.
func PutPacket(p *Packet) {
	if p == nil {
		return
	}
	p.Reset()
	p.shrink()
	packets.Put(p)
}

// shrink drops memory that is too large to keep in a pool.
func (p *Packet) shrink() {
	if cap(p.buf) > keptBytes {
		p.buf = nil
	}
	if cap(p.meta.data) > keptBytes {
		p.meta.data = nil
	}
	if cap(p.meta.pairs) > keptBytes/16 { // a pair takes 16 bytes
		p.meta.pairs = nil
	}
}
