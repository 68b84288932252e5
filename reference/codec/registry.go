package codec

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/henrylee2cn/teleport/reference/codec/protobuf"
)

// Registry finds codecs by id and by name.
//
// A registry may lie on a base: what it does not hold itself it looks up
// there, so a codec added to the base later is seen at once. A registry may
// hold a codec of its own for an id that the base knows too; its own wins.
//
// All methods are safe for concurrent use; lookups take no lock.
type Registry struct {
	base *Registry
	mu   sync.Mutex // one writer at a time; readers use table alone
	tab  atomic.Pointer[table]
}

// table is never changed once it is published.
type table struct {
	byId   [256]Codec
	byName map[string]Codec
}

// NewRegistry makes an empty registry over base; base may be nil.
func NewRegistry(base *Registry) *Registry {
	return &Registry{base: base}
}

// process is what Default gives. The names of the built-in codecs cannot
// collide, so filling it cannot fail.
var process = preload()

func preload() *Registry {
	r := NewRegistry(nil)
	t := &table{byName: make(map[string]Codec)}
	for _, c := range []Codec{JSON{}, protobuf.Codec{}, String{}} {
		t.byId[c.Id()] = c
		t.byName[c.Name()] = c
	}
	t.byName["plain"] = String{} // the name of the same codec in later versions
	r.tab.Store(t)
	return r
}

// Default gives the registry of the process: json, protobuf and string, and
// what Reg has added.
func Default() *Registry { return process }

// Reg adds c to Default. It panics with a *RegisterError when c cannot be
// added.
func Reg(c Codec) { process.Reg(c) }

// Get finds a codec of Default by id; the error is an *UnknownError.
func Get(id byte) (Codec, error) { return process.Get(id) }

// GetByName finds a codec of Default by name; the error is an *UnknownError.
func GetByName(name string) (Codec, error) { return process.GetByName(name) }

// Reasons inside a RegisterError.
var (
	ErrNil       = errors.New("the value is nil")
	ErrZeroId    = errors.New("id 0 is reserved")
	ErrEmptyName = errors.New("the name is empty")
	ErrIdTaken   = errors.New("the id is already taken")
	ErrNameTaken = errors.New("the name is already taken")
)

// RegisterError says why a codec was not added. Unwrap gives one of ErrNil,
// ErrZeroId, ErrEmptyName, ErrIdTaken and ErrNameTaken.
type RegisterError struct {
	Id   byte
	Name string
	Err  error
}

// Error implements error.
func (e *RegisterError) Error() string {
	return fmt.Sprintf("codec: cannot register codec %q with id %d: %v", e.Name, e.Id, e.Err)
}

// Unwrap gives the reason.
func (e *RegisterError) Unwrap() error { return e.Err }

// UnknownError says that no codec has the id, or the name where Name is set.
type UnknownError struct {
	Id   byte
	Name string
}

// Error implements error.
func (e *UnknownError) Error() string {
	if e.Name != "" {
		return fmt.Sprintf("codec: no codec named %q is registered", e.Name)
	}
	return fmt.Sprintf("codec: no codec with id %d is registered", e.Id)
}

// Add adds c. It refuses, with a *RegisterError, a nil codec, id 0, an empty
// name, and an id or name that this registry itself already holds.
//
// req: TP-CODEC-015
func (r *Registry) Add(c Codec) error {
	if c == nil {
		return &RegisterError{Err: ErrNil}
	}
	id, name := c.Id(), c.Name()
	refuse := func(err error) error { return &RegisterError{Id: id, Name: name, Err: err} }
	if id == NilCodecId {
		return refuse(ErrZeroId)
	}
	if name == "" {
		return refuse(ErrEmptyName)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next := &table{byName: make(map[string]Codec)}
	if old := r.tab.Load(); old != nil {
		if old.byId[id] != nil {
			return refuse(ErrIdTaken)
		}
		if old.byName[name] != nil {
			return refuse(ErrNameTaken)
		}
		next.byId = old.byId
		for k, v := range old.byName {
			next.byName[k] = v
		}
	}
	next.byId[id] = c
	next.byName[name] = c
	r.tab.Store(next)
	return nil
}

// Reg is Add for program start: it panics with the *RegisterError.
func (r *Registry) Reg(c Codec) {
	if err := r.Add(c); err != nil {
		panic(err)
	}
}

// Get finds a codec by id, here first, then in the base; the error is an
// *UnknownError.
func (r *Registry) Get(id byte) (Codec, error) {
	for ; r != nil; r = r.base {
		if t := r.tab.Load(); t != nil && t.byId[id] != nil {
			return t.byId[id], nil
		}
	}
	return nil, &UnknownError{Id: id}
}

// GetByName finds a codec by name, here first, then in the base; the error is
// an *UnknownError.
func (r *Registry) GetByName(name string) (Codec, error) {
	for ; r != nil; r = r.base {
		if t := r.tab.Load(); t != nil && t.byName[name] != nil {
			return t.byName[name], nil
		}
	}
	return nil, &UnknownError{Name: name}
}
