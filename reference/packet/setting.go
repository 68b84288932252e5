package packet

// PacketSetting changes a packet that is being made. Settings run in order.
type PacketSetting func(*Packet)

// WithSeq sets the sequence number.
func WithSeq(seq uint64) PacketSetting { return func(p *Packet) { p.seq = seq } }

// WithPtype sets the packet type.
func WithPtype(ptype byte) PacketSetting { return func(p *Packet) { p.ptype = ptype } }

// WithUri sets the uri.
func WithUri(uri string) PacketSetting { return func(p *Packet) { p.uri = uri } }

// WithAddMeta adds a metadata pair.
func WithAddMeta(key, value string) PacketSetting {
	return func(p *Packet) { p.meta.Add(key, value) }
}

// WithSetMeta sets a metadata pair: the first with the key, or a new one.
func WithSetMeta(key, value string) PacketSetting {
	return func(p *Packet) { p.meta.Set(key, value) }
}

// WithDelMeta removes every metadata pair with the key.
func WithDelMeta(key string) PacketSetting { return func(p *Packet) { p.meta.Del(key) } }

// WithBodyCodec sets the id of the body's codec.
func WithBodyCodec(id byte) PacketSetting { return func(p *Packet) { p.bodyCodec = id } }

// WithBody sets the body value.
func WithBody(body any) PacketSetting { return func(p *Packet) { p.body = body } }

// WithNewBody sets the function that Unpack asks for the body to decode into.
func WithNewBody(fn NewBodyFunc) PacketSetting {
	return func(p *Packet) { p.newBodyFunc = fn }
}

// WithXferPipe adds filters by id, from the registry of the packet's Env. An
// unknown id, or more than 255 filters, makes packing fail: see
// xfer.XferPipe.Err.
func WithXferPipe(ids ...byte) PacketSetting {
	return func(p *Packet) {
		// The pipe remembers the error for Pack.
		_ = p.xferPipe.AppendFromRegistry(p.env.FilterRegistry(), ids...)
	}
}

// WithEnv sets the environment. It should come first: WithXferPipe looks at
// it.
func WithEnv(env *Env) PacketSetting { return func(p *Packet) { p.env = env } }
