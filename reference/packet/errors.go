package packet

import (
	"errors"
	"fmt"
)

// Class is the one word for what is wrong with a packet. The specification,
// the vectors and the oracle use the same words (spec chapters 11 and 12).
type Class string

// The classes, in the order in which a receiver meets them.
const (
	ClassShort         Class = "short"          // the stream ended inside the frame
	ClassLength        Class = "length"         // a size or filter count that cannot be
	ClassLimit         Class = "limit"          // more than a limit allows
	ClassVersion       Class = "version"        // another Proto's id
	ClassFilterUnknown Class = "filter-unknown" // the pipe names a filter nobody knows
	ClassFilterData    Class = "filter-data"    // a filter cannot be undone
	ClassHeader        Class = "header"         // a header field runs past the payload
	ClassType          Class = "type"           // a packet type that the session does not have
	ClassMeta          Class = "meta"           // metadata that cannot be used
	ClassCodecUnknown  Class = "codec-unknown"  // a body under a codec nobody knows
	ClassBody          Class = "body"           // a body that does not encode or decode
)

// Stage says what the offset of an Error counts in.
type Stage string

// The stages.
const (
	// StageFrame: the offset counts in the wire bytes of the frame.
	StageFrame Stage = "frame"
	// StagePayload: the offset counts in the payload with its pipe undone.
	StagePayload Stage = "payload"
	// StageBody: the offset counts in the payload too. It is that of the codec
	// byte for ClassCodecUnknown and of the first body byte for ClassBody.
	StageBody Stage = "body"
)

// ErrExceedPacketSizeLimit is wrapped by every error about a packet that is
// larger than the packet limit, read or written.
var ErrExceedPacketSizeLimit = errors.New("the packet exceeds the packet size limit")

// Error is what packing and unpacking fail with, network errors aside.
//
// A reader's frame and payload errors end the stream: nothing after them can
// be trusted. A body error ends one packet alone.
type Error struct {
	// Class says what is wrong.
	Class Class
	// Stage says what Offset counts in.
	Stage Stage
	// Op is "pack", "unpack" or "bind".
	Op string
	// Offset is the byte that is wrong; 0 when packing.
	Offset int64
	// Err says more; it may be nil.
	Err error
}

// Error implements error.
func (e *Error) Error() string {
	s := "packet: " + e.Op + ": " + string(e.Class)
	if e.Op != OpPack {
		s += fmt.Sprintf(" at byte %d of the %s", e.Offset, e.where())
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) where() string {
	if e.Stage == StageFrame {
		return "frame"
	}
	return "payload"
}

// Unwrap gives the error inside.
func (e *Error) Unwrap() error { return e.Err }

// The operations of an Error.
const (
	OpPack   = "pack"
	OpUnpack = "unpack"
	OpBind   = "bind"
)

// FrameError makes an unpacking Error of StageFrame.
func FrameError(class Class, offset int, err error) *Error {
	return &Error{Class: class, Stage: StageFrame, Op: OpUnpack, Offset: int64(offset), Err: err}
}

// PayloadError makes an unpacking Error of StagePayload.
func PayloadError(class Class, offset int, err error) *Error {
	return &Error{Class: class, Stage: StagePayload, Op: OpUnpack, Offset: int64(offset), Err: err}
}

// PackError makes a packing Error.
func PackError(class Class, err error) *Error {
	stage := StageFrame
	if class == ClassBody || class == ClassCodecUnknown {
		stage = StageBody
	}
	return &Error{Class: class, Stage: stage, Op: OpPack, Err: err}
}

// ClassOf gives the class of the first *Error in err's chain, "" when there is
// none.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return ""
}
