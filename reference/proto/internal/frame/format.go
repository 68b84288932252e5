package frame

import (
	"fmt"
	"math"

	"github.com/henrylee2cn/teleport/reference/packet"
)

// Format is a Proto in the frame of chapter 5. It must not change any more
// once it is used.
type Format struct {
	// Id is the protocol id, at byte 4 of each frame.
	Id byte
	// Name is the Proto's name; errors say Name/1.
	Name string
	// HeadLen is about how many bytes the payload takes without uri, metadata
	// and body: the size of the first buffer, which grows.
	HeadLen int
	// AppendPayload appends header fields, metadata and body to dst. Its errors
	// are *packet.Error of packing; uri and pair count are within the limits
	// already.
	AppendPayload func(dst []byte, p *packet.Packet) ([]byte, error)
	// ParsePayload reads b into p, the raw body included, which may be a part
	// of b. Its errors are *packet.Error with an offset in b.
	ParsePayload func(b []byte, p *packet.Packet) error
}

// prefixLen is the bytes of size, protocol id and filter count.
const prefixLen = 6

// check refuses a uri and metadata that no receiver with the same limits
// would take. Metadata's bytes are the payload's to check.
//
// req: TP-META-019, TP-LIM-012
func check(p *packet.Packet) error {
	env := p.Env()
	if n, max := len(p.Uri()), env.MaxUri(); uint64(n) > uint64(max) {
		return OverLimit("the uri has %d bytes, %d are allowed", uint64(n), uint64(max))
	}
	if n, max := p.Meta().Len(), env.MaxMetaPairs(); n > max {
		if n = p.Meta().EncodedPairs(); n > max {
			return OverLimit("the metadata has %d pairs, %d are allowed", uint64(n), uint64(max))
		}
	}
	return nil
}

// CheckMeta refuses encoded metadata of n bytes over the sender's limit.
//
// req: TP-META-019
func CheckMeta(n int, env *packet.Env) error {
	if max := env.MaxMeta(); uint64(n) > uint64(max) {
		return OverLimit("the metadata has %d bytes, %d are allowed", uint64(n), uint64(max))
	}
	return nil
}

// OverLimit makes a packing error of class limit; format has a %d for each of
// the two numbers.
func OverLimit(format string, have, max uint64) error {
	return packet.PackError(packet.ClassLimit, fmt.Errorf(format, have, max))
}

// TakeUri checks the length of a uri that was read against the limit; at is
// the offset that the payload's format gives such an error. It then sets the
// packet's uri to a copy.
//
// req: TP-LIM-003
func TakeUri(p *packet.Packet, uri []byte, at int) error {
	if max := p.Env().MaxUri(); uint64(len(uri)) > uint64(max) {
		return packet.PayloadError(packet.ClassLimit, at,
			fmt.Errorf("the uri has %d bytes, %d are allowed", len(uri), max))
	}
	p.SetUriBytes(uri)
	return nil
}

// TakeMeta checks encoded metadata that was read against the limits and
// decodes it into the packet; at is as in TakeUri.
//
// req: TP-META-016, TP-META-017
func TakeMeta(p *packet.Packet, meta []byte, at int) error {
	if max := p.Env().MaxMeta(); uint64(len(meta)) > uint64(max) {
		return packet.PayloadError(packet.ClassLimit, at,
			fmt.Errorf("the metadata has %d bytes, %d are allowed", len(meta), max))
	}
	if err := p.Meta().ParseLimit(meta, p.Env().MaxMetaPairs()); err != nil {
		return packet.PayloadError(packet.ClassLimit, at, err)
	}
	return nil
}

func asInt(n uint32) int {
	if uint64(n) > math.MaxInt {
		return math.MaxInt
	}
	return int(n)
}
