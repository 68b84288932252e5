package packet

import (
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// Env is what packing and unpacking need to know beside the packet. Whoever
// calls Pack or Unpack sets it on the packet. It must not be changed once it
// is in use, and may then be shared by any number of goroutines.
//
// A nil Env, and each zero field, stands for the process's defaults.
type Env struct {
	Limits  Limits
	Codecs  *codec.Registry
	Filters *xfer.Registry
}

// Limit gives the limits in force, no field zero.
func (e *Env) Limit() Limits {
	if e == nil {
		return DefaultLimits()
	}
	return e.Limits.fill()
}

// CodecRegistry gives the codecs in force.
func (e *Env) CodecRegistry() *codec.Registry {
	if e == nil || e.Codecs == nil {
		return codec.Default()
	}
	return e.Codecs
}

// FilterRegistry gives the filters in force.
func (e *Env) FilterRegistry() *xfer.Registry {
	if e == nil || e.Filters == nil {
		return xfer.Default()
	}
	return e.Filters
}
