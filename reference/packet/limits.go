package packet

import (
	"fmt"
	"math"
	"sync/atomic"
)

// The limits of the standard, used where nothing else is set (spec chapter
// 13). All but the last count bytes.
//
// req: TP-FRAME-018
const (
	DefaultMaxPacket    = 4 << 20
	DefaultMaxPayload   = 4 << 20
	DefaultMaxUri       = 64 << 10
	DefaultMaxMeta      = 64 << 10
	DefaultMaxMetaPairs = 1024
)

// MinPacketLimit is the smallest packet limit, in bytes: the size of a frame
// with nothing in it.
const MinPacketLimit = 24

// Limits bounds what one packet may cost. A limit of n allows n and refuses
// n+1. A zero field stands for its default.
type Limits struct {
	// MaxPacket bounds the bytes of the frame on the wire, its size field
	// included. Default: ReadLimit().
	MaxPacket uint32
	// MaxPayload bounds the bytes of the payload once the pipe is undone, and
	// the output of each filter on the way. Default 4 MiB.
	MaxPayload uint32
	// MaxUri bounds the bytes of the uri. Default 64 KiB.
	MaxUri uint32
	// MaxMeta bounds the bytes of the encoded metadata. Default 64 KiB.
	MaxMeta uint32
	// MaxMetaPairs bounds the number of metadata pairs. Default 1,024.
	MaxMetaPairs int
}

// LimitError says that a limit cannot be set to a value.
type LimitError struct {
	// Name is the field of Limits.
	Name string
	// Value is what was asked for, Min the least that can be.
	Value, Min int64
}

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("packet: %s cannot be %d: the least is %d", e.Name, e.Value, e.Min)
}

// Validate refuses limits under which nothing could work, with a *LimitError.
//
// req: TP-LIM-009
func (l Limits) Validate() error {
	if l.MaxPacket != 0 && l.MaxPacket < MinPacketLimit {
		return &LimitError{"MaxPacket", int64(l.MaxPacket), MinPacketLimit}
	}
	if l.MaxMetaPairs < 0 {
		return &LimitError{"MaxMetaPairs", int64(l.MaxMetaPairs), 0}
	}
	return nil
}

// DefaultLimits gives the limits of the process: those of the standard, but
// for MaxPacket, which SetReadLimit changes.
//
// req: TP-LIM-001, TP-LIM-002, TP-LIM-004
func DefaultLimits() Limits { return (*Env)(nil).Limit() }

// readLimit holds SetReadLimit's value; 0 means that it was never called.
var readLimit atomic.Uint32

// SetReadLimit sets the packet limit of the process, in bytes on the wire, for
// everything that has none of its own. 0 removes the limit (4 GiB - 1, what
// the size field can say). 1 to 23 are refused with a *LimitError: no packet
// is that small. It is safe for concurrent use and does not change the payload
// limit.
//
// req: TP-LIM-009
func SetReadLimit(n uint32) error {
	if n == 0 {
		n = math.MaxUint32
	}
	if n < MinPacketLimit {
		return &LimitError{"the read limit", int64(n), MinPacketLimit}
	}
	readLimit.Store(n)
	return nil
}

// ReadLimit gives the packet limit of the process in bytes.
func ReadLimit() uint32 {
	if n := readLimit.Load(); n != 0 {
		return n
	}
	return DefaultMaxPacket
}
