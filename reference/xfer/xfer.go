package xfer

import (
	"errors"
	"fmt"
)

// MaxFilters is the largest number of filters in one pipe: the frame counts
// them in one byte.
const MaxFilters = 255

// XferFilter changes the payload of a packet on its way and back (spec
// chapter 7). OnUnpack(OnPack(b)) gives b for every b, the empty one included.
//
// Methods must be safe for concurrent use. They must neither change nor keep
// the slice they are given; the result may be that slice.
type XferFilter interface {
	// Id gives the byte that stands for the filter on the wire, never 0.
	Id() byte
	// OnPack gives what is sent for src.
	OnPack(src []byte) ([]byte, error)
	// OnUnpack undoes OnPack. It fails on what OnPack cannot have made.
	OnUnpack(src []byte) ([]byte, error)
}

// Bounded is what a filter whose output may be larger than its input must
// offer beside OnUnpack, so that a small frame cannot take much memory.
type Bounded interface {
	// OnUnpackLimit is OnUnpack, but fails with an error that wraps
	// ErrExceedLimit as soon as the output would exceed max bytes.
	OnUnpackLimit(src []byte, max int) ([]byte, error)
}

// Appender is what a filter may offer to work in buffers of the caller. dst
// and src do not overlap. On an error the bytes after len(dst) mean nothing.
type Appender interface {
	// AppendPack appends OnPack(src) to dst.
	AppendPack(dst, src []byte) ([]byte, error)
	// AppendUnpack appends OnUnpackLimit(src, max) to dst; max counts the
	// appended bytes alone.
	AppendUnpack(dst, src []byte, max int) ([]byte, error)
}

// ErrExceedLimit is wrapped by errors about output that is larger than the
// limit it was undone under.
var ErrExceedLimit = errors.New("xfer: the filter's output exceeds the limit")

// ErrPipeTooLong is wrapped by errors about a pipe of more than MaxFilters
// filters.
var ErrPipeTooLong = errors.New("xfer: a pipe holds at most 255 filters")

// FilterError says which filter of a pipe failed and why.
type FilterError struct {
	// Index is the filter's place in the pipe, 0 for the outer-most.
	Index int
	// Id is the filter's id.
	Id byte
	// Err is what the filter said.
	Err error
}

// Error implements error.
func (e *FilterError) Error() string {
	return fmt.Sprintf("xfer: filter %d of the pipe (id %d): %v", e.Index, e.Id, e.Err)
}

// Unwrap gives the filter's own error.
func (e *FilterError) Unwrap() error { return e.Err }
