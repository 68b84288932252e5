// Package oracle is a second, naive implementation of the Teleport wire standard: the Protos fast/1, json/1 and pb/1, the
// transfer pipe with gzip, the metadata and the error of a REPLY. It was written from the written standard alone, shares no code with
// the reference and uses nothing but the standard library. It is meant to be read beside the chapters of the standard:
// no pools, no buffers that are used twice, one check a line, each with the id of its requirement.
//
// It decodes bytes that are already there; it is not a peer and does not guard its own memory beyond what the standard's
// limits ask for. All functions are pure: they keep nothing, and are safe for concurrent use.
package oracle

import (
	"errors"
	"fmt"
	"io"
)

// ProtoID is the protocol id of fast/1.
const ProtoID = 'f' // req: TP-FAST-001

// FilterGzip is the id of the one filter that the oracle knows.
const FilterGzip = 'g' // req: TP-XFER-012

// The packet types.
const (
	Pull  byte = 1 // req: TP-SESS-001
	Reply byte = 2
	Push  byte = 3
)

// The ids of the codecs whose bodies the oracle can check.
const (
	NilCodec      byte = 0
	CodecJSON     byte = 'j'
	CodecProtobuf byte = 'p'
	CodecString   byte = 's'
)

// Pair is one pair of metadata.
type Pair struct{ Key, Value []byte }

// Packet is a packet with nothing left to decode but its body.
type Packet struct {
	Seq   uint64
	Ptype byte
	Uri   []byte
	Meta  []Pair
	Codec byte
	Body  []byte
	Pipe  []byte // filter ids, outer-most first

	Size        int // bytes of the frame, set by Decode
	CodecOffset int // where the codec byte, or the codec's value, is in the payload, set by Decode
	BodyOffset  int // where the body is in the payload, set by Decode; 0: behind the codec byte
}

// Limits are what a receiver accepts and a sender sends. A field that is 0 has the standard's default.
type Limits struct {
	MaxPacket    uint32 // bytes of a frame on the wire
	MaxPayload   uint32 // bytes that a filter may put out, and bytes of a payload without filters
	MaxUri       uint32 // bytes of the uri
	MaxMeta      uint32 // bytes of the encoded metadata
	MaxMetaPairs int    // pairs of metadata
}

// withDefaults fills in the standard's defaults.
// req: TP-FRAME-018, TP-LIM-001, TP-LIM-002, TP-LIM-003, TP-LIM-004
func (l Limits) withDefaults() Limits {
	if l.MaxPacket == 0 {
		l.MaxPacket = 4 << 20
	}
	if l.MaxPayload == 0 {
		l.MaxPayload = 4 << 20
	}
	if l.MaxUri == 0 {
		l.MaxUri = 64 << 10
	}
	if l.MaxMeta == 0 {
		l.MaxMeta = 64 << 10
	}
	if l.MaxMetaPairs == 0 {
		l.MaxMetaPairs = 1024
	}
	return l
}

// The classes of the standard's chapter on errors.
const (
	Short         = "short"
	Length        = "length"
	Limit         = "limit"
	Version       = "version"
	FilterUnknown = "filter-unknown"
	FilterData    = "filter-data"
	Header        = "header"
	MetaClass     = "meta"
	CodecUnknown  = "codec-unknown"
	BodyClass     = "body"
)

// The stages: where an offset counts.
const (
	StageFrame   = "frame"   // bytes of the frame, on the wire
	StagePayload = "payload" // bytes of the payload, the pipe undone
	StageBody    = "body"    // bytes of the payload; the packet is whole, its body is not
)

// Error says why bytes are no packet, or a packet cannot become bytes.
type Error struct {
	Class  string
	Stage  string
	Offset int64
	Detail string // for people
}

// Error gives the class, the place and the reason.
func (e *Error) Error() string {
	return fmt.Sprintf("%s at byte %d of the %s: %s", e.Class, e.Offset, e.Stage, e.Detail)
}

// Unwrap gives io.ErrUnexpectedEOF for class short.
func (e *Error) Unwrap() error {
	if e.Class == Short {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func fail(class, stage string, offset int, format string, args ...any) *Error {
	return &Error{Class: class, Stage: stage, Offset: int64(offset), Detail: fmt.Sprintf(format, args...)}
}

// errOver is what undoing a filter gives when its output passes the payload limit.
var errOver = errors.New("the output is longer than the payload limit")
