// Package packet is the unit that travels: a header, metadata and a body
// (spec chapters 4 and 8), with the limits and errors that all Protos share.
//
// Sending, a packet is made with settings and handed to a Proto:
//
//	p := packet.GetPacket(
//		packet.WithPtype(packet.TypePush),
//		packet.WithUri("/push/test?tag=a"),
//		packet.WithSetMeta("trace", "42"),
//		packet.WithBodyCodec(codec.JSONId),
//		packet.WithBody(map[string]int{"n": 1}),
//	)
//	defer packet.PutPacket(p)
//	err := proto.Pack(p)
//
// Receiving is done in two steps. Unpack fills the header and leaves the raw
// body; once it is known what the body is, Bind decodes it:
//
//	if err := proto.Unpack(p); err != nil { ... }
//	var args Args
//	err := p.Bind(&args)
//
// A packet with a NewBodyFunc is decoded in one step instead.
//
// Errors about a packet are *Error with a Class, the one word that the
// specification uses for the fault. Limits bound what a packet may cost, and
// Env carries them and the registries of codecs and filters to the Proto.
//
// A Proto of one's own implements Proto, and Framer where it can tell a
// frame's length from its first bytes.
package packet
