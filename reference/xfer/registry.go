package xfer

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// Registry finds filters by id. It may lie on a base, in which it looks for
// what it does not hold itself; a filter of its own wins over the base's.
//
// All methods are safe for concurrent use; lookups take no lock.
type Registry struct {
	base *Registry
	mu   sync.Mutex // one writer at a time; readers use table alone
	tab  atomic.Pointer[[256]XferFilter]
}

// NewRegistry makes an empty registry over base; base may be nil.
func NewRegistry(base *Registry) *Registry { return &Registry{base: base} }

var process = preload()

func preload() *Registry {
	r := NewRegistry(nil)
	z, err := newZstd(ZstdId, defaultZstdLevel)
	if err != nil {
		panic(err) // the options are constants: it cannot fail in one process and not in all
	}
	r.tab.Store(&[256]XferFilter{GzipId: newGzip(GzipId, 5), ZstdId: z, Crc32cId: checksum{Crc32cId}})
	return r
}

// Default gives the registry of the process: gzip, zstd, crc32c, and what Reg
// has added.
func Default() *Registry { return process }

// Reg adds f to Default. It panics with a *RegisterError when f cannot be
// added.
func Reg(f XferFilter) { process.Reg(f) }

// Get finds a filter of Default; the error is an *UnknownError.
func Get(id byte) (XferFilter, error) { return process.Get(id) }

// Reasons inside a RegisterError.
var (
	ErrNil     = errors.New("the value is nil")
	ErrZeroId  = errors.New("id 0 is reserved")
	ErrIdTaken = errors.New("the id is already taken")
)

// RegisterError says why a filter was not added. Unwrap gives one of ErrNil,
// ErrZeroId and ErrIdTaken.
type RegisterError struct {
	Id  byte
	Err error
}

// Error implements error.
func (e *RegisterError) Error() string {
	return fmt.Sprintf("xfer: cannot register the filter with id %d: %v", e.Id, e.Err)
}

// Unwrap gives the reason.
func (e *RegisterError) Unwrap() error { return e.Err }

// UnknownError says that no filter has the id.
type UnknownError struct{ Id byte }

// Error implements error.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("xfer: no filter with id %d is registered", e.Id)
}

// Add adds f. It refuses, with a *RegisterError, a nil filter, id 0 and an id
// that this registry itself already holds.
//
// req: TP-XFER-022, TP-XFER-023
func (r *Registry) Add(f XferFilter) error {
	if f == nil {
		return &RegisterError{Err: ErrNil}
	}
	id := f.Id()
	if id == 0 {
		return &RegisterError{Id: id, Err: ErrZeroId}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next := new([256]XferFilter)
	if old := r.tab.Load(); old != nil {
		if old[id] != nil {
			return &RegisterError{Id: id, Err: ErrIdTaken}
		}
		*next = *old
	}
	next[id] = f
	r.tab.Store(next)
	return nil
}

// Reg is Add for program start: it panics with the *RegisterError.
func (r *Registry) Reg(f XferFilter) {
	if err := r.Add(f); err != nil {
		panic(err)
	}
}

// Get finds a filter, here first, then in the base; the error is an
// *UnknownError.
func (r *Registry) Get(id byte) (XferFilter, error) {
	for ; r != nil; r = r.base {
		if t := r.tab.Load(); t != nil && t[id] != nil {
			return t[id], nil
		}
	}
	return nil, &UnknownError{Id: id}
}
